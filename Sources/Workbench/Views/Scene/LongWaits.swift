import Sparsity
import Terminal
import Training

/// What takes long is of some weights, and says how far it is.
extension Scene {
    /// The weights that it is to be measured of; nil: what is known is enough for now. At rest those that there are. While training
    /// goes on, what was begun is finished first, and it is begun anew only where masks changed since: where a person changed them
    /// at once, else no sooner than after ten times as long as it took.
    func marked(known: (any LongReply)?, underWay: (any LongReply)?) -> WeightsMark? {
        let mark = mark
        if known?.weights == mark { return nil }
        if mark.step != nil { return mark }
        if let underWay, underWay.weights.edits == mark.edits { return underWay.weights }
        guard let known, known.weights.edits == mark.edits else { return mark }
        let stepsASecond = (snapshot.samplesPerSecond ?? 0) / Double(max(1, snapshot.batch))
        let isDue = Double(snapshot.step - known.step) >= 10 * known.elapsedSeconds * stepsASecond
        return known.weights.masks == mark.masks || !isDue ? nil : mark
    }

    /// The weights that there are.
    private var mark: WeightsMark {
        let moves = isRunning && state.frozen == nil
        return WeightsMark(
            masks: snapshot.cutStamp, edits: snapshot.undoDepth &+ 31 &* snapshot.redoDepth,
            step: moves ? nil : snapshot.step)
    }

    /// Whether it is of weights that were cut, restored or trained since.
    func isOld(_ reply: any LongReply) -> Bool { reply.weights.masks != snapshot.cutStamp || isOld(reply.step) }

    // MARK: What the line ranks by

    /// Nil: the size of weights, which is no long wait.
    private var ranking: [String: String]? { lineDraft.ranking }

    /// What is to be measured before a line can rank by it; nil: nothing.
    var rankingQuery: RankingQuery? {
        guard let ranking else { return nil }
        let held = state.answers.rankings
        guard let mark = marked(known: held.whole(ranking), underWay: held.underWay(ranking)) else { return nil }
        let query = RankingQuery(ranking, weights: mark)
        return state.answers.isStopped(.ranking(query)) ? nil : query
    }

    /// Whether counts of the line can be had: while training goes on by what was measured last, at rest by nothing older than
    /// the weights.
    var knowsRanking: Bool {
        guard let ranking else { return true }
        guard let known = state.answers.rankings.whole(ranking) else { return false }
        return rankingQuery == nil || mark.step == nil && known.weights.edits == mark.edits
    }

    /// How much of it is measured, in hundredths; nil: nothing is being measured.
    var rankingShare: Int? {
        ranking.flatMap { rankingQuery == nil ? nil : state.answers.rankings.underWay($0)?.done }
    }

    /// "measuring taylor: 37 %, 4 s; Esc leaves it"; nil: nothing is measured.
    var rankingProgress: String? {
        guard let share = rankingShare else { return nil }
        let seconds = state.askedSeconds[.ranking]
        return "measuring what the line ranks by: \(share) %"
            + (seconds.map { ", \(Format.age(seconds: Double($0))); \(key("back")) leaves it" } ?? "")
    }
}

extension WorkbenchState {
    /// Esc: what has been waited for longer than a second is waited for no more, until it is asked about other weights.
    mutating func stopWaiting() -> Bool {
        if askedSeconds[.ranking] ?? 0 > 0, let measured = answers.rankings.underWay {
            answers.stop(.ranking(measured.query))
            if answers.rankings.whole(measured.subject) == nil {
                rankBySize()
                notice = Notice("not measured: the line ranks single weights by size")
            } else {
                notice = Notice("not measured anew: the line ranks by what was measured before")
            }
            return true
        }
        guard askedSeconds[.sensitivity] ?? 0 > 0, let curve = answers.curves.underWay else { return false }
        answers.stop(.sensitivity(curve.query))
        notice = Notice("the curve of \(curve.query.layer) is not measured for these weights")
        return true
    }

    private mutating func rankBySize() {
        threshold.ranking = [:]
        threshold.natural = [:]
        threshold.zoom = 0
        guard var draft else { return }
        draft.ranking = nil
        // A score is no size.
        if case .threshold = draft.anchor { return drafts.set(nil) }
        drafts.set(draft)
    }
}
