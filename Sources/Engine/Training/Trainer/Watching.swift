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
            seed: plan.recipe.seed, schedule: parts.schedule, masker: parts.masker, layers: layers,
            nnz: network.layers.map(\.nnz)
        ) { [unowned self] in liveWeights($0) }
        context.graph = plan.graph
        if more == 0 {
            context.gradient = { [unowned self] in network.layers[$0].liveGradient() }
            context.gradientOfSome = { [unowned self] in network.layers[$0].liveGradient(of: $1) }
        }
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
            case .rowGrowth(let layer, let count, let each):
                network.layers[layer].probe = GradientProbe(.largestOfRows(count, each: each))
            case .gradients(let layer, let positions): network.layers[layer].probe = GradientProbe(.at(positions))
            default: preconditionFailure("a step does not answer \(need)")
            }
        }
        withLatent { $0.beginStep($1, context) }
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
        withLatent { $0.endPass($1, context) }
        if let method = method as? any ObservingMethod {
            for memory in memories() { method.observe(memory, context) }
        }
    }

    /// After the optimizer.
    func endStep() {
        let context = context(counting: 1)
        withLatent { $0.endStep($1, context) }
        keepMemory()
    }

    /// Of weights that have just been given.
    func beginLatent() {
        let step = progress.scheduleStep
        withLatent { method, layers in
            for layer in layers {
                for place in layer.places.map(Int.init) {
                    let slots = method.allSlots(of: layer.values[place], layer: layer.number, step: step)
                    for (slot, value) in slots.enumerated() { layer.slots[slot][place] = value }
                }
            }
        }
    }

    private func withLatent(_ body: (inout any LatentMethod, [LayerMemory]) -> Void) {
        guard var method = method as? any LatentMethod else { return }
        body(&method, memories())
        for layer in network.layers where layer.isLatent { layer.valuesChanged() }
        self.method = method
    }

    private func memories() -> [LayerMemory] {
        let first = type(of: plan.parts.optimizer).slots
        if latentPlaces.isEmpty { latentPlaces = network.layers.map { _ in nil } }
        var memories: [LayerMemory] = []
        for (number, layer) in network.layers.enumerated() where layer.isLatent {
            let held =
                latentPlaces[number]
                ?? StoragePlaces(
                    positions: layer.liveIndices(), places: layer.rowMajorOrder(), count: layer.values.count)
            latentPlaces[number] = held
            memories.append(
                LayerMemory(
                    number: number, weights: plan.layers[number], storage: held, values: layer.values.pointer,
                    gradient: layer.gradient.pointer,
                    slots: layer.slots[first...].map(\.pointer), optimizerSlots: layer.slots[..<first].map(\.pointer),
                    isSelected: layer.isSelected,
                    select: {
                        guard let some = $0 else { return layer.selectAll() }
                        layer.select(computing: some.computing, learning: some.learning)
                    }
                ) { [team = network.team] in team.run(tasks: $0, $1) })
        }
        return memories
    }

    func keepMemory() {
        progress.methodMemory = method.heldMemory()
    }
}

extension WeightLayer {
    /// Whether a latent method makes its weights.
    var isLatent: Bool { isPrunable && !isFrozen }
}

extension Trainer {
    /// What the method keeps for a weight that comes with a value; nil: zeros.
    var slotsOfGrown: ((_ layer: Int, _ value: Float) -> [Float])? { method.slotsOfGrown(progress) }
}

extension TrainingPlan {
    /// The same of a state of the run.
    func slotsOfGrown(_ progress: Progress) -> ((_ layer: Int, _ value: Float) -> [Float])? {
        let chosen = progress.choices == nil ? nil : try? recipe.choosing(progress.choices).parts()
        return (chosen ?? parts).method.slotsOfGrown(progress)
    }
}

extension Sparsity.Method {
    fileprivate func slotsOfGrown(_ progress: Progress) -> ((_ layer: Int, _ value: Float) -> [Float])? {
        guard var method = self as? any LatentMethod else { return nil }
        if let memory = progress.methodMemory { try? method.setMemory(memory.text) }
        let step = progress.scheduleStep
        return { method.allSlots(of: $1, layer: $0, step: step) }
    }
}
