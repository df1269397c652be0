import Descriptors
import Kernels

/// Chosen numbers of one axis, in any order.
package struct Gather: AxisMove {
    package static let descriptor = Descriptor(
        name: "gather", summary: "chosen numbers of one axis",
        parameters: [
            Parameter(
                "indices", "which, in order; negative ones from the end",
                .integers(-(1 << 30)...1 << 30, count: 1...1 << 24)),
            Parameter("axis", "of which axis; negative ones from the end", .integer(-8...7), default: .integer(0)),
        ])
    package static let cases = [
        OperatorCase(["indices": .integers([2, 0, 2, -1])], inputs: [Shape([4])], samples: 17),
        OperatorCase(["indices": .integers([1, 0]), "axis": .integer(1)], inputs: [Shape([2, 3, 2])]),
    ]

    package let chosen: [Int]
    package let axis: Int

    package init(_ arguments: Arguments) throws {
        self.init(arguments.integers("indices"), axis: arguments.integer("axis"))
    }
    package init(_ chosen: [Int], axis: Int = 0) {
        self.chosen = chosen
        self.axis = axis
    }

    package var arguments: [String: Value] { ["indices": .integers(chosen), "axis": .integer(axis)] }

    func candidate(_ change: AxisChange, _ indices: [[Int]]) throws -> (any AxisMove)? {
        let axis = try Self.axis(axis, of: change.inputs[0])
        return Gather(indices[axis], axis: axis)
    }

    func indices(_ input: Shape) throws -> [[Int]] {
        let axis = try Self.axis(axis, of: input), size = input[axis]
        var indices = input.axes.map { Array(0..<$0) }
        indices[axis] = try chosen.map { number in
            try Self.check(
                (-size..<size).contains(number), found: "\(input)", expected: "a number \(number) of axis \(axis)")
            return number < 0 ? number + size : number
        }
        return indices
    }
}
