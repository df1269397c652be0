import Graph
import Kernels
import Sparsity

/// Cuts of a network by its recipe's criterion, granularity, distribution and refinement, at its weights as they are.
final class AnalysisCutter {
    private let subject: AnalysedNetwork
    private let masker: Masker
    private let weights: [LiveWeights]
    private let pathGuard: PathGuard
    private let source: Calibration?

    /// - Throws: `AnalysisError` where the criterion reads what only training knows.
    init(_ subject: AnalysedNetwork, threads: Int) throws {
        self.subject = subject
        masker = subject.plan.parts.masker
        weights = subject.weights
        pathGuard = PathGuard(subject.graph)
        guard !masker.needs.isEmpty else {
            source = nil
            return
        }
        let name = type(of: masker.criterion).descriptor.name
        for case .kept(let kept) in masker.needs {
            throw AnalysisError("criterion '\(name)' reads '\(kept)', which only its method keeps while it trains")
        }
        guard subject.plan.layers.map(\.total) == subject.layers.map(\.total) else {
            throw AnalysisError("criterion '\(name)' needs the network of the recipe, and this one has other sizes")
        }
        source = Calibration(
            subject.plan, layers: subject.layers, parameters: subject.parameters,
            normalization: subject.normalization, team: Team(size: threads))
    }

    /// Whether a cut runs calibration samples through a network, so that cuts cannot be made at the same time.
    var isCalibrated: Bool { source != nil }

    /// The layers after a cut of the whole network.
    func layers(cutTo sparsity: Double) throws -> [LayerState] {
        let cut = try masker.cut(
            sparsity: sparsity, layers: weights, seed: subject.plan.recipe.seed, step: subject.step,
            pathGuard: pathGuard, facts: source)
        return subject.layers.applying(
            weights.indices.compactMap {
                MaskChange(layer: $0, keep: cut.keep[$0], of: weights[$0], values: cut.values[$0])
            })
    }

    /// What cuts one layer alone; nil where nothing goes.
    func change(of layer: Int, to sparsity: Double) throws -> MaskChange? {
        try Self.change(of: layer, to: sparsity, weights, subject.plan, source)
    }

    /// The same on any thread, by a criterion that needs no more than weights.
    static func change(
        of layer: Int, to sparsity: Double, _ weights: [LiveWeights], _ plan: TrainingPlan,
        _ source: (any FactSource)? = nil
    ) throws -> MaskChange? {
        guard sparsity > 0 else { return nil }
        let masker = plan.parts.masker
        let alone = Masker(
            criterion: masker.criterion, granularity: masker.granularity,
            distribution: try Distributions.make(
                "by-hand", ["layers": .numbersByName([weights[layer].name: min(sparsity, 0.9999)])]),
            refinement: masker.refinement)
        do {
            let cut = try alone.cut(sparsity: sparsity, layers: weights, seed: plan.recipe.seed, step: 0, facts: source)
            return MaskChange(layer: layer, keep: cut.keep[layer], of: weights[layer], values: cut.values[layer])
        } catch SparsityError.nothingToCut {
            // Of a kind that the granularity never cuts.
            return nil
        }
    }
}
