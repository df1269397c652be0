import Graph
import Sparsity

/// How long one image takes with a draft, and without it. Nothing is changed.
package struct LatencyQuery: Question {
    package static let kind = Query.Kind.latency
    package static let manner = Manner(extent: .weights, lane: .timing, pace: .seconds(30), isCostly: true)

    package var draft: Draft

    package init(_ draft: Draft) { self.draft = draft }

    package func answer(from evidence: Evidence, _ reply: (LatencyAnswer) -> Void) throws {
        let copy = try evidence.copy(for: draft)
        let graph = copy.plan.graph
        try MemoryNeed(running: graph, capacity: 16, counts: copy.state.layers.map { $0.arrays.values.count })
            .require(copy.plan.recipe.networkName, to: "time")
        let drafted = try copy.applying(draft).layers
        let time = AnswerTime(threads: 1, seconds: 0.1)
        // Both in one minute of the machine.
        func seconds(_ layers: [LayerState]) -> Double? {
            let arrays = GraphArrays(layers: layers.map(\.arrays), parameters: copy.state.parameters)
            return time.seconds(graph, arrays.withoutSlots, isCancelled: evidence.isCancelled)
        }
        guard let now = seconds(copy.state.layers), let cut = seconds(drafted) else { return }
        reply(LatencyAnswer(draft: draft, now: now, cut: cut, step: copy.step))
    }
}

/// Seconds of one image on one thread, measured.
package struct LatencyAnswer: QuestionReply {
    package var draft: Draft
    package var now: Double
    package var cut: Double
    package var step: Int

    package init(draft: Draft, now: Double, cut: Double, step: Int) {
        self.draft = draft
        self.now = now
        self.cut = cut
        self.step = step
    }
}

extension Query.Kind {
    package static let latency = Query.Kind("latency")
}
