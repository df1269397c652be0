import Dispatch
import Graph
import Kernels
import Sparsity

/// A draft's figure after further steps of a copy, which is then discarded.
package struct AttemptQuery: Question {
    package static let kind = Query.Kind.attempt
    package static let manner = Manner(extent: .optimizer, lane: .attempting, pace: .onKey, isCostly: true)

    package var draft: Draft
    package var steps: Int

    package init(_ draft: Draft, steps: Int) {
        self.draft = draft
        self.steps = steps
    }

    package func answer(from evidence: Evidence, _ reply: (Measurement) -> Void) throws {
        let copy = evidence.copy
        let start = DispatchTime.now()
        guard steps > 0 else { throw Refused("\(steps) steps; accepted: 1 or more") }
        try copy.plan.memory.require(copy.plan.recipe.networkName, to: "try")
        let (layers, cut) = try copy.applying(draft)
        let trainer = Trainer(copy.plan, team: Team(size: 1), initialize: false)
        func evaluate(_ layers: [LayerState]) -> FigureScores? {
            trainer.restore(
                TrainingState(progress: copy.state.progress, layers: layers, parameters: copy.state.parameters))
            return scores()
        }
        func scores() -> FigureScores? {
            trainer.answering {
                Evaluation(
                    trainer.network, filler: trainer.filler, targets: trainer.targets, plan: copy.plan,
                    samples: copy.plan.data.train, indices: copy.plan.split.validation[...],
                    isCancelled: evidence.isCancelled)?
                    .scores
            }
        }
        guard let now = evaluate(copy.state.layers) else { return }
        trainer.restore(TrainingState(progress: copy.state.progress, layers: layers, parameters: copy.state.parameters))
        trainer.restartRate(steps: steps)
        for _ in 0..<steps {
            if evidence.isCancelled() { return }
            guard try trainer.step().isFinite else {
                throw Refused("the loss became NaN within \(steps) steps of this draft")
            }
        }
        guard let after = scores() else { return }
        evidence.noteLook()
        reply(
            Measurement(
                draft: draft, trainedSteps: steps, step: copy.step, of: copy.plan.figure, now: now, cut: after,
                kept: cut.kept,
                total: copy.state.layers.reduce(0) { $0 + $1.total }, isFinal: true, since: start))
    }
}

extension Query.Kind {
    package static let attempt = Query.Kind("attempt")
}

extension Query {
    package static func attempt(_ draft: Draft, steps: Int) -> Query { Query(AttemptQuery(draft, steps: steps)) }
}
