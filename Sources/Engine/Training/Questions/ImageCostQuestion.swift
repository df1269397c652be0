import Graph
import Sparsity

/// What the answer to one image costs, as measured here: time by layer, activations that are zero, and where a person asks for it
/// the energy.
package struct ImageCostQuery: Question {
    package static let kind = Query.Kind.imageCost
    package static let manner = Manner(extent: .weights, lane: .timing, pace: .seconds(60), isCostly: true)

    /// Changes by hand so far: after one it is measured anew at once.
    package var edits: Int
    /// Some ten seconds with nothing else running.
    package var measuresEnergy: Bool

    package init(edits: Int, measuresEnergy: Bool = false) {
        self.edits = edits
        self.measuresEnergy = measuresEnergy
    }

    package func answer(from evidence: Evidence, _ reply: (ImageCostAnswer) -> Void) throws {
        let copy = evidence.copy
        let graph = copy.plan.graph, arrays = copy.state.arrays.withoutSlots
        try MemoryNeed(running: graph, capacity: 16, counts: arrays.layers.map { $0.values.count })
            .require(copy.plan.recipe.networkName, to: "time")
        var answer = ImageCostAnswer(operations: ImageOperations(graph, arrays), step: copy.step)
        guard
            let parts = AnswerTime(threads: 1, seconds: 0.1)
                .parts(graph, arrays, isCancelled: evidence.isCancelled)
        else { return }
        answer.parts = parts
        answer.doing = "counting zero activations"
        reply(answer)
        do {
            try answer.operations.measure(
                copy.plan, graph, arrays, budget: 500_000_000, isCancelled: evidence.isCancelled)
        } catch {
            answer.uncounted = "\(error)"
        }
        if evidence.isCancelled() { return }
        if measuresEnergy {
            answer.doing = "measuring energy, about ten seconds"
            reply(answer)
            answer.energy = Self.energy(graph, arrays, evidence.isCancelled)
            if evidence.isCancelled() { return }
        }
        answer.doing = nil
        reply(answer)
    }

    private static func energy(
        _ graph: Graph, _ arrays: GraphArrays, _ isCancelled: () -> Bool
    ) -> ImageCostAnswer.Energy {
        do {
            let found = try MeasuredEnergy(graph, arrays, isCancelled: isCancelled)
            return .measured(microjoules: found.microjoules, spread: found.spread, answers: found.answers)
        } catch {
            return .unavailable("\(error)")
        }
    }
}

package struct ImageCostAnswer: QuestionReply {
    package enum Energy: Codable, Sendable, Equatable {
        /// Packages less idle, of one image.
        case measured(microjoules: Double, spread: Double, answers: Int)
        case unavailable(String)
    }

    /// Nil: not measured yet.
    package var parts: AnswerTime.Parts?
    package var operations: ImageOperations
    /// Why zero activations were not counted.
    package var uncounted: String?
    /// Nil: not asked for.
    package var energy: Energy?
    /// What is being measured; nil: all is.
    package var doing: String?
    package var step: Int

    package var isLast: Bool { doing == nil }

    package init(
        parts: AnswerTime.Parts? = nil, operations: ImageOperations, uncounted: String? = nil, energy: Energy? = nil,
        doing: String? = nil, step: Int
    ) {
        self.parts = parts
        self.operations = operations
        self.uncounted = uncounted
        self.energy = energy
        self.doing = doing
        self.step = step
    }
}

extension Query.Kind {
    package static let imageCost = Query.Kind("image-cost")
}
