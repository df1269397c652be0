import Graph

/// How each operator becomes integers: one line each. Operators that do the same to each value by itself are tables.
enum QuantizedRules {
    typealias Rule = @Sendable (inout QuantizedDraft, _ node: Int) throws -> Void

    static let all: [String: Rule] = [
        "linear": layer, "convolution": layer, "batch-norm": norm,
        "relu": value, "prelu": slopes,
        "add": addition, "sub": difference, "mul": product, "div": quotient,
        "max": { try extreme(&$0, $1, isLargest: true) }, "min": { try extreme(&$0, $1, isLargest: false) },
        "max-pool": largest, "global-max-pool": largest, "average-pool": mean, "global-average-pool": mean,
        "reduce": reduction, "softmax": softmax,
        "identity": copy, "dropout": copy, "constant": constant,
        "flatten": reshape, "reshape": reshape, "squeeze": reshape, "unsqueeze": reshape,
        "transpose": move, "slice": move, "concat": move, "pad": move, "expand": move, "gather": move, "tile": move,
        "spread": move, "resize": resize,
        "matmul": matrix, "embedding": lookup,
        "layer-norm": lines, "rms-norm": lines, "group-norm": lines, "instance-norm": lines,
    ]

    static func copy(_ draft: inout QuantizedDraft, _ node: Int) { draft.pass(node, draft.inputs(node)[0]) }

    static func constant(_ draft: inout QuantizedDraft, _ node: Int) {
        let held = FloatNetwork.parameters(draft.node(node), draft.float.arrays)
        draft.hold(node, constant: held[0].values)
    }

    static func reshape(_ draft: inout QuantizedDraft, _ node: Int) {
        draft.add(node, isTied: true) { _, _ in .reshape }
    }
}
