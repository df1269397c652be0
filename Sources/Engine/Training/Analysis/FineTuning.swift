import Graph
import Kernels
import Sparsity

/// What is trained beside a run, to be compared with it: its recipe without a method, a floor or an augmentation of its own.
package struct FineTuning {
    package let trainer: Trainer
    private let subject: AnalysedNetwork

    /// - Parameters:
    ///   - graph: nil: that of the network.
    /// - Throws: `MemoryError`, and what a plan throws.
    package init(_ subject: AnalysedNetwork, graph: Graph? = nil, threads: Int) throws {
        let plan = try TrainingPlan(
            subject.plan.recipe.fineTuning, data: subject.plan.data,
            starting: StartingNetwork(graph: graph ?? subject.graph),
            targetScale: subject.plan.data.targetScale,
            parent: subject.plan.parent.map(ParentChoice.kept) ?? .none)
        try plan.requireMemory()
        self.subject = subject
        trainer = Trainer(plan, team: Team(size: threads))
    }

    /// The weights of the subject, or of a cut of it, with nothing remembered of their training.
    package func restart(_ layers: [LayerState]) {
        let fresh = trainer.state()
        let given = zip(layers, fresh.layers).map { layer, own in
            var layer = layer
            layer.arrays.slots = own.arrays.slots.map { _ in
                [Float](repeating: 0, count: layer.arrays.values.count)
            }
            layer.arrays.biasSlots = own.arrays.biasSlots.map { $0.map { _ in 0 } }
            return layer
        }
        let parameters = zip(subject.parameters, fresh.parameters).map { state, own in
            var state = state
            state.slots = own.slots.map { $0.map { _ in 0 } }
            return state
        }
        trainer.restore(
            TrainingState(progress: Trainer.beginning(trainer.plan), layers: given, parameters: parameters))
    }

    /// Only these positions of each layer are left of what is there, by name; nil: as it is.
    package func mask(_ positions: [[Int]?]) {
        var changes: [MaskChange] = []
        for (number, layer) in trainer.network.layers.enumerated() {
            guard let kept = positions[number] else { continue }
            let live = layer.live(withSlots: false)
            let stays = Set(kept)
            let all = live.indices ?? Array(0..<layer.map.weights)
            changes.append(MaskChange(layer: number, drop: all.filter { !stays.contains($0) }))
        }
        trainer.apply(changes, event: 0)
    }

    /// - Returns: false where the loss became none.
    package func train(steps: Int, isCancelled: () -> Bool = { false }) throws -> Bool {
        for _ in 0..<steps {
            if isCancelled() { return false }
            guard try trainer.step().isFinite else { return false }
        }
        return true
    }

    /// As it stands now.
    package var network: AnalysedNetwork {
        let state = trainer.state(withOptimizer: false)
        return AnalysedNetwork(
            plan: trainer.plan, graph: trainer.plan.graph, layers: state.layers, parameters: state.parameters,
            step: state.progress.step)
    }
}
