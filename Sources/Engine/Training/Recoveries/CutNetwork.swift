import Graph
import Kernels
import Sparsity

/// A network that is cut without being trained.
package final class CutNetwork {
    package let plan: TrainingPlan
    package internal(set) var layers: [LayerState]
    package internal(set) var parameters: [ParameterState]
    /// The network before the cut.
    package let before: Calibration
    private let normalization: Normalization?
    private let team: Team

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
        self.normalization = normalization
        self.team = team
        before = Calibration(plan, layers: layers, parameters: parameters, normalization: normalization, team: team)
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

    /// Whether nothing of a layer was cut, or it has no outputs of its own.
    func isWhole(_ number: Int) -> Bool { layers[number].arrays.indices == nil || layers[number].arrays.bias.isEmpty }

    package var normalizes: Bool { plan.graph.nodes.contains { $0.op.traits.contains(.normalizesBatch) } }

    /// To answer with.
    package func network(capacity: Int) -> Network {
        let network = Network(plan.graph, capacity: capacity, team: team, trains: false)
        for (layer, state) in zip(network.layers, layers) { layer.set(state.arrays) }
        for (parameter, state) in zip(network.parameters, parameters) { parameter.set(state) }
        return network
    }
}
