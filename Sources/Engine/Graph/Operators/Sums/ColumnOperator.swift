import Descriptors
import Kernels

// What operators that sum over axes have in common.
extension Shape {
    /// The number of an axis that may be counted from the end.
    /// - Throws: `GraphError.shape`
    func axis(_ axis: Int) throws -> Int {
        guard (-rank..<rank).contains(axis) else {
            throw GraphError.shape(node: "", found: "\(self)", expected: "an axis \(axis)")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// Numbers of distinct axes, ascending.
    func axes(_ axes: [Int]) throws -> [Int] {
        let numbers = try axes.map { try axis($0) }.sorted()
        guard Set(numbers).count == numbers.count else {
            throw GraphError.shape(node: "", found: "axes \(axes)", expected: "each axis once")
        }
        return numbers
    }

    /// Without some axes, or with 1 in their place.
    func reduced(_ axes: [Int], keeps: Bool) -> Shape {
        Shape(
            (0..<rank).compactMap { axis in axes.contains(axis) ? (keeps ? 1 : nil) : self[axis] })
    }
}

/// Columns cut into tasks of about 64 KiB of sixteen samples.
struct ColumnTasks {
    private let parts: Parts
    init(columns: Int, length: Int) {
        parts = Parts(blocks: columns, count: min(columns, max(1, columns * length * 16 / 16_384)))
    }
    var count: Int { parts.count }
    subscript(task: Int) -> Range<Int> { parts[task] }
}
