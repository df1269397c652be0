import Descriptors
import Kernels

/// The axes in another order.
package struct Transpose: MoveOperator {
    package static let descriptor = Descriptor(
        name: "transpose", summary: "the axes in another order",
        parameters: [
            Parameter("perm", "for each axis of the output that of the input", .integers(0...7, count: 0...8))
        ])
    package static let cases = [
        OperatorCase(["perm": .integers([1, 0])], inputs: [Shape([3, 5])], samples: 17),
        OperatorCase(["perm": .integers([2, 0, 1])], inputs: [Shape([2, 3, 4])]),
        OperatorCase(["perm": .integers([0, 2, 1, 3])], inputs: [Shape([2, 3, 2, 2])]),
    ]

    package let order: [Int]

    package init(_ arguments: Arguments) throws {
        order = arguments.integers("perm")
        guard order.sorted() == Array(0..<order.count) else {
            throw ArgumentError.outOfRange(
                name: "perm", of: "transpose", value: "\(order)", accepted: "each number from 0 once")
        }
    }
    package init(_ order: [Int]) { self.order = order }

    package var arguments: [String: Value] { ["perm": .integers(order)] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        try Self.check(order.count == inputs[0].rank, found: "\(inputs[0])", expected: "\(order.count) axes")
        return Shape(order.map { inputs[0][$0] })
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        for (axis, from) in order.enumerated() { rule.link(.input(0, axis: from), .output(axis: axis)) }
        return rule
    }
    package func map(_ inputs: [Shape]) throws -> PointMap {
        PointMap(input: inputs[0].axes, from: order, indices: order.map { Array(0..<inputs[0][$0]) })
    }
    package func view(ofInput input: AxisStrides, output: Shape) -> AxisStrides? { input.permuted(order) }
    package func view(ofOutput output: AxisStrides, input: Shape) -> AxisStrides? {
        output.permuted(order.indices.map { order.firstIndex(of: $0)! })
    }
}
