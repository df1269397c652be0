import Foundation
import Graph
import Interchange
import Sparsity
import Text

/// Units that leave the network of a run for good, and the way back.
extension Session {
    func shrink(_ given: Shrinking) throws {
        guard try isSound() else { return }
        let graph = trainer.plan.graph
        let shrunk: ShrunkNetwork, shrinking: Shrinking, plan: TrainingPlan
        do {
            let arrays = trainer.state(withOptimizer: false).arrays
            let time = AnswerTime(threads: 1)
            // What a clock says is counted, and the count is what is done and repeated.
            shrinking =
                given.target == .latency
                ? given.counted(try given.shrunk(graph, arrays, measure: time.seconds)) : given
            shrunk = try shrinking.shrunk(graph, arrays)
            plan = try beginning.on(shrunk.graph)
        } catch {
            throw Refusal("not shrunk: \(error)")
        }
        guard !shrunk.isWhole else {
            let reason = shrunk.stays.first.map { "; \($0.count) that do nothing stay: \($0.reason)" } ?? ""
            return report(.note, "no unit can go\(reason)")
        }
        try plan.requireMemory()
        try write(.shrink(shrinking))

        let before =
            trainer.progress.validation?.step == trainer.progress.step
            ? trainer.progress.validation! : validate()
        if trainer.progress.maskVersion == 0, trainer.progress.step > 0 { trainer.progress.denseParent = before }
        trainer.progress.scheduleHeld = nil
        // Files first: where one cannot be written nothing has changed.
        let state = trainer.state()
        let parameters = (graph.parameterCount, shrunk.graph.parameterCount)
        var next = state.following(shrunk)
        next.progress = try followed(next.progress, shrunk)
        let event = next.progress.history.last!.event + 1
        try keepForUndo(state)
        memory.nextRemoval += next.progress.removals.count
        exchange(for: newTrainer(plan))
        trainer.restore(next)
        lastGood = trainer.state()

        let atOnce = validate()
        let label = "shrunk to \(Percent.named(Double(parameters.1) / Double(max(1, parameters.0))))"
        trainer.progress.history.append(
            HistoryEntry(
                event: event, kind: .cut, label: label, step: trainer.progress.step, figure: atOnce.value,
                isCurrent: true, kept: trainer.network.layers.map(\.nnz)))
        trainer.progress.cuts.append(
            CutMark(event: event, step: trainer.progress.step, sparsity: trainer.sparsity, byHand: true))
        lastGood = trainer.state()
        try record(validated: true)
        report(
            .note,
            "#\(event) \(label) of the parameters (\(parameters.0) → \(parameters.1)): \(figure.number(before.value)) → "
                + "\(figure.text(atOnce.value)) at once")
        for stay in shrunk.stays { report(.note, "\(stay.count) that do nothing stay: \(stay.reason)") }
        for sentence in shrunk.approximations { report(.warning, "the answers changed a little: \(sentence)") }
        if trainer.parts.method.nextCut(
            after: trainer.progress.scheduleStep, schedule: trainer.parts.schedule) != nil
        {
            report(.warning, "the schedule goes on: its zeros are counted in the network that is left")
        }
    }

    /// What else follows, with the files of weights that may come back.
    private func followed(_ given: Progress, _ shrunk: ShrunkNetwork) throws -> Progress {
        var progress = given
        progress.closeStretch()
        try run.requireOwnCheckpoints()
        progress.removals = []
        var id = memory.nextRemoval
        for held in given.removals {
            var removal = try Removal.read(run.removal(held), totals: trainer.totals).following(shrunk)
            guard !removal.layers.isEmpty else { continue }
            removal.id = id
            try removal.write(to: run.removal(id))
            progress.removals.append(id)
            id += 1
        }
        // States of another network: nothing leads back to them but undo.
        (progress.keptForFloor, progress.missedLooks, progress.best) = (nil, nil, nil)
        let names = Set(shrunk.graph.nodes.filter { $0.ownWeights != nil }.map(\.name))
        progress.lastCuts = progress.lastCuts.filter { names.contains($0.key) }
        progress.activity = [:]
        progress.explored = nil
        // Counts of layers that were larger compare with nothing any more.
        for number in progress.history.indices {
            progress.history[number].kept = progress.history[number].kind == .start ? [] : nil
        }
        if let layers = shrunk.layers?.layers {
            var method = trainer.method
            method.layersAreLeft(layers)
            progress.methodMemory = method.heldMemory()
        }
        progress.maskVersion += 1
        return progress
    }

    // MARK: Another network

    /// A state in a file, and a trainer for its network where that is not the one at hand.
    func checkpoint(_ path: String) throws -> (Checkpoint, Trainer?) {
        let plan = try Checkpoint.plan(of: path, beginning)
        let isSame =
            plan.isNarrowed == trainer.plan.isNarrowed
            && (!plan.isNarrowed || NodeList(plan.graph) == NodeList(trainer.plan.graph))
        if !isSame { try plan.requireMemory() }
        let other = isSame ? nil : newTrainer(plan)
        let there = try Checkpoint.read(
            path, network: (other ?? trainer).network, recipe: recipe.yaml, figure: figure)
        return (there, other)
    }

    func newTrainer(_ plan: TrainingPlan) -> Trainer {
        Trainer(plan, team: trainer.network.team, initialize: false, kernelTimes: options.kernelTimes)
    }

    func exchange(for other: Trainer) {
        trainer = other
        // Of the network that there was.
        denseProbe = DenseProbe()
        speed = SpeedMeter()
    }
}

extension TrainingPlan {
    /// The same plan where the network is this one.
    package func follow(_ graph: Graph) throws -> TrainingPlan {
        NodeList(graph) == NodeList(self.graph) ? self : try on(graph)
    }
}
