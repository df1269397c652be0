import Graph
import Kernels

extension QuantizedRules {
    /// Normalisations of single samples.
    static func lines(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), read = draft.inputs(number)[0], output = draft.tensors.count
        guard let lines = NormLines(node.op, input: node.inputShapes[0]) else { return }
        guard lines.count <= 1 << 16 else {
            throw QuantizedDraft.Unruled("a line has \(lines.count) values; at most 65536")
        }
        let held = FloatNetwork.parameters(node, draft.float.arrays)
        func values(_ name: String, _ absent: Float) -> [Float] {
            held.first { $0.shape.name == name }?.values ?? [Float](repeating: absent, count: lines.parameters)
        }
        let weights = values("weight", 1), bias = values("bias", 0)
        draft.add(number, fuses: true) { tensors, _ in
            let most = Double(weights.reduce(0) { max($0, abs($1)) })
            // A shift is at most 2³⁰ steps.
            let shift = Double(bias.reduce(0) { max($0, abs($1)) })
            let scale = max(most / 127, shift * 0x1p12 / 0x1p30, 1e-30), x = Double(tensors[read].scale)
            let n = Double(lines.count)
            guard let factor = Requantization(scale * 0x1p-12 / Double(tensors[output].scale)) else {
                throw DeviceProblem(node.name, "normalisation", "its outputs are too small beside its weights")
            }
            return .norm(
                QuantizedNorm(
                    outer: lines.outer, count: lines.count, inner: lines.inner, centers: lines.centers,
                    epsilon: Int64(min((n * n * Double(lines.epsilon) / (x * x)).rounded(), 0x1p60)),
                    stride: lines.stride, weights: weights.map { Int8((Double($0) / scale).rounded()) },
                    bias: bias.map { Int32((Double($0) / (scale * 0x1p-12)).rounded()) }, requantization: factor))
        }
    }
}
