import Descriptors

/// The same values in their order under other axes.
package struct Reshape: ReshapeOperator {
    package static let descriptor = Descriptor(
        name: "reshape", summary: "the same values in their order under other axes",
        parameters: [
            Parameter(
                "shape", "axes of a sample; one may be -1: what is left", .integers(-1...1 << 30, count: 0...8))
        ])
    package static let cases = [
        OperatorCase(["shape": .integers([4, 3])], inputs: [Shape([2, 6])]),
        OperatorCase(["shape": .integers([2, -1])], inputs: [Shape([2, 3, 4])]),
        OperatorCase(["shape": .integers([2, 1, 3, 2])], inputs: [Shape([12])]),
    ]

    package let shape: [Int]

    package init(_ arguments: Arguments) throws { shape = arguments.integers("shape") }
    package init(_ shape: [Int]) { self.shape = shape }

    package var arguments: [String: Value] { ["shape": .integers(shape)] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let features = inputs[0].features, known = shape.filter { $0 >= 0 }
        // What overflows fits no input.
        let product = known.reduce(1) { $0 > features ? $0 : $0 * $1 }
        let open = shape.count - known.count
        let fits = open == 0 ? product == features : open == 1 && product > 0 && features % product == 0
        try Self.check(fits, found: "\(inputs[0])", expected: "as many values as \(Shape(shape))")
        return Shape(shape.map { $0 < 0 ? features / product : $0 })
    }
}
