import Dispatch
import Sparsity

/// A draft's figure at once: first on a part of the validation samples, then on all of them, each time beside the network as it is.
package struct MeasureQuery: Question {
    package static let kind = Query.Kind.measure
    package static let manner = Manner(
        extent: .weights, lane: .measuring, holdsSession: true, pace: .seconds(1), isCostly: true)

    package var draft: Draft

    package init(_ draft: Draft) { self.draft = draft }

    package func answer(from evidence: Evidence, _ reply: (Measurement) -> Void) throws {
        let copy = try evidence.copy(for: draft)
        let start = DispatchTime.now()
        let measurer = try evidence.measurer.withLock { held in
            // Units may have left the network since it was made.
            if held?.plan.identity !== copy.plan.identity {
                try Measurer.need(copy).require(copy.plan.recipe.networkName, to: "measure")
                held = Measurer(copy.plan, threads: evidence.threads)
            }
            return held!
        }
        let (layers, cut) = try copy.applying(draft)
        let all = copy.plan.split.validation
        let first = min(measurer.firstImages, all.count)
        for count in first < all.count ? [first, all.count] : [all.count] {
            guard let now = measurer.now(copy, count, evidence.isCancelled),
                let drafted = measurer.evaluate(layers, copy.state.parameters, count, evidence.isCancelled)
            else { return }
            evidence.noteLook()
            reply(
                Measurement(
                    draft: draft, trainedSteps: 0, step: copy.step, of: copy.plan.figure, now: now, cut: drafted,
                    kept: cut.kept,
                    total: copy.state.layers.reduce(0) { $0 + $1.total }, isFinal: count == all.count,
                    since: start))
        }
    }
}

extension Query.Kind {
    package static let measure = Query.Kind("measure")
}

extension Query {
    package static func measure(_ draft: Draft) -> Query { Query(MeasureQuery(draft)) }
}
