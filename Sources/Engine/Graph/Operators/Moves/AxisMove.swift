import Kernels

/// An operator that reads its input axis by axis, each by a list of its numbers; −1: what is filled in.
protocol AxisMove: MoveOperator {
    /// For each axis of the output, which are those of the input.
    /// - Throws: `GraphError.shape`
    func indices(_ input: Shape) throws -> [[Int]]
    /// Sizes of the output, without lists that may be long.
    func sizes(_ input: Shape) throws -> [Int]
    /// The same kind of move that might read what is left of an axis; it is asked whether it does.
    func candidate(_ change: AxisChange, _ indices: [[Int]]) throws -> (any AxisMove)?
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
    func candidate(_ change: AxisChange, _ indices: [[Int]]) throws -> (any AxisMove)? { nil }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        for (axis, numbers) in ((try? indices(inputs[0])) ?? []).enumerated() {
            rule.link(.input(0, axis: axis), .output(axis: axis), numbers)
        }
        return rule
    }
    /// What reads the numbers that are left: itself, another of its kind, or where one axis is read by a list, that list.
    package func narrowed(_ change: AxisChange) -> (any Operator)? {
        guard let before = try? indices(change.inputs[0]), let wanted = change.renumbered(before) else { return nil }
        let input = change.newInputs[0]
        for move in [self, (try? candidate(change, wanted)) ?? self] as [any AxisMove] {
            if (try? move.indices(input)) == wanted { return move }
        }
        let moved = wanted.indices.filter { wanted[$0] != Array(0..<input[$0]) }
        guard moved.count <= 1, !wanted.joined().contains(-1) else { return nil }
        return moved.first.map { Gather(wanted[$0], axis: $0) } ?? Gather(wanted[0], axis: 0)
    }
    package func map(_ inputs: [Shape]) throws -> PointMap {
        PointMap(input: inputs[0].axes, from: Array(0..<inputs[0].rank), indices: try indices(inputs[0]))
    }
}
