import Descriptors

/// Nodes that are part of another: what is added to each row of a layer is its bias, the mean of each channel is a pool.
struct Joining {
    private(set) var plan: Plan
    private let output: Int

    init(_ plan: Plan, output: Int) {
        self.plan = plan
        self.output = output
        joinBiases()
        nameOperators()
    }

    private func shape(_ value: Int) -> [Int] { plan.values[value].shape }

    private mutating func joinBiases() {
        var makers: [Int: Int] = [:], readers: [Int: Int] = [output: 1]
        for (number, node) in plan.nodes.enumerated() {
            makers[node.output] = number
            for input in node.inputs { readers[input, default: 0] += 1 }
        }
        for number in plan.nodes.indices where plan.nodes[number].op == "add" {
            let node = plan.nodes[number]
            for (own, other) in [(0, 1), (1, 0)] where node.inputs.count == 2 {
                guard let constant = plan.values[node.inputs[other]].constant, readers[node.inputs[own]] == 1,
                    shape(node.inputs[own]) == shape(node.output),
                    let layer = layer(of: node.inputs[own], adding: constant.shape, makers, readers)
                else { continue }
                plan.nodes[layer].bias = constant.reshaped([constant.values.count])
                plan.nodes[layer].addsComputedBias = constant.origin == nil
                if let origin = constant.origin, constant.isParameter {
                    for ending in [".bias", "_bias"] where origin.name.hasSuffix(ending) {
                        rename(layer, String(origin.name.dropLast(ending.count)))
                    }
                }
                plan.nodes[number].op = "identity"
                plan.nodes[number].inputs = [node.inputs[own]]
                plan.nodes[number].arguments = [:]
                break
            }
        }
    }

    private mutating func rename(_ number: Int, _ name: String) {
        // A layer that the file names by its weights keeps that name.
        guard let weight = plan.nodes[number].weight, !weight.isParameter || weight.origin == nil,
            !plan.nodes.contains(where: { $0.name == name })
        else { return }
        plan.nodes[number].name = name
    }

    /// The layer whose rows a constant of this shape is added to, with nothing between but moves that nobody else reads.
    private func layer(of value: Int, adding constant: [Int], _ makers: [Int: Int], _ readers: [Int: Int]) -> Int? {
        let last = constant.last ?? 1
        var at = value, isTurned = false
        while let number = makers[at] {
            let node = plan.nodes[number]
            if node.weight != nil {
                guard node.bias == nil, node.op == "convolution" || node.op == "linear" else { return nil }
                let rows = node.weight!.shape[0]
                if node.op == "linear" || isTurned {
                    // Rows are the last axis, and the constant has no other.
                    return last == rows && constant.reduce(1, *) == rows && shape(value).last == rows ? number : nil
                }
                // Rows are the first axis of an image.
                let axes = shape(value)
                return at == value && constant.count == axes.count && constant.first == rows
                    && constant.reduce(1, *) == rows ? number : nil
            }
            guard readers[node.inputs.first ?? -1] == 1 else { return nil }
            switch node.op {
            case "transpose":
                guard !isTurned, Simplification.order(node) == [1, 0] else { return nil }
                isTurned = true
            case "reshape":
                // Points may be told apart; the features stay the last axis.
                guard !isTurned, shape(node.inputs[0]).last == shape(node.output).last else { return nil }
            default: return nil
            }
            at = node.inputs[0]
        }
        return nil
    }

    /// Operators of images where general ones do as much.
    private mutating func nameOperators() {
        let pools = [(Value.text("mean"), "global-average-pool"), (.text("max"), "global-max-pool")]
        for number in plan.nodes.indices {
            let node = plan.nodes[number]
            guard node.op == "reduce", shape(node.inputs[0]).count == 3, node.arguments["axes"] == .integers([1, 2]),
                node.arguments["keep"] == .boolean(true),
                let pool = pools.first(where: { node.arguments["kind"] == $0.0 })
            else { continue }
            plan.nodes[number].op = pool.1
            plan.nodes[number].arguments = [:]
        }
    }
}
