import Graph
import Kernels
import Sparsity

/// A network that is cut without being trained.
package final class CutNetwork {
    package let plan: TrainingPlan
    package var layers: [LayerState]
    package var parameters: [ParameterState]
    /// The network before the cut.
    package let before: Calibration
    private let dense: (layers: [LayerState], parameters: [ParameterState])
    let normalization: Normalization?
    let team: Team

    /// - Precondition: layers and parameters of the plan's graph.
    package init(
        _ plan: TrainingPlan, layers: [LayerState], parameters: [ParameterState], normalization: Normalization?,
        team: Team
    ) {
        self.plan = plan
        self.layers = layers.map { layer in
            var layer = layer
            layer.arrays.slots = []
            layer.arrays.biasSlots = []
            return layer
        }
        self.parameters = parameters
        dense = (layers, parameters)
        self.normalization = normalization
        self.team = team
        before = Calibration(plan, layers: layers, parameters: parameters, normalization: normalization, team: team)
    }

    package var weightsBefore: [LiveWeights] {
        zip(plan.layers, before.layers).map { LiveWeights($0, indices: $1.indices, values: $1.values) }
    }

    /// Of the network as it is now.
    package func calibration() -> Calibration {
        Calibration(plan, layers: layers, parameters: parameters, normalization: normalization, team: team)
    }

    package func cut(_ masker: Masker, sparsity: Double) throws {
        let weights = zip(plan.layers, layers).map {
            LiveWeights($0, indices: $1.arrays.indices, values: $1.arrays.values)
        }
        let cut = try masker.cut(
            sparsity: sparsity, layers: weights, seed: plan.recipe.seed, step: 0, pathGuard: PathGuard(plan.graph),
            facts: before)
        layers = layers.applying(
            weights.indices.compactMap {
                MaskChange(layer: $0, keep: cut.keep[$0], of: weights[$0], values: cut.values[$0])
            })
    }

    /// Weights that a target asks to be zero and that are not.
    package func missing(_ masker: Masker, sparsity: Double) throws -> Int {
        let live = layers.map(\.arrays.values.count)
        return try masker.asked(sparsity, layers: plan.layers).reduce(0) { $0 + $1.missing(live) }
    }

    /// A cut that was decided elsewhere.
    func apply(_ changes: [MaskChange]) { layers = layers.applying(changes) }

    /// As it was before the cut, to learn from.
    /// - Throws: `FitError` where its outputs are no scores of classes.
    func parent() throws -> ParentNetwork {
        guard plan.loss is SoftmaxCrossEntropy else {
            throw FitError(
                ["loss"],
                "'distillation' softens the scores of classes, and loss '\(type(of: plan.loss).descriptor.name)' compares others"
            )
        }
        return ParentNetwork(
            graph: plan.graph,
            weights: StartWeights(plan.graph, layers: dense.layers.map(\.arrays), parameters: dense.parameters))
    }

    /// As a trainer of the same graph begins with it, with nothing remembered of any training.
    func state(for trainer: Trainer) -> TrainingState {
        let fresh = trainer.state()
        return TrainingState(
            progress: Trainer.beginning(trainer.plan),
            layers: zip(layers, fresh.layers).map { layer, own in
                var layer = layer
                layer.arrays.slots = own.arrays.slots.map { _ in
                    [Float](repeating: 0, count: layer.arrays.values.count)
                }
                layer.arrays.biasSlots = own.arrays.biasSlots.map { $0.map { _ in 0 } }
                return layer
            },
            parameters: zip(parameters, fresh.parameters).map { state, own in
                var state = state
                state.slots = own.slots.map { $0.map { _ in 0 } }
                return state
            })
    }

    func take(_ state: TrainingState) {
        layers = state.layers
        parameters = state.parameters.map { ParameterState(node: $0.node, shape: $0.shape, values: $0.values) }
    }

    /// Whether nothing of a layer was cut, or it has no outputs of its own.
    package func isWhole(_ number: Int) -> Bool {
        layers[number].arrays.indices == nil || layers[number].arrays.bias.isEmpty
    }

    package var normalizes: Bool { plan.graph.nodes.contains { $0.op.traits.contains(.normalizesBatch) } }

    /// To answer with.
    package func network(capacity: Int) -> Network {
        let network = Network(plan.graph, capacity: capacity, team: team, trains: false)
        for (layer, state) in zip(network.layers, layers) { layer.set(state.arrays) }
        for (parameter, state) in zip(network.parameters, parameters) { parameter.set(state) }
        return network
    }
}
