/// Nested loops over axes, where several tensors have strides of their own. Axes that lie one within the other in all of them are one.
struct CLoops {
    private(set) var counts: [Int] = []
    /// By axis, then by tensor.
    private(set) var strides: [[Int]] = []

    init(_ axes: [(count: Int, strides: [Int])]) {
        for axis in axes where axis.count > 1 {
            if let last = strides.last, let count = counts.last,
                zip(last, axis.strides).allSatisfy({ $0 == $1 * axis.count })
            {
                counts[counts.count - 1] = count * axis.count
                strides[strides.count - 1] = axis.strides
            } else {
                counts.append(axis.count)
                strides.append(axis.strides)
            }
        }
        if counts.isEmpty {
            counts = [1]
            strides = [axes.first.map { $0.strides.map { _ in 0 } } ?? []]
        }
    }

    /// `name[…]` of a tensor in the innermost loop.
    func place(_ name: String, _ tensor: Int, letter: String = "i") -> String {
        let terms = counts.indices.compactMap { axis -> String? in
            guard tensor < strides[axis].count else { return nil }
            let stride = strides[axis][tensor]
            return stride == 0 ? nil : stride == 1 ? "\(letter)\(axis)" : "\(letter)\(axis) * \(stride)"
        }
        return "\(name)[\(terms.isEmpty ? "0" : terms.joined(separator: " + "))]"
    }

    /// Loops around lines, from a depth on.
    func around(_ body: [String], indent: Int, letter: String = "i") -> [String] {
        var lines: [String] = []
        for (axis, count) in counts.enumerated() {
            let name = "\(letter)\(axis)"
            let space = String(repeating: " ", count: indent + 4 * axis)
            let isLast = axis == counts.count - 1
            lines.append(
                "\(space)for (int \(name) = 0; \(name) < \(count); \(name)++)\(isLast && body.count > 1 ? " {" : "")")
        }
        let inner = String(repeating: " ", count: indent + 4 * counts.count)
        lines += body.map { inner + $0 }
        if body.count > 1 { lines.append(String(repeating: " ", count: indent + 4 * (counts.count - 1)) + "}") }
        return lines
    }
}
