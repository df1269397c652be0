import Graph
import Kernels
import Sparsity

/// The step loop without queue, clock or file: owned by the session, and by a preview for a copy.
package final class Trainer {
    package let plan: TrainingPlan
    package let network: Network
    package var progress: Progress
    /// The recipe as it is followed now, and its parts: what cuts, and when, may be changed while the run is on.
    var recipe: Recipe
    var parts: RecipeParts
    let filler: PanelFiller
    let targets: TargetFiller
    private let augmenter: Augmenter?
    private let distiller: Distiller?
    private var update: NetworkUpdate
    /// The recipe's method, with what it remembers.
    var method: any Sparsity.Method
    /// The same before it was asked last.
    var memoryBefore: HeldMemory?
    /// The method as it was chosen, where it trains in rounds. Asked in every step, which allocates nothing: no cast may stand there.
    private var rounds: (any RoundMethod)?
    /// Positions and places of the weights of a latent method, by layer; nil: to be asked for.
    var latentPlaces: [StoragePlaces?] = []
    /// What the latest step found out for it.
    var found: [Int: [MaskChange.Weight]] = [:]
    /// For those who look: no part of the state.
    var changes = ChangeMemory()
    var auditor: Auditor?
    /// Where the recipe trains under quantisation.
    let quantization: FakeQuantization?
    /// False of a copy that is only timed.
    let measuresRanges: Bool
    let pathGuard: PathGuard
    /// Positions of weights that joined input and output when they were looked at last; nil: to be looked for.
    var heldPath: [(layer: Int, position: Int)]?
    /// What the path's guard did for the latest decision.
    var sparing = Sparing()
    /// Weights of a path that L1 has not shrunk to nothing, by layer and place in storage; nil: to be looked for.
    var pathWeights: [(layer: Int, place: Int)]?
    /// Groups that the mask has; nil: to be made.
    var lassoGroups: LassoGroups?
    /// Of the latest look at validation; in no checkpoint.
    private(set) var activations: [UnitActivity] = []
    /// Whether weights and loss were numbers when they were last measured.
    private(set) var isSound = true
    /// Of `epoch`: the training images in the order they are taken.
    private var order: [Int32] = []
    private var epoch: Int?
    // Kept from step to step, so that a step allocates nothing.
    private var result = LossResult()
    private var scores = FigureScores()
    let kernels: KernelWatch?

    /// What one step did.
    package struct Outcome {
        package var loss: Double
        package var isFinite: Bool
    }

    /// - Parameters:
    ///   - initialize: false where a state is restored at once.
    ///   - startsDense: even where the recipe starts sparse, to time a dense copy.
    ///   - kernelTimes: by which dense or sparse kernels are chosen for layers with a mask; nil: sparse ones.
    package init(
        _ plan: TrainingPlan, team: Team, initialize: Bool = true, startsDense: Bool = false,
        kernelTimes: KernelTimes? = nil
    ) {
        self.plan = plan
        recipe = plan.recipe
        parts = plan.parts
        method = plan.parts.method
        rounds = plan.parts.method as? any RoundMethod
        pathGuard = PathGuard(plan.graph)
        let rounded = plan.quantization?.graph(plan.graph)
        network = Network(
            rounded?.graph ?? plan.graph, capacity: plan.recipe.batch, team: team, trains: true,
            slots: type(of: plan.parts.optimizer).slots, weightSlots: type(of: plan.parts.method).weightSlots.count,
            activationPenalty: Float(plan.recipe.number("activation-l1")))
        quantization = rounded.map { [network] in FakeQuantization(plan.quantization!, network, $0.roundings) }
        measuresRanges = !startsDense
        kernels = kernelTimes.map { [network] in KernelWatch($0, network: network, samples: plan.recipe.batch) }
        filler = PanelFiller(plan.data, network: network)
        targets = TargetFiller(network, plan.comparison, scale: plan.data.targetScale)
        augmenter = Augmenter(plan, network)
        if let parent = plan.parent, let settings = plan.recipe.distillation {
            distiller = Distiller(parent, settings, network: network)
        } else {
            distiller = nil
        }
        update = NetworkUpdate(plan.parts.optimizer, network, latent: plan.parts.method is any LatentMethod)
        progress = Progress(totalSteps: plan.totalSteps, floor: plan.recipe.floor)
        let counts = startsDense ? nil : plan.startCounts
        if initialize {
            sparing.weights = network.initialize(
                seed: plan.recipe.seed, counts: counts, field: plan.parts.method.receptiveField)
        }
        if initialize, let start = plan.start { start.apply(to: network) }
        if counts != nil || plan.start?.isSparse == true { progress.startSparse() }
        if method is any Exchanging, method.initialSparsity(parts.schedule) != nil { progress.explored = [:] }
        if initialize {
            beginLatent()
            keepMemory()
        }
        if plan.recipe.audits { auditor = Auditor() }
        auditor?.allow(state().layers)
    }

    // MARK: State

    /// - Parameter withOptimizer: false leaves the optimizer's arrays out, where only the weights are looked at.
    package func state(withOptimizer: Bool = true) -> TrainingState {
        TrainingState(
            progress: progress,
            layers: network.layers.map {
                LayerState(
                    name: $0.name, arrays: $0.live(withSlots: withOptimizer), total: $0.map.weights,
                    rows: $0.map.rows, isProtected: !$0.isPrunable)
            }, parameters: network.parameters.map { $0.state(withSlots: withOptimizer) })
    }

    /// Where a run of a plan begins.
    package static func beginning(_ plan: TrainingPlan) -> Progress {
        Progress(totalSteps: plan.totalSteps, floor: plan.recipe.floor)
    }

    package func restore(_ state: TrainingState) {
        progress = state.progress
        // The checkpoint's reader has made sure that it is what the method wrote.
        changes = ChangeMemory()
        restoreChoices()
        method = parts.method
        if let memory = progress.methodMemory { try? method.setMemory(memory.text) }
        makeRoom(forgets: false)
        for (parameter, given) in zip(network.parameters, state.parameters) { parameter.set(given) }
        set(state.layers)
        quantization?.follow(progress.ranges)
        stopClock()
        isSound = true
    }

    /// For the arrays of the method at hand.
    /// - Parameter forgets: as many as there are become zero; else they stand.
    func makeRoom(forgets: Bool) {
        let own = type(of: plan.parts.optimizer).slots, count = type(of: method).weightSlots.count
        for layer in network.layers where forgets || layer.slots.count != own + count {
            layer.restartWeightSlots(count, after: own)
            if layer.isSelected { layer.selectAll() }
        }
        update = NetworkUpdate(plan.parts.optimizer, network, latent: method is any LatentMethod)
        rounds = parts.method as? any RoundMethod
        latentPlaces = []
        found = [:]
    }

    func set(_ layers: [LayerState]) {
        kernels?.maskWillChange()
        for (number, given) in layers.enumerated() { set(number, given.arrays) }
        kernels?.times.save()
        auditor?.allow(layers)
    }

    /// Every change of a mask chooses the kernels anew.
    func set(_ number: Int, _ arrays: LayerArrays) {
        maskIsSet(number, nonzeros: arrays.indices?.count)
        network.layers[number].set(arrays)
    }

    /// Before a layer's mask is set.
    /// - Parameter nonzeros: nil: all.
    func maskIsSet(_ number: Int, nonzeros: Int?) {
        if let nonzeros { kernels?.price(number, nonzeros: nonzeros) }
        quantization?.maskChanged(number)
        pathWeights = nil
        lassoGroups = nil
        latentPlaces = []
    }

    // MARK: Steps

    /// One step of the optimizer. The masks do not change here.
    /// - Throws: `AuditError` where the recipe asks for an audit and it finds something.
    package func step() throws -> Outcome {
        try beginQuantization()
        let batch = batch(progress.step)
        for layer in network.layers { layer.forgetOrder() }
        // A short batch says nothing of a whole one.
        let isChecked = batch.count == plan.recipe.batch
        if isChecked { kernels?.stepBegins() }
        part("batch") {
            filler.fill(from: plan.data.train, indices: batch)
            augmenter?.move(batch, step: progress.step)
            targets.fill(from: plan.data.train, indices: batch)
            augmenter?.addNoise(batch, step: progress.step)
        }
        if let distiller { part("parent") { distiller.answer(batch.count) } }
        quantization?.roundWeights()
        let asksMethod = type(of: method).watchesSteps
        let skipsUpdate = asksMethod && beginStep()
        network.forward(samples: batch.count, step: progress.step, seed: plan.recipe.seed)
        part("loss") {
            distiller?.compare()
            plan.loss.evaluate(network.output, targets: targets.batch, wantsGradient: true, into: &result)
            distiller?.mix(into: &result)
        }
        let loss = result.mean
        // Before the way back, which may write gradients over values: `firstNonFiniteLayer` looks at these.
        guard loss.isFinite else {
            quantization?.restoreWeights()
            return Outcome(loss: loss, isFinite: false)
        }
        let figure = plan.figure.format.isAccuracy ? nil : batchFigure()
        network.backward(samples: batch.count)
        quantization?.restoreWeights()
        if asksMethod { pullBack() }
        if !skipsUpdate {
            part("optimizer") {
                update.step(
                    rate: Float(rate(after: progress.step)), number: progress.step + 1 - (progress.forgotAt ?? 0))
            }
            learnRanges(samples: batch.count)
        }
        if asksMethod { endStep() }
        if isChecked { kernels?.stepEnded() }
        progress.step += 1
        progress.record(loss: loss)
        if plan.figure.format.isAccuracy {
            progress.record(correct: result.countOfCorrect, of: batch.count)
        } else {
            progress.record(figure: figure, of: batch.count)
        }
        try auditor?.check(network, step: progress.step)
        return Outcome(loss: loss, isFinite: true)
    }

    /// The figure of the batch at hand, while its outputs are.
    private func batchFigure() -> Double? {
        if let value = plan.figure.value(result) { return value }
        scores.removeAll()
        plan.figure.score(network.output, targets: targets.batch, result: result, into: &scores)
        return plan.figure.judge(scores)?.value
    }

    /// Whether the steps since the latest change of a mask have said which kernels are the faster ones.
    package var knowsKernels: Bool { kernels?.isSettled ?? true }

    private func part<Result>(_ name: String, _ body: () -> Result) -> Result {
        if let profile = network.team.profile { profile.part(name, body) } else { body() }
    }

    /// The images of a step: the epoch's permutation, cut into batches, the last one short.
    package func batch(_ step: Int) -> ArraySlice<Int32> {
        let epoch = step / plan.stepsPerEpoch
        if self.epoch != epoch {
            if order.isEmpty { order = plan.split.train }
            for (place, image) in plan.split.train.enumerated() { order[place] = image }
            CounterRandom(seed: plan.recipe.seed, purpose: .shuffle).shuffle(&order, epoch)
            self.epoch = epoch
        }
        let first = step % plan.stepsPerEpoch * plan.recipe.batch
        return order[first..<min(first + plan.recipe.batch, plan.split.train.count)]
    }

    /// The learning rate of the step that comes after `step`: the newest segment that holds it, else the recipe's.
    package func rate(after step: Int) -> Double {
        let schedule = plan.parts.learningRate
        for segment in progress.segments.reversed() where step >= segment.start && step < segment.start + segment.steps
        {
            return segment.scale * schedule.rate(at: step - segment.start, of: segment.steps)
        }
        if let rounds {
            let round = rounds.round(at: step)
            return schedule.rate(at: round.step, of: round.of)
        }
        return schedule.rate(at: min(step, plan.totalSteps - 1), of: plan.totalSteps)
    }

    /// Restarts the learning rate for `steps` steps from here.
    package func restartRate(steps: Int) {
        progress.segments.append(
            Progress.RateSegment(start: progress.step, steps: steps, scale: plan.recipe.number("retrain-rate")))
        progress.totalSteps = max(progress.totalSteps, progress.step + steps)
    }

    // MARK: Measures

    var totals: [String: Int] { Dictionary(uniqueKeysWithValues: network.layers.map { ($0.name, $0.map.weights) }) }
    package var total: Int { network.layers.reduce(0) { $0 + $1.map.weights } }
    package var nnz: Int { network.layers.reduce(0) { $0 + $1.nnz } }
    package var sparsity: Double { 1 - Double(nnz) / Double(total) }
    package var zeroWeights: Double {
        let nonzero = network.layers.reduce(0) { sum, layer in
            let values = UnsafeBufferPointer(start: layer.values.pointer, count: layer.values.count)
            return sum + values.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
        }
        return 1 - Double(nonzero) / Double(total)
    }

    /// Measures the figure of the validation samples with the network as it is.
    package func validate() -> Reading {
        let evaluation = judging {
            answering {
                Evaluation(
                    network, filler: filler, targets: targets, plan: plan, samples: plan.data.train,
                    indices: plan.split.validation[...], countsActivity: true)!
            }
        }
        progress.activity = evaluation.activity
        activations = evaluation.activations
        isSound = evaluation.loss.isFinite && firstNonFinite() == nil
        let reading = plan.figure.reading(evaluation.scores, step: progress.step)
        progress.validation = reading
        if progress.maskVersion == 0 { progress.denseParent = reading }
        return reading
    }

    /// The test set, once, by `F` or the end of a headless run.
    package func test() -> Reading {
        let indices = (0..<Int32(plan.data.test.count)).map { $0 }
        let evaluation = answering {
            Evaluation(
                network, filler: filler, targets: targets, plan: plan, samples: plan.data.test, indices: indices[...])!
        }
        return plan.figure.reading(evaluation.scores, step: progress.step)
    }
}
