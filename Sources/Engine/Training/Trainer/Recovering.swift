import Graph
import Kernels
import Sparsity

/// What the recipe does right after a large cut, before anybody judges the network.
extension Trainer {
    /// Values after a cut and what makes up for it: found before the cut is made, so that nothing has changed where it cannot be.
    struct Recovered {
        fileprivate var layers: [LayerState]
        fileprivate var parameters: [ParameterState]
    }

    /// A tenth of the weights that there are.
    private static let large = 0.1

    /// - Returns: nil where the recipe asks for nothing, or the changes take less than a tenth of the weights.
    func recovery(from changes: [MaskChange]) throws -> Recovered? {
        guard !parts.recoveries.isEmpty else { return nil }
        let lost = changes.reduce(0) { $0 + $1.drop.count - $1.grow.count }
        guard Double(lost) >= Self.large * Double(nnz), nnz > 0 else { return nil }
        let state = state(withOptimizer: false)
        let cut = CutNetwork(
            plan, layers: state.layers, parameters: state.parameters, normalization: nil, team: network.team)
        cut.apply(changes)
        for recovery in parts.recoveries { try recovery.recover(cut) }
        return Recovered(layers: cut.layers, parameters: cut.parameters)
    }

    /// After the changes were applied.
    func adopt(_ recovered: Recovered) {
        kernels?.maskWillChange()
        for (number, layer) in network.layers.enumerated() {
            var arrays = layer.live()
            let mended = recovered.layers[number].arrays
            guard arrays.values != mended.values || arrays.bias != mended.bias else { continue }
            (arrays.values, arrays.bias) = (mended.values, mended.bias)
            set(number, arrays)
        }
        kernels?.times.save()
        for (parameter, mended) in zip(network.parameters, recovered.parameters) {
            var state = parameter.state(withSlots: true)
            guard state.values != mended.values else { continue }
            state.values = mended.values
            parameter.set(state)
        }
        auditor?.allow(state().layers)
    }

    // MARK: Statistics of before a cut

    /// Whether what batch normalisation remembers is still, to more than one percent, of before the cut of method 'one-shot'.
    /// Nothing else in training reads it, so it is measured again for those who judge.
    var hasStaleStatistics: Bool {
        guard method is Methods.CutOnce, let cut = progress.cuts.last, !cut.byHand else { return false }
        guard !parts.recoveries.contains(where: { $0 is Recoveries.NormStatistics }) else { return false }
        let shares = plan.graph.nodes.compactMap { node -> Double? in
            guard node.op.traits.contains(.normalizesBatch),
                case .number(let share)? = node.op.arguments["momentum"], share > 0, share < 1
            else { return nil }
            return share
        }
        var left = 1.0
        guard let share = shares.min() else { return false }
        for _ in 0..<min(1000, progress.step - cut.step) { left *= 1 - share }
        return left > 0.01
    }

    /// The statistics are those of the network as it is, on calibration samples.
    func measureStatistics() {
        for (parameter, measured) in zip(network.parameters, calibration().normStatistics(1024))
        where parameter.shape.role == .statistic {
            var state = parameter.state(withSlots: true)
            state.values = measured.values
            parameter.set(state)
        }
    }

    /// What `body` gives with statistics that a network after a cut may be judged by; they are as they were afterwards.
    func judging<Result>(_ body: () -> Result) -> Result {
        guard hasStaleStatistics else { return body() }
        let held = network.parameters.map { $0.state(withSlots: true) }
        measureStatistics()
        defer { for (parameter, state) in zip(network.parameters, held) { parameter.set(state) } }
        return body()
    }
}
