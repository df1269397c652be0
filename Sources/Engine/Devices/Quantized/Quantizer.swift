import Graph
import Kernels
import Models

/// Makes a network of integers of one of floats, without training.
package struct Quantizer {
    package let float: FloatNetwork
    let draft: QuantizedDraft
    /// Name of a logarithm at the end that is left out.
    private let leftOut: String?

    /// - Throws: `DeviceProblem` with every node that has no rule.
    package init(_ graph: Graph, _ arrays: ModelArrays) throws {
        let whole = Self.withoutLastLogarithm(graph)
        leftOut = whole.nodes.count < graph.nodes.count ? graph.nodes.last?.name : nil
        float = FloatNetwork(whole, arrays)
        draft = try QuantizedDraft(float)
    }

    /// A logarithm of shares at the end changes no order of the answers, and what is before it says as much.
    private static func withoutLastLogarithm(_ graph: Graph) -> Graph {
        guard let last = graph.nodes.last, type(of: last.op).descriptor.name == "log-softmax", graph.nodes.count > 1
        else { return graph }
        return (try? Graph(input: graph.input, Array(graph.entries.dropLast()))) ?? graph
    }

    /// - Parameters:
    ///   - images: what tensors' ranges are measured on, at least one.
    ///   - notes: get what is worth a person's knowledge.
    /// - Throws: `DeviceProblem` where a range is without end or fits no rule.
    package func network(
        _ images: [[Float]], _ choice: any RangeChoice, notes: inout [String]
    ) throws -> QuantizedNetwork {
        try network(ranges(images, choice), notes: &notes)
    }

    /// - Parameter ranges: one for each tensor, in order.
    /// - Throws: `DeviceProblem` where a range fits no rule.
    package func network(_ ranges: [TensorRange], notes: inout [String]) throws -> QuantizedNetwork {
        precondition(fits(ranges))
        if let leftOut {
            notes.append("'\(leftOut)': the last logarithm is left out; the order of the answers is the same")
        }
        var tensors: [QuantizedTensor] = []
        for (number, tensor) in draft.tensors.enumerated() {
            let (scale, zero) = ranges[number].steps
            var made = QuantizedTensor(name: tensor.name, axes: tensor.axes, scale: scale, zero: zero)
            made.constant = tensor.constant.map { $0.map(made.quantized) }
            tensors.append(made)
        }
        let nodes = try draft.steps.map { step in
            let output = tensors[step.output]
            return QuantizedNode(
                name: step.name, kind: step.kind, inputs: step.inputs, output: step.output,
                low: step.limits.low == -.infinity ? -128 : Int32(output.quantized(step.limits.low)),
                high: step.limits.high == .infinity ? 127 : Int32(output.quantized(step.limits.high)),
                rule: try step.rule(tensors, &notes))
        }
        return QuantizedNetwork(tensors: tensors, nodes: nodes)
    }

    /// By the first tensor of those with one scale.
    func firstRanges(_ images: [[Float]], _ choice: any RangeChoice) throws -> [Int: ClosedRange<Float>] {
        var ends: [Int: (low: Float, high: Float)] = [:]
        func widen(_ first: Int, _ values: [Float]) {
            var (low, high) = ends[first] ?? (0, 0)
            for value in values {
                if value < low { low = value }
                if !(value <= high) { high = value }
            }
            ends[first] = (low, high)
        }
        let measured = draft.tensors.indices.filter { draft.tensors[$0].constant == nil }
        for (number, tensor) in draft.tensors.enumerated() { widen(draft.first(number), tensor.constant ?? []) }
        float.forEachValue(images) { _, values in
            for number in measured { widen(draft.first(number), values[draft.tensors[number].source + 1]) }
        }
        for (number, tensor) in draft.tensors.enumerated() {
            let (low, high) = ends[draft.first(number)]!
            guard low.isFinite, high.isFinite else {
                throw DeviceProblem(tensor.name, "value", "it is not finite on the calibration samples")
            }
        }
        var histograms = ends.mapValues { ValueHistogram(low: $0.low, high: $0.high) }
        if !(choice is MinMaxRange) {
            float.forEachValue(images) { _, values in
                for number in measured {
                    histograms[draft.first(number)]!.add(values[draft.tensors[number].source + 1])
                }
            }
            for (number, tensor) in draft.tensors.enumerated() {
                if let constant = tensor.constant { histograms[draft.first(number)]!.add(constant) }
            }
        }
        return histograms.mapValues(choice.range)
    }
}
