import Descriptors
import Kernels

/// What is made of two tensors value by value; axes are aligned at the last one, and those of size 1 repeat, as in NumPy.
package protocol PairOperator: StridedOperator {
    var function: PairFunction { get }
}

extension PairOperator {
    package static var inputCount: ClosedRange<Int> { 2...2 }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { try Shape(broadcasting: inputs) }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel { PairKernel(function, places) }

    package static func pairCases(
        tolerance: Double = 1e-3, values: ClosedRange<Float>? = nil
    ) -> [OperatorCase] {
        [
            ([6], [6]), ([2, 3, 2], [2, 3, 2]), ([3, 2, 4], [3, 1, 1]), ([1], [2, 5]), ([2, 1, 4], [3, 1]),
        ].map {
            OperatorCase(inputs: [Shape($0.0), Shape($0.1)], samples: 17, tolerance: tolerance, values: values)
        }
    }
}

extension Shape {
    /// The axes that all of the shapes can be repeated to.
    /// - Throws: `GraphError.shape`
    init(broadcasting shapes: [Shape]) throws {
        var axes: [Int] = []
        for shape in shapes {
            guard let both = broadcastAxes(axes, shape.axes) else {
                throw GraphError.shape(
                    node: "", found: shapes.map(\.description).joined(separator: " and "),
                    expected: "axes that are equal or 1, the last ones side by side")
            }
            axes = both
        }
        self.init(axes)
    }
}

struct PairKernel: StridedKernel {
    private let function: PairFunction
    private let walks: [(walk: PairWalk, starts: [Int])]
    private let gradients: [PairGradient]

    init(_ function: PairFunction, _ places: StridedPlaces) {
        self.function = function
        let (a, b) = (places.inputs[0], places.inputs[1])
        walks = places.output.blocks.map { rows in
            let parts = [a, b, places.output].map { $0.rows(rows, of: places.output) }
            return (PairWalk(a: parts[0].part, b: parts[1].part, y: parts[2].part), parts.map(\.start))
        }
        gradients = [true, false].map { isFirst in
            PairGradient(
                a: a, b: b, dy: places.outputGradient, gradient: places.inputGradients[isFirst ? 0 : 1],
                isFirst: isFirst)
        }
    }

    var tasks: Int { walks.count }
    // Both operands may be the same tensor.
    var gradientTasks: Int { 1 }
    var isPartial: Bool { function.isPartial }

    func forward(_ panel: StridedPanel, task: Int) {
        let starts = walks[task].starts
        walks[task].walk.forward(
            function, panel.inputs[0] + starts[0], panel.inputs[1] + starts[1], to: panel.output + starts[2])
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient else { return }
        for (number, walk) in gradients.enumerated() {
            guard let target = panel.inputGradients?[number] else { continue }
            walk.backward(
                function, dy: dy, panel.inputs[0], panel.inputs[1], to: target, adds: panel.adds![number])
        }
    }
}

extension AxisStrides {
    /// The first axis in blocks of about 64 KiB of sixteen samples.
    var blocks: [Range<Int>] {
        let rows = axes.first ?? 1
        let count = min(rows, max(1, points * 16 / 16_384))
        let parts = Parts(blocks: rows, count: count)
        return (0..<count).map { parts[$0] }
    }

    /// What belongs to some rows of an output: those of its first axis, or all where it repeats.
    func rows(_ rows: Range<Int>, of output: AxisStrides) -> (part: AxisStrides, start: Int) {
        guard let first = axes.first, axes.count == output.axes.count, first > 1 else { return (self, 0) }
        var part = self
        part.axes[0] = rows.count
        return (part, rows.lowerBound * strides[0])
    }
}
