import Kernels

/// An operator that reads its input axis by axis, each by a list of its numbers; −1: what is filled in.
protocol AxisMove: MoveOperator {
    /// For each axis of the output, which are those of the input.
    /// - Throws: `GraphError.shape`
    func indices(_ input: Shape) throws -> [[Int]]
    /// Sizes of the output, without lists that may be long.
    func sizes(_ input: Shape) throws -> [Int]
}

extension AxisMove {
    func sizes(_ input: Shape) throws -> [Int] { try indices(input).map(\.count) }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let sizes = try sizes(inputs[0])
        try Self.check(
            sizes.allSatisfy { $0 > 0 }, found: "\(inputs[0])",
            expected: "one value and more to be left of it, not \(Shape(sizes))")
        return Shape(sizes)
    }
    package func map(_ inputs: [Shape]) throws -> PointMap {
        PointMap(input: inputs[0].axes, from: Array(0..<inputs[0].rank), indices: try indices(inputs[0]))
    }
}
