import Dispatch
import Kernels
import Sparsity

/// Measures what a line ranks by, where that is not the weights' size: once for some weights. Counts, histogram, maps and
/// measurements of a draft with this ranking are made where it was measured last, and say which step that was.
package struct RankingQuery: Question {
    package static let kind = Query.Kind.ranking
    package static let manner = Manner(
        extent: .weights, lane: .ranking, copyAgeSeconds: 1, pace: .seconds(1), isCostly: true)

    /// As a draft has it.
    package var ranking: [String: String]
    package var weights: WeightsMark

    package init(_ ranking: [String: String], weights: WeightsMark) {
        self.ranking = ranking
        self.weights = weights
    }

    package func answer(from evidence: Evidence, _ reply: (RankingAnswer) -> Void) throws {
        let copy = evidence.copy
        let start = DispatchTime.now()
        var answer = RankingAnswer(query: self, step: copy.step)
        reply(answer)
        // A person waits for the first one, and at rest. A newer one in its place has time while training goes on.
        let hasTime = weights.step == nil && evidence.ranked.withLock { $0?.ranking == ranking }
        let found: Result<DraftScores, any Error> = withoutActuallyEscaping(reply) { reply in
            let watch = CalibrationWatch(isCancelled: evidence.isCancelled) { share in
                let done = min(answer.all - 1, Int(share * Double(answer.all)))
                guard done > answer.done else { return }
                answer.done = done
                reply(answer)
            }
            func measure() -> Result<DraftScores, any Error> { Result { try copy.measuredScores(ranking, watch) } }
            return hasTime ? SpareCores.run(measure) : measure()
        }
        switch found {
        case .failure(is CalibrationWatch.Cancelled): return
        case .failure(let error): throw error
        case .success(let scores):
            copy.hold(scores, of: ranking)
            evidence.ranked.withLock { $0 = RankedCopy(ranking: ranking, copy: copy) }
            answer.words = scores.words
            answer.done = answer.all
            answer.elapsedSeconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
            reply(answer)
        }
    }
}

package struct RankingAnswer: LongReply {
    package var query: RankingQuery
    /// What is ranked by, as a picture calls it; empty while it is measured.
    package var words = ""
    /// In hundredths.
    package var done = 0
    package var all = 100
    package var step: Int
    package var elapsedSeconds = 0.0

    package init(query: RankingQuery, step: Int) {
        self.query = query
        self.step = step
    }

    package var subject: [String: String] { query.ranking }
    package var weights: WeightsMark { query.weights }
}

/// A copy whose weights were ranked.
struct RankedCopy: Sendable {
    let ranking: [String: String]
    let copy: NetworkCopy
}

extension Evidence {
    /// Where a draft is looked at. One with a ranking: in the copy that was ranked last, for what is measured is not measured
    /// for every picture. Where none was yet, the newest is now. Every other one: in the newest.
    func copy(for draft: Draft?) throws -> NetworkCopy {
        guard let draft, let ranking = draft.ranking else { return copy }
        return try ranked.withLock { held in
            // Units may have left the network since.
            if let held, held.ranking == ranking, held.copy.plan.identity === copy.plan.identity { return held.copy }
            _ = try copy.scores(draft)
            held = RankedCopy(ranking: ranking, copy: copy)
            return copy
        }
    }
}

extension Query.Kind {
    package static let ranking = Query.Kind("ranking")
}

extension Query {
    package static func ranking(_ question: RankingQuery) -> Query { Query(question) }
}
