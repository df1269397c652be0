/// One axis of a value in the file: a size, the batch, or a product of sizes with the batch among them (N·heads).
struct FileAxis: Equatable, CustomStringConvertible {
    /// What stands before the batch in the product; the whole size where the batch is not in it.
    var before: Int
    var hasBatch: Bool
    var after: Int

    init(_ size: Int) { (before, hasBatch, after) = (size, false, 1) }
    private init(before: Int, after: Int) { (self.before, hasBatch, self.after) = (before, true, after) }

    static let batch = FileAxis(before: 1, after: 1)
    static func batch(before: Int, after: Int) -> FileAxis { FileAxis(before: before, after: after) }

    /// Points of one sample along it.
    var size: Int { before * after }
    var isBatchAlone: Bool { hasBatch && size == 1 }
    var whole: Whole { hasBatch ? Whole(0, batch: size) : Whole(before) }
    /// Nil where the batch is in it.
    var fixed: Int? { hasBatch ? nil : before }

    var description: String {
        guard hasBatch else { return "\(before)" }
        return (before == 1 ? "" : "\(before)·") + "N" + (after == 1 ? "" : "·\(after)")
    }
}

/// The axes of a value in the file. A sample's tensor has the same order of points with the batch taken out: an axis that is
/// the batch alone is none of its axes.
struct FileShape: Equatable, CustomStringConvertible {
    var axes: [FileAxis]

    init(_ axes: [FileAxis]) { self.axes = axes }
    init(sizes: [Int]) { axes = sizes.map { FileAxis($0) } }

    var rank: Int { axes.count }
    var sample: [Int] { axes.filter { !$0.isBatchAlone }.map(\.size) }
    var batchAxis: Int? { axes.firstIndex { $0.hasBatch } }
    var hasBatch: Bool { batchAxis != nil }
    var wholes: [Whole] { axes.map(\.whole) }
    var description: String { "[" + axes.map(\.description).joined(separator: ", ") + "]" }

    /// Axis of the sample that an axis of the file is; nil for the batch alone.
    func sampleAxis(_ axis: Int) -> Int? {
        axes[axis].isBatchAlone ? nil : axes[..<axis].count { !$0.isBatchAlone }
    }

    /// Points of a sample that stand before the batch, in the order of the file.
    var pointsBeforeBatch: Int {
        guard let batchAxis else { return 1 }
        return axes[..<batchAxis].reduce(1) { $0 * $1.size } * axes[batchAxis].before
    }
}

/// Products of sizes that a file gives: nil where they are beyond what is counted with here.
func checkedProduct(_ sizes: [Int]) -> Int? {
    var product = 1
    for size in sizes {
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        guard !overflow, next < 1 << 48 else { return nil }
        product = next
    }
    return product
}
