/// What a kernel's sums begin from.
package enum RowStart {
    /// What y holds.
    case added
    /// Zero; y is overwritten.
    case zero
    /// The bias of the row, (rows); y is overwritten.
    case bias(UnsafePointer<Float>)

    /// Of a row; nil: what it holds.
    @inline(__always)
    func value(_ row: Int) -> Float? {
        switch self {
        case .added: nil
        case .zero: 0
        case .bias(let bias): bias[row]
        }
    }
}
