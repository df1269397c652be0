import Graph
import Kernels
import Sparsity

/// What the recipe's method sees of a step, and does in it.
extension Trainer {
    /// - Parameter counting: steps that are about to be made, counted already.
    func context(counting more: Int = 0) -> StepContext {
        let progress = progress, layers = plan.layers
        var context = StepContext(
            step: progress.step + more, scheduleStep: progress.scheduleStep + more, totalSteps: progress.totalSteps,
            stepsPerEpoch: plan.stepsPerEpoch, learningRate: rate(after: max(0, progress.step + more - 1)),
            seed: plan.recipe.seed, schedule: plan.parts.schedule, masker: plan.parts.masker, layers: layers,
            nnz: network.layers.map(\.nnz)
        ) { [unowned self] in liveWeights($0) }
        if more == 0 { context.gradient = { [unowned self] in network.layers[$0].liveGradient() } }
        let first = type(of: plan.parts.optimizer).slots
        context.kept = { [unowned self] in network.layers[$0].live().slots[first + $1] }
        context.found = more == 0 ? found : [:]
        return context
    }

    /// Before the forward pass.
    /// - Returns: whether the optimizer leaves the step out.
    func beginStep() -> Bool {
        let context = context(counting: 1)
        // While a cut is held back the method's clock stands: no step is the one of an update.
        let stands = progress.heldSince != nil
        for need in stands ? [] : method.needs(of: context) {
            switch need {
            case .growth(let layer, let count): network.layers[layer].probe = GradientProbe(.largest(count))
            case .gradients(let layer, let positions): network.layers[layer].probe = GradientProbe(.at(positions))
            default: preconditionFailure("a step does not answer \(need)")
            }
        }
        withLatent { method, layer in method.prepare(layer, context) }
        return !stands && method.replacesUpdate(context)
    }

    /// After the backward pass.
    func pullBack() {
        found = [:]
        for (number, layer) in network.layers.enumerated() {
            guard let probe = layer.probe else { continue }
            found[number] = (probe.answer ?? []).map { MaskChange.Weight($0.position, $0.value) }
            layer.probe = nil
        }
        let context = context(counting: 1)
        withLatent { method, layer in method.pullBack(layer, context) }
    }

    /// After the optimizer.
    func endStep() {
        let context = context(counting: 1)
        withLatent { method, layer in method.project(layer, context) }
        keepMemory()
    }

    /// Of weights that have just been given.
    func beginLatent() {
        withLatent { method, layer in method.begin(layer) }
    }

    private func withLatent(_ body: (inout any LatentMethod, LayerMemory) -> Void) {
        guard var method = method as? any LatentMethod else { return }
        let first = type(of: plan.parts.optimizer).slots
        for (number, layer) in network.layers.enumerated() where layer.isPrunable && !layer.isFrozen {
            let sizes = plan.layers[number]
            let memory = LayerMemory(
                number: number, weights: sizes, positions: layer.liveIndices(),
                places: layer.pattern?.rowMajorOrder() ?? [], values: layer.values.pointer,
                gradient: layer.gradient.pointer, slots: layer.slots[first...].map(\.pointer))
            body(&method, memory)
            layer.valuesChanged()
        }
        self.method = method
    }

    func keepMemory() {
        // What cannot be written as JSON would be a method's mistake, found by its first test.
        progress.methodMemory = try! method.memoryText()
    }
}
