import Descriptors

/// New axes of size 1.
package struct Unsqueeze: ReshapeOperator {
    package static let descriptor = Descriptor(
        name: "unsqueeze", summary: "new axes of size 1",
        parameters: [
            Parameter(
                "axes", "their numbers in the output; negative ones from the end", .integers(-8...7, count: 1...8))
        ])
    package static let cases = [
        OperatorCase(["axes": .integers([0, -1])], inputs: [Shape([2, 3])]),
        OperatorCase(["axes": .integers([1])], inputs: [Shape([5])]),
    ]

    package let axes: [Int]

    package init(_ arguments: Arguments) throws { axes = arguments.integers("axes") }
    package init(_ axes: [Int]) { self.axes = axes }

    package var arguments: [String: Value] { ["axes": .integers(axes)] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let rank = inputs[0].rank + axes.count
        try Self.check(
            rank <= Shape.mostAxes, found: "\(inputs[0])", expected: "at most \(Shape.mostAxes) axes with the new ones")
        var sizes = inputs[0].axes
        for axis in try Self.axes(axes, of: Shape([Int](repeating: 1, count: rank))) { sizes.insert(1, at: axis) }
        return Shape(sizes)
    }
}
