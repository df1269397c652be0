import Descriptors
import Kernels

/// A part of some axes, from a start to before an end, by steps.
package struct Slice: AxisMove {
    package static let descriptor = Descriptor(
        name: "slice", summary: "a part of some axes",
        parameters: [
            Parameter("starts", "first number; negative ones from the end", .integers(Int.min...Int.max, count: 1...8)),
            Parameter("ends", "number behind the last", .integers(Int.min...Int.max, count: 1...8)),
            Parameter(
                "axes", "which; none: the first ones", .integers(-8...7, count: 0...8), default: .integers([])),
            Parameter(
                "steps", "from one to the next; none: 1", .integers(Int.min...Int.max, count: 0...8),
                default: .integers([])),
        ])
    package static let cases = [
        OperatorCase(["starts": .integers([2]), "ends": .integers([5])], inputs: [Shape([7])], samples: 17),
        OperatorCase(
            [
                "starts": .integers([-1, 1]), "ends": .integers([-100, 100]), "axes": .integers([2, 0]),
                "steps": .integers([-2, 1]),
            ],
            inputs: [Shape([3, 2, 5])]),
    ]

    package let starts, ends, axes, steps: [Int]

    package init(_ arguments: Arguments) throws {
        try self.init(
            starts: arguments.integers("starts"), ends: arguments.integers("ends"), axes: arguments.integers("axes"),
            steps: arguments.integers("steps"))
    }
    package init(starts: [Int], ends: [Int], axes: [Int] = [], steps: [Int] = []) throws {
        self.starts = starts
        self.ends = ends
        self.axes = axes.isEmpty ? Array(starts.indices) : axes
        self.steps = steps.isEmpty ? [Int](repeating: 1, count: starts.count) : steps
        guard [ends.count, self.axes.count, self.steps.count].allSatisfy({ $0 == starts.count }) else {
            throw ArgumentError.outOfRange(
                name: "ends", of: "slice", value: "\(ends)", accepted: "starts, ends, axes and steps, as many of each")
        }
        guard !self.steps.contains(0) else {
            throw ArgumentError.outOfRange(name: "steps", of: "slice", value: "\(steps)", accepted: "no 0")
        }
    }

    package var arguments: [String: Value] {
        [
            "starts": .integers(starts), "ends": .integers(ends), "axes": .integers(axes), "steps": .integers(steps),
        ]
    }

    func candidate(_ change: AxisChange, _ indices: [[Int]]) throws -> (any AxisMove)? {
        var starts = starts, ends = ends
        for (place, axis) in axes.enumerated() {
            let numbers = indices[try Self.axis(axis, of: change.inputs[0])]
            guard let first = numbers.first, let last = numbers.last else { return nil }
            starts[place] = first
            // Going down to the first number, the end lies before it.
            let end = last + (steps[place] > 0 ? 1 : -1)
            ends[place] = end < 0 ? Int.min : end
        }
        return try Slice(starts: starts, ends: ends, axes: axes, steps: steps)
    }

    func indices(_ input: Shape) throws -> [[Int]] {
        var indices = input.axes.map { Array(0..<$0) }
        for (number, axis) in axes.enumerated() {
            let axis = try Self.axis(axis, of: input), size = input[axis], step = steps[number]
            // As ONNX clamps them: going down, from the last to before the first.
            let low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1
            func place(_ number: Int) -> Int {
                let place = number < 0 ? max(number, -size - 1) + size : number
                return min(max(place, low), high)
            }
            let (start, end) = (place(starts[number]), place(ends[number]))
            // A step beyond the axis takes the first alone, and none overflows.
            indices[axis] = Array(stride(from: start, to: end, by: min(max(step, -size - 1), size + 1)))
        }
        return indices
    }
}
