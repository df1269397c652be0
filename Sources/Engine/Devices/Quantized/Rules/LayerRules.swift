import Graph
import Kernels
import Models

extension QuantizedRules {
    static func layer(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), arrays = draft.float.arrays
        guard let shape = node.weightShape else { return }
        let owner = node.weightsOf.map { draft.node($0).name } ?? node.name
        let weights = arrays.weights[owner]!, bias = arrays.biases[owner] ?? [Float](repeating: 0, count: shape.rows)
        sums(&draft, number, shape, weights, bias)
    }

    /// A normalisation that is no part of a layer: a weight for each channel.
    static func norm(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number)
        guard let scale = node.op.planeScale(FloatNetwork.parameters(node, draft.float.arrays)) else { return }
        let channels = node.shape.channels
        let shape = WeightShape(rows: channels, channels: channels, groups: channels)
        sums(&draft, number, shape, scale.slopes, scale.shifts)
    }

    private static func sums(
        _ draft: inout QuantizedDraft, _ number: Int, _ shape: WeightShape, _ weights: [Float], _ bias: [Float]
    ) {
        let node = draft.node(number), input = draft.inputs(number)[0], output = draft.tensors.count
        if node.weightShape != nil { draft.layerInputs[node.name] = input }
        draft.add(number, fuses: true) { tensors, notes in
            let rows = try QuantizedRows(
                node, shape, weights, bias, x: tensors[input].scale, y: tensors[output].scale, &notes)
            let (from, to) = (node.inputShapes[0], node.shape)
            let isImage = from.features != shape.channels
            return .sums(
                QuantizedSums(
                    rows: shape.rows, channels: shape.channels, groups: shape.groups, window: shape.window,
                    height: isImage ? from.height : 1, width: isImage ? from.width : 1,
                    outputHeight: to.height, outputWidth: to.width, indices: rows.indices, values: rows.values,
                    bias: rows.bias, requantizations: rows.requantizations, weightScales: rows.scales))
        }
    }
}

/// The weights of a layer in steps, row by row: symmetric, so that zero is zero.
struct QuantizedRows {
    private(set) var indices: [Int]?
    private(set) var values: [Int8] = []
    private(set) var bias: [Int32] = []
    private(set) var requantizations: [Requantization] = []
    private(set) var scales: [Float] = []

    /// A row whose bias or whose sums would not fit into 32 bits gets wider steps, which is said.
    /// - Parameter x, y: scales of input and output.
    init(
        _ node: Graph.Node, _ shape: WeightShape, _ weights: [Float], _ bias: [Float], x: Float, y: Float,
        _ notes: inout [String]
    ) throws {
        var live: [Int] = [], widened = 0
        for row in 0..<shape.rows {
            let first = row * shape.columns, held = weights[first..<first + shape.columns]
            guard shape.columns < 1 << 21 else {
                throw DeviceProblem(node.name, "layer", "a row reads \(shape.columns) inputs; at most 2097151")
            }
            let found = RowScale(
                largest: held.reduce(0) { max($0, abs($1)) }, total: held.reduce(0.0) { $0 + Double(abs($1)) },
                columns: shape.columns, bias: Double(bias[row]), input: x)
            let scale = found.scale
            if found.isWidened { widened += 1 }
            scales.append(scale)
            for (place, weight) in zip(first..., held) {
                let steps = Int8(weightSteps(weight, scale: scale))
                guard steps != 0 else { continue }
                live.append(place)
                values.append(steps)
            }
            let steps = (Double(bias[row]) / (Double(x) * Double(scale))).rounded()
            self.bias.append(Int32(min(max(steps, -0x1p30), 0x1p30)))
            guard let factor = Requantization(Double(x) * Double(scale) / Double(y)) else {
                throw DeviceProblem(node.name, "layer", "its outputs are too small beside its inputs and weights")
            }
            requantizations.append(factor)
        }
        indices = live.count == shape.weights ? nil : live
        if widened > 0 {
            notes.append("'\(node.name)': \(widened) rows have wider steps, so that their sums fit into 32 bits")
        }
    }
}
