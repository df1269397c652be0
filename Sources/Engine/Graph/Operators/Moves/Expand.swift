import Descriptors
import Kernels

/// Axes of size 1 repeated.
package struct Expand: MoveOperator {
    package static let descriptor = Descriptor(
        name: "expand", summary: "axes of size 1 repeated to fit other axes",
        parameters: [
            Parameter("shape", "axes to repeat to; 1 where the input's stay", .integers(1...1 << 30, count: 0...8))
        ])
    package static let cases = [
        OperatorCase(["shape": .integers([4])], inputs: [Shape([1])], samples: 17),
        OperatorCase(["shape": .integers([2, 3, 4])], inputs: [Shape([3, 1])]),
        OperatorCase(["shape": .integers([2, 1])], inputs: [Shape([1, 5])]),
    ]

    package let shape: [Int]

    package init(_ arguments: Arguments) throws { shape = arguments.integers("shape") }
    package init(_ shape: [Int]) { self.shape = shape }

    package var arguments: [String: Value] { ["shape": .integers(shape)] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { try Shape(broadcasting: [inputs[0], Shape(shape)]) }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        (try? outputShape(inputs)).map { .pointwise(inputs, output: $0) } ?? AxisRule()
    }
    package func narrowed(_ change: AxisChange) -> (any Operator)? { Expand(change.newOutput.axes) }
    package func map(_ inputs: [Shape]) throws -> PointMap {
        let output = try outputShape(inputs).axes
        let input = AxisStrides(axes: inputs[0].axes, lanes: 1).broadcast(to: output)
        return PointMap(axes: output, sources: input.offsets)
    }
}
