import Graph
import Kernels

/// A network of its own for measuring drafts. Used on the measuring queue alone.
final class Measurer: @unchecked Sendable {
    // Unchecked: made once under a lock and then used by one serial queue.
    let plan: TrainingPlan
    private let network: Network
    private let filler: PanelFiller
    private let targets: TargetFiller
    private var known: (copy: NetworkCopy, count: Int, scores: FigureScores)?

    private static let capacity = 256

    static func need(_ copy: NetworkCopy) -> MemoryNeed {
        MemoryNeed(
            running: copy.plan.graph, capacity: capacity, counts: copy.state.layers.map { $0.arrays.values.count })
    }

    init(_ plan: TrainingPlan, threads: Int) {
        self.plan = plan
        network = Network(plan.graph, capacity: Self.capacity, team: Team(size: threads), trains: false)
        filler = PanelFiller(plan.data, network: network)
        targets = TargetFiller(network, plan.comparison, scale: plan.data.targetScale)
    }

    /// Images that can be measured while a person moves a line: 2,000, or 1,000 where an image costs more.
    var firstImages: Int { network.multiplyAdds().dense * 2000 > 1_500_000_000 ? 1000 : 2000 }

    /// The network as it is; kept for the copy, so that a moving line pays for it once.
    func now(_ copy: NetworkCopy, _ count: Int, _ isCancelled: () -> Bool) -> FigureScores? {
        if let known, known.copy.version == copy.version, known.count >= count {
            return known.scores.prefix(count, width: plan.figure.width)
        }
        guard let scores = evaluate(copy.state.layers, copy.state.parameters, count, isCancelled) else { return nil }
        known = (copy, count, scores)
        return scores
    }

    func evaluate(
        _ layers: [LayerState], _ parameters: [ParameterState], _ count: Int, _ isCancelled: () -> Bool
    ) -> FigureScores? {
        for (parameter, state) in zip(network.parameters, parameters) { parameter.set(state) }
        for (layer, state) in zip(network.layers, layers) {
            var arrays = state.arrays
            arrays.slots = []
            arrays.biasSlots = []
            layer.set(arrays)
        }
        return Evaluation(
            network, filler: filler, targets: targets, plan: plan, samples: plan.data.train,
            indices: plan.split.validation[..<count], isCancelled: isCancelled)?.scores
    }
}
