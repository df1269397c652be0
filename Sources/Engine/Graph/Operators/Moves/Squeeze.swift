import Descriptors

/// Axes of size 1 taken away.
package struct Squeeze: ReshapeOperator {
    package static let descriptor = Descriptor(
        name: "squeeze", summary: "axes of size 1 taken away",
        parameters: [
            Parameter(
                "axes", "which; none: all of size 1; negative ones from the end", .integers(-8...7, count: 0...8),
                default: .integers([]))
        ])
    package static let cases = [
        OperatorCase(["axes": .integers([-1])], inputs: [Shape([2, 3, 1])]),
        OperatorCase(inputs: [Shape([1, 3, 1, 2])]),
    ]

    package let axes: [Int]

    package init(_ arguments: Arguments) throws { axes = arguments.integers("axes") }
    package init(_ axes: [Int] = []) { self.axes = axes }

    package var arguments: [String: Value] { ["axes": .integers(axes)] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let shape = inputs[0]
        let gone = axes.isEmpty ? (0..<shape.rank).filter { shape[$0] == 1 } : try Self.axes(axes, of: shape)
        try Self.check(
            gone.allSatisfy { shape[$0] == 1 }, found: "\(shape)", expected: "size 1 of the axes \(axes)")
        return Shape((0..<shape.rank).filter { !gone.contains($0) }.map { shape[$0] })
    }
}
