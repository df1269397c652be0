import Sparsity
import Training

extension Scene {
    /// Where the line stands, in per cent of the draft's scope; nil while a typed threshold is not yet counted.
    var linePercent: Double? {
        let scope = state.drafts.scope
        let total = Double(scope.total(snapshot))
        guard total > 0 else { return nil }
        guard let draft = state.draft else { return 100 * (1 - Double(scope.kept(snapshot)) / total) }
        switch draft.anchor {
        case .kept(let count): return 100 * (1 - Double(count) / total)
        case .threshold:
            guard let summary = state.answers.summary, summary.draft == draft else { return nil }
            return 100 * (1 - Double(summary.kept(in: scope)) / total)
        }
    }

    /// The draft, or where there is none the network as it is, so that one question serves both.
    var lineDraft: Draft {
        let scope = state.drafts.scope
        let ranking = state.threshold.ranking
        return state.draft
            ?? Draft(
                scope: scope, anchor: .kept(scope.kept(snapshot)), ranking: ranking.isEmpty ? nil : ranking)
    }

    /// The figure of the network as it is. A draft is measured beside it: where that is newer than what training last
    /// measured, differences are from there.
    var readingNow: Reading? {
        let beside = state.answers.measured.dropFirst(state.answers.freshFrom).last { $0.isFinal }?.now
        guard let known = snapshot.validation, let beside else { return snapshot.validation ?? beside }
        return beside.step > known.step && beside.step <= snapshot.step ? beside : known
    }

    /// The counts of the line: while it moves the latest there are, for they are 16 ms old at most.
    var summary: DraftSummary? {
        guard let summary = state.answers.summary, summary.draft.scope == lineDraft.scope else { return nil }
        return summary
    }
}

extension DraftSummary {
    func kept(in scope: Draft.Scope) -> Int {
        switch scope {
        case .global: keptDraft
        case .layer(let name): layers.first { $0.name == name }?.keptDraft ?? 0
        }
    }
}
