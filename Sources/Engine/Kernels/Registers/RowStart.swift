/// What a kernel's sums begin from.
package enum RowStart {
    /// What y holds.
    case added
    /// Zero; y is overwritten.
    case zero
    /// The bias of the row, (rows); y is overwritten.
    case bias(UnsafePointer<Float>)
}
