import Descriptors
import Graph
import Kernels
import Models

extension DeviceProgram {
    /// A network of float32. Batch normalisations behind a layer are folded into it.
    /// - Throws: `C99Problem` that names every node that C does not know.
    init(_ whole: Graph, _ given: ModelArrays) throws {
        isQuantized = false
        let folded = FoldedNorms(whole, given)
        let graph = folded?.graph ?? whole, arrays = folded?.arrays ?? given
        tensors = [DeviceTensor(name: Graph.inputName, axes: graph.input.axes)]
        var problems: [String] = []
        var tensorOf: [Int: Int] = [-1: 0]
        for (number, node) in graph.nodes.enumerated() {
            let inputs = node.inputs.map { tensorOf[$0]! }
            let parameters = node.op.parameters(node.inputShapes).map { shape in
                arrays.parameters["\(node.name).\(shape.name)"]
                    ?? [Float](repeating: shape.initial, count: shape.count)
            }
            if node.op is Constant {
                tensors.append(DeviceTensor(name: node.name, axes: node.shape.axes, constant: .floats(parameters[0])))
                tensorOf[number] = tensors.count - 1
                continue
            }
            // A limit is what the node before it does when it stores.
            if case .limit(let limits)? = node.op.valueKind, let last = nodes.last, last.output == inputs[0],
                last.limits == .none, last.storesLimited, graph.readers(of: node.inputs[0]) == [number]
            {
                nodes[nodes.count - 1].limits = limits
                tensorOf[number] = inputs[0]
                continue
            }
            let lowering = DeviceLowering(
                node: node, owner: node.weightsOf.map { graph.nodes[$0].name } ?? node.name, arrays: arrays,
                parameters: parameters)
            guard let rule = lowering.rule() else {
                problems.append("'\(node.name)' (\(type(of: node.op).descriptor.name))")
                tensorOf[number] = 0
                continue
            }
            tensors.append(DeviceTensor(name: node.name, axes: node.shape.axes))
            nodes.append(
                DeviceNode(
                    name: node.name, kind: type(of: node.op).descriptor.name, inputs: inputs,
                    output: tensors.count - 1, rule: rule))
            tensorOf[number] = tensors.count - 1
        }
        guard problems.isEmpty else {
            throw C99Problem(nodes: problems, reason: "the C exporter does not know these operators")
        }
        guard !nodes.isEmpty else { throw C99Problem(nodes: [], reason: "the network computes nothing") }
    }
}

extension DeviceNode {
    fileprivate var storesLimited: Bool {
        switch rule {
        case .sums, .pair, .scale: true
        default: false
        }
    }
}

/// What one node of a graph is in C; nil where nobody has written that down.
struct DeviceLowering {
    let node: Graph.Node
    let owner: String
    let arrays: ModelArrays
    let parameters: [[Float]]

    private var shapes: [Shape] { node.inputShapes }

    func rule() -> DeviceRule? {
        switch node.op {
        case let op as any ValueOperator: return .values(op.function.expression)
        case is ReLU: return .values("x > 0.0f ? x : 0.0f")
        case is Dropout, is any ReshapeOperator, is Flatten: return .reshape
        case let op as any MoveOperator:
            return (try? op.map(shapes)).map { .move(sources: $0.sources, filling: op.filling) }
        case let op as Resize: return resized(op)
        case is MaxPool, is GlobalMaxPool, is AveragePool, is GlobalAveragePool: return pool()
        case is BatchNorm:
            let states = zip(node.op.parameters(shapes), parameters).map {
                ParameterState(node: node.name, shape: $0, values: $1)
            }
            return node.op.planeScale(states).map { .scale(slopes: $0.slopes, shifts: $0.shifts) }
        case let op as any PairOperator: return .pair(pairs(), op.function.expression)
        case is Where:
            return .choice(axes: node.shape.axes, strides: shapes.map { strides($0, broadcastTo: node.shape) })
        case is PReLU:
            let slopes = parameters[0]
            let own =
                slopes.count == 1
                ? node.shape.axes.map { _ in 0 }
                : slopes.count == node.shape.features
                    ? DeviceLayout(node.shape.axes).strides(node.shape.axes)
                    : node.shape.axes.indices.map { $0 == 0 ? 1 : 0 }
            return .slopes(slopes, strides: own)
        case is Embedding:
            guard let weights = arrays.weights[owner], let shape = node.weightShape else { return nil }
            return .lookup(weights, rows: shape.rows, features: shape.columns)
        case is Linear, is Convolution: return sums()
        default: return alongAxes()
        }
    }

    private func sums() -> DeviceRule? {
        guard let shape = node.weightShape, let weights = arrays.weights[owner] else { return nil }
        let live = weights.indices.filter { weights[$0] != 0 }
        let isSparse = live.count < weights.count
        let input = shapes[0], isFlat = node.op is Linear
        return .sums(
            DeviceSums(
                rows: shape.rows, channels: shape.channels, groups: shape.groups, window: shape.window,
                height: isFlat ? 1 : input.height, width: isFlat ? 1 : input.width,
                outputHeight: isFlat ? 1 : node.shape.height, outputWidth: isFlat ? 1 : node.shape.width,
                indices: isSparse ? live : nil, values: .floats(isSparse ? live.map { weights[$0] } : weights),
                floatBias: arrays.biases[owner] ?? [Float](repeating: 0, count: shape.rows)))
    }

    private func pool() -> DeviceRule? {
        let input = shapes[0]
        guard case .window(let window) = node.op.reach(shapes) else { return nil }
        let area = QuantizedWindow(
            channels: input.channels, height: input.height, width: input.width,
            outputHeight: node.shape.height, outputWidth: node.shape.width, window: window.window)
        if node.op is MaxPool || node.op is GlobalMaxPool { return .largest(area) }
        let countsPads = node.op.arguments["count-include-pad"] == .boolean(true)
        return .mean(QuantizedMean(area: area, countsPads: countsPads, counts: []))
    }

    private func resized(_ op: Resize) -> DeviceRule {
        let points = op.terms(input: shapes[0], output: node.shape)
        if op.mode == .nearest { return .move(sources: points.map { Int32($0[0].source) }, filling: 0) }
        var starts: [Int32] = [0]
        for terms in points { starts.append(starts.last! + Int32(terms.count)) }
        return .blend(
            starts: starts, sources: points.joined().map { Int32($0.source) },
            weights: .floats(points.joined().map { Float($0.weight) }))
    }

    private func pairs() -> QuantizedPairs {
        QuantizedPairs(
            axes: node.shape.axes, aStrides: strides(shapes[0], broadcastTo: node.shape),
            bStrides: strides(shapes[1], broadcastTo: node.shape))
    }

    private func strides(_ shape: Shape, broadcastTo output: Shape) -> [Int] {
        let own = DeviceLayout(shape.axes).strides(shape.axes), missing = output.rank - shape.rank
        return output.axes.indices.map { axis in
            axis < missing || shape[axis - missing] == 1 ? 0 : own[axis - missing]
        }
    }
}

extension PlaneNetwork {
    /// One image from its values to those of its answer.
    package func answer(_ image: [Float], outputs: Int) -> [Float] {
        let memory = memory(), answer = FloatBuffer(count: outputs)
        image.withUnsafeBufferPointer { run(memory, team: nil, image: $0.baseAddress!, answer: answer.pointer) }
        return answer.array
    }
}
