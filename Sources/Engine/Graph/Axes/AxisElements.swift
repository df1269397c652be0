/// A number for each number of each axis of each value of a graph.
package struct AxisElements: Sendable {
    /// Of the input, then of each node: where each axis begins.
    private let starts: [[Int]]
    private let sizes: [[Int]]
    package let count: Int

    package init(_ graph: Graph) {
        var count = 0
        var starts: [[Int]] = [], sizes: [[Int]] = []
        for shape in [graph.input] + graph.nodes.map(\.shape) {
            sizes.append(shape.axes)
            starts.append(
                shape.axes.map { size in
                    defer { count += size }
                    return count
                })
        }
        (self.starts, self.sizes, self.count) = (starts, sizes, count)
    }

    /// - Parameter value: −1 is the input.
    package func first(_ value: Int, axis: Int) -> Int { starts[value + 1][axis] }
    package func range(_ value: Int, axis: Int) -> Range<Int> {
        let start = starts[value + 1][axis]
        return start..<start + sizes[value + 1][axis]
    }
    package func axes(of value: Int) -> Int { starts[value + 1].count }
    package var values: Range<Int> { -1..<starts.count - 1 }

    /// Of a place of a node's rule; nil for a parameter, which follows what it is linked to.
    func range(_ place: AxisRule.Place, of number: Int, _ graph: Graph) -> Range<Int>? {
        switch place {
        case .input(let input, let axis): range(graph.nodes[number].inputs[input], axis: axis)
        case .output(let axis): range(number, axis: axis)
        case .parameter: nil
        }
    }
}
