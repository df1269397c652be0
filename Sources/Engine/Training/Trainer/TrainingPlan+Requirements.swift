import Graph
import Sparsity

/// What is said before the first step.
extension TrainingPlan {
    /// What is known to go wrong later, of a run that has not begun: one that has may be as it is.
    /// - Throws: `SparsityError` where the method could never cut what it is asked to; `GraphError` where batch
    ///   normalization would see one value a channel, of which it makes zero, whatever the value is.
    package func requireTrainable() throws {
        if type(of: parts.method).usesSchedule, parts.schedule.final > 0 { try parts.masker.requireReachable(layers) }
        try parts.method.require(layers, masker: parts.masker)
        try Self.requireKept(parts)
        try Self.requireRecoverable(parts)
        try requireQuantizable()
        if let node = graph.nodes.first(where: { $0.op.traits.contains(.hasNoGradient) }) {
            throw GraphError.shape(
                node: node.name, found: "for '\(type(of: node.op).descriptor.name)', which has no gradient",
                expected: "operators with one, to be trained; a network with this one can only answer")
        }
        if let node = nodeOfOneValue {
            throw GraphError.shape(node: node.name, found: node.found, expected: node.expected)
        }
    }

    /// Weights that a method makes of others have no values of their own that could be mended.
    static func requireRecoverable(_ parts: RecipeParts) throws {
        guard parts.method is any LatentMethod,
            let recovery = parts.recoveries.first(where: { !($0 is Recoveries.NormStatistics) })
        else { return }
        throw FitError(
            ["recover", "method"],
            "'recover: \(type(of: recovery).descriptor.name)' changes weights, and those of method "
                + "'\(type(of: parts.method).descriptor.name)' are made of others; 'norm-statistics' goes with it")
    }

    /// Ranges of random weights would say nothing of those that are trained.
    private func requireQuantizable() throws {
        guard let quantization, quantization.beginStep == 0, start == nil else { return }
        throw FitError(
            ["quantize.begin", "quantize"],
            "'quantize' begins with the first step, on random weights; accepted: 'begin' above 0 (as in {bits: 8, begin: 0.75}), "
                + "or a network that was trained ('--from', or 'network: {file: …}')")
    }

    /// What the criterion reads of the method is what the method keeps.
    static func requireKept(_ parts: RecipeParts) throws {
        let criterion = parts.masker.criterion, kept = type(of: parts.method).weightSlots
        for case .kept(let name) in criterion.needs where !kept.contains(name) {
            let keeper = Methods.all.first { $0.weightSlots.contains(name) }
            throw SparsityError.needsMethod(
                criterion: type(of: criterion).descriptor.name, method: keeper?.descriptor.name ?? name,
                found: type(of: parts.method).descriptor.name)
        }
    }

    /// The first batch norm that gets one value a channel in some batch of an epoch.
    package var nodeOfOneValue: (name: String, found: String, expected: String)? {
        let images = split.train.count, last = images % recipe.batch
        guard min(recipe.batch, images) == 1 || last == 1,
            let node = graph.nodes.first(where: { $0.op.traits.contains(.normalizesBatch) && $0.shape.isFlat })
        else { return nil }
        let found =
            recipe.batch == 1 || images == 1
            ? "one value a channel in a batch of one image"
            : "one value a channel in the last batch of an epoch, the one image that is left of \(images)"
        return (node.name, found, "two or more, to normalise by: another 'batch'")
    }

    /// To be called before the network is made.
    /// - Throws: `MemoryError`, `DataError.tooManyWeights`.
    package func requireMemory() throws {
        try memory.require(
            recipe.networkName, to: "train",
            hint: startCounts == nil
                ? "; method static-sparse with criterion random, or one that exchanges weights (gse, set, rigl), starts sparse "
                    + "and needs memory for its nonzeros alone"
                : "")
        // Positions of weights are 32 bits wide.
        for (number, layer) in layers.enumerated() {
            let count = startCounts?[number] ?? layer.total
            guard count <= Int(Int32.max) else {
                throw DataError.tooManyWeights(layer: layer.name, found: count, accepted: Int(Int32.max))
            }
        }
    }
}
