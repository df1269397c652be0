import Descriptors
import Kernels

/// An operator that only moves values: each point of its output is a point of an input, or a constant.
package protocol MoveOperator: StridedOperator {
    /// The points of all inputs counted through, one input after the other.
    func map(_ inputs: [Shape]) throws -> PointMap
    /// What stands where no point does.
    var filling: Float { get }
    /// Where the points of its output lie in memory that holds its one input so; nil where they have no strides there.
    func view(ofInput input: AxisStrides, output: Shape) -> AxisStrides?
    /// Where the points of its one input lie in memory that holds its output so. Nil also where the output does not hold each
    /// point once.
    func view(ofOutput output: AxisStrides, input: Shape) -> AxisStrides?
}

extension MoveOperator {
    package var filling: Float { 0 }
    package func view(ofInput input: AxisStrides, output: Shape) -> AxisStrides? { nil }
    package func view(ofOutput output: AxisStrides, input: Shape) -> AxisStrides? { nil }
    package func reach(_ inputs: [Shape]) -> PointReach { (try? map(inputs)).map(PointReach.points) ?? .everything }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        // Shapes were accepted when the graph was built.
        let map = try! map(places.inputs.map { Shape($0.axes) })
        return MoveKernel(
            forward: MoveRuns(map, inputs: places.inputs, output: places.output),
            back: MoveRuns(map, inputs: places.inputGradients, output: places.outputGradient), filling: filling)
    }

    /// The number of an axis that may be counted from the end.
    static func axis(_ axis: Int, of shape: Shape) throws -> Int {
        guard (-shape.rank..<shape.rank).contains(axis) else {
            throw GraphError.shape(
                node: "", found: "\(shape)", expected: "an axis \(axis); it has \(shape.rank)")
        }
        return axis < 0 ? axis + shape.rank : axis
    }

    /// Numbers of distinct axes, ascending.
    static func axes(_ axes: [Int], of shape: Shape) throws -> [Int] {
        let numbers = try axes.map { try axis($0, of: shape) }.sorted()
        guard Set(numbers).count == numbers.count else {
            throw GraphError.shape(node: "", found: "axes \(axes)", expected: "each axis once")
        }
        return numbers
    }

    static func check(_ holds: Bool, found: @autoclosure () -> String, expected: @autoclosure () -> String) throws {
        if !holds { throw GraphError.shape(node: "", found: found(), expected: expected()) }
    }
}

/// An operator that gives the same values in their order other axes.
package protocol ReshapeOperator: MoveOperator {}

extension ReshapeOperator {
    package var traits: OperatorTraits { .reshapes }
    package func view(ofInput input: AxisStrides, output: Shape) -> AxisStrides? { input.reshaped(to: output.axes) }
    package func view(ofOutput output: AxisStrides, input: Shape) -> AxisStrides? { output.reshaped(to: input.axes) }
    package func map(_ inputs: [Shape]) throws -> PointMap {
        try PointMap(axes: outputShape(inputs).axes, sources: (0..<Int32(inputs[0].features)).map { $0 })
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .samePoint }
    /// Whatever it was, what is left lies in its order under what is left of the axes.
    package func narrowed(_ change: AxisChange) -> (any Operator)? {
        (try? outputShape(change.newInputs)) == change.newOutput ? self : Reshape(change.newOutput.axes)
    }
}

struct MoveKernel: StridedKernel {
    private let runs: MoveRuns
    private let back: MoveRuns
    private let filling: Float
    private let inputs: Int

    init(forward: MoveRuns, back: MoveRuns, filling: Float) {
        (runs, self.back, self.filling) = (forward, back, filling)
        inputs = forward.inputs
    }

    /// Runs are long or many: some thousand points a task.
    var tasks: Int { max(1, min(runs.count, runs.points / 1024)) }
    var gradientTasks: Int { 1 }

    func forward(_ panel: StridedPanel, task: Int) {
        let part = Parts(blocks: runs.count, count: tasks)[task]
        runs.forward(runs: part, inputs: panel.inputs, to: panel.output, constant: filling)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient else { return }
        for number in 0..<inputs {
            guard let target = panel.inputGradients?[number] else { continue }
            back.backward(dy: dy, input: number, to: target, adds: panel.adds![number])
        }
    }
}
