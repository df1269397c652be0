import Descriptors
import Kernels

/// Tensors side by side along one axis.
package struct Concat: MoveOperator {
    package static let descriptor = Descriptor(
        name: "concat", summary: "tensors side by side along one axis",
        parameters: [Parameter("axis", "along which; negative ones from the end", .integer(-8...7))])
    package static let inputCount = 1...64
    package static let cases = [
        OperatorCase(["axis": .integer(0)], inputs: [Shape([3]), Shape([5])], samples: 17),
        OperatorCase(["axis": .integer(-1)], inputs: [Shape([2, 3]), Shape([2, 1]), Shape([2, 2])]),
        OperatorCase(["axis": .integer(1)], inputs: [Shape([2, 1, 3]), Shape([2, 2, 3])]),
        OperatorCase(["axis": .integer(0)], inputs: [Shape([2, 2])]),
    ]

    package let axis: Int

    package init(_ arguments: Arguments) throws { axis = arguments.integer("axis") }
    package init(axis: Int) { self.axis = axis }

    package var arguments: [String: Value] { ["axis": .integer(axis)] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        let axis = try Self.axis(axis, of: inputs[0])
        var sizes = inputs[0].axes
        for input in inputs.dropFirst() {
            let fits = input.rank == sizes.count && sizes.indices.allSatisfy { $0 == axis || input[$0] == sizes[$0] }
            try Self.check(
                fits, found: inputs.map(\.description).joined(separator: " and "),
                expected: "the same axes but for number \(axis)")
            sizes[axis] += input[axis]
        }
        return Shape(sizes)
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        guard let output = try? outputShape(inputs), let axis = try? Self.axis(axis, of: output) else { return rule }
        var first = 0
        for (number, input) in inputs.enumerated() {
            for other in 0..<output.rank where other != axis {
                rule.link(.input(number, axis: other), .output(axis: other))
            }
            rule.link(
                .input(number, axis: axis), .output(axis: axis),
                (0..<output[axis]).map { first <= $0 && $0 < first + input[axis] ? $0 - first : -1 })
            first += input[axis]
        }
        return rule
    }
    package func map(_ inputs: [Shape]) throws -> PointMap {
        let output = try outputShape(inputs), axis = try Self.axis(axis, of: output)
        let outer = (0..<axis).reduce(1) { $0 * output[$1] }
        var sources: [Int32] = []
        sources.reserveCapacity(output.features)
        for row in 0..<outer {
            var first = 0
            for input in inputs {
                let count = input.features / outer
                for point in 0..<count { sources.append(Int32(first + row * count + point)) }
                first += input.features
            }
        }
        return PointMap(axes: output.axes, sources: sources)
    }
}
