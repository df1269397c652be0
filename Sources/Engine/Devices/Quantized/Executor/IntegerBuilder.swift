import Graph
import Kernels

/// Makes the steps of a network. A rule whose channels and rows are not those of the tensor's axes has tensors of its own, and the values
/// are recast.
struct IntegerBuilder {
    var plan: IntegerPlan
    private(set) var steps: [any IntegerStep] = []

    init(_ network: QuantizedNetwork) { plan = IntegerPlan(network) }

    mutating func add(_ node: QuantizedNode) {
        let inputs = node.inputs.map { plan.tensors[$0] }, output = plan.tensors[node.output]
        switch node.rule {
        case .sums(let sums) where sums.isOfFeatures:
            steps.append(FeatureSums(sums, node, input: inputs[0], output: output, &plan))
        case .sums(let sums): add(sums, node, inputs[0], output)
        case .table(let table):
            let shape = inputs[0].shape
            between(inputs[0], output, shape, shape) { TableRows(table, input: $0, output: $1) }
        case .addition(let addition):
            steps.append(
                AddedPlanes(addition, node, inputs, output)
                    ?? PairPoints(.addition(addition), addition.pairs, node, inputs, output))
        case .product(let pairs, let factor):
            steps.append(PairPoints(.product(factor), pairs, node, inputs, output))
        case .extreme(let pairs, let isLargest):
            steps.append(PairPoints(.extreme(isLargest: isLargest), pairs, node, inputs, output))
        case .largest(let area):
            between(inputs[0], output, area.input, area.output) { LargestPoints(area, input: $0, output: $1) }
        case .mean(let mean):
            between(inputs[0], output, mean.area.input, mean.area.output) {
                MeanPoints(mean, node, input: $0, output: $1)
            }
        case .softmax(let softmax):
            steps.append(SoftmaxLines(softmax, node, input: inputs[0], output: output, &plan))
        case .move(let sources): steps.append(MovedPoints(sources, inputs, output))
        case .reshape: steps.append(Recast(inputs[0], to: output, &plan))
        case .matrix(let matrix): add(matrix, node, inputs, output)
        case .norm(let norm):
            steps.append(
                NormedNeighbours(norm, node, input: inputs[0], output: output, &plan)
                    ?? NormedLines(norm, node, input: inputs[0], output: output))
        case .lookup(let lookup): steps.append(LookedUpRows(lookup, input: inputs[0], output: output))
        case .blend(let blend): steps.append(BlendedPoints(blend, node, input: inputs[0], output: output))
        }
    }

    /// Adds a step for tensors of these shapes.
    private mutating func between(
        _ input: IntegerTensor, _ output: IntegerTensor, _ read: Shape, _ written: Shape,
        _ make: (_ input: IntegerTensor, _ output: IntegerTensor) -> any IntegerStep
    ) {
        var (from, to) = (input, output)
        if !input.isAlike(read) {
            from = plan.tensor(read, zero: input.zero)
            steps.append(Recast(input, to: from, &plan))
        }
        if !output.isAlike(written) { to = plan.tensor(written, zero: output.zero) }
        steps.append(make(from, to))
        if !output.isAlike(written) { steps.append(Recast(to, to: output, &plan)) }
    }

    private mutating func add(
        _ matrix: QuantizedMatrix, _ node: QuantizedNode, _ inputs: [IntegerTensor], _ output: IntegerTensor
    ) {
        if let step = MatrixPoints(matrix, node, inputs, output, &plan) { return steps.append(step) }
        // Side by side they lie evenly, whatever their axes are.
        let beside = (inputs + [output]).map { plan.tensor(Shape([$0.count]), zero: $0.zero) }
        for (input, other) in zip(inputs, beside) { steps.append(Recast(input, to: other, &plan)) }
        steps.append(MatrixPoints(matrix, node, Array(beside.dropLast()), beside.last!, &plan)!)
        steps.append(Recast(beside.last!, to: output, &plan))
    }

    private mutating func add(
        _ sums: QuantizedSums, _ node: QuantizedNode, _ input: IntegerTensor, _ output: IntegerTensor
    ) {
        let window = sums.window, isAdjacent = window.stride == KernelWindow.Axes(1)
        let border = isAdjacent ? window.pads.widest : 0
        let columns = isAdjacent ? sums.outputWidth : PlanePhases.columns(width: sums.outputWidth, window)
        let read = Shape([sums.channels, sums.height, sums.width])
        let written = Shape([sums.rows, sums.outputHeight, sums.outputWidth])
        if input.isAlike(read), output.isAlike(written), !input.layout.isCompact, !output.layout.isCompact,
            input.layout.border >= border, output.layout.pitch >= columns,
            !isAdjacent || input.layout.pitch == output.layout.pitch
        {
            steps.append(PointSums(sums, node, input: input, output: output, &plan))
            return
        }
        let pitch = isAdjacent ? max(sums.width + border, columns) : columns
        let from = plan.planes(read, border: border, pitch: isAdjacent ? pitch : sums.width, zero: input.zero)
        let to = plan.planes(written, border: 0, pitch: pitch, zero: output.zero)
        steps.append(Recast(input, to: from, &plan))
        steps.append(PointSums(sums, node, input: from, output: to, &plan))
        steps.append(Recast(to, to: output, &plan))
    }
}

extension QuantizedWindow {
    fileprivate var input: Shape { Shape([channels, height, width]) }
    fileprivate var output: Shape { Shape([channels, outputHeight, outputWidth]) }
}
