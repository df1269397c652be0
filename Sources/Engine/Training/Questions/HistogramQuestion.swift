import Sparsity

/// The weights of a scope by size, and what a draft does to them.
package struct HistogramQuery: Question {
    package static let kind = Query.Kind.histogram
    package static let manner = Manner(
        extent: .weights, lane: .pictures, copyAgeSeconds: 0.25, pace: .seconds(0.25))

    package var scope: Draft.Scope
    package var draft: Draft?
    package var bins: Int
    /// Upper end of the axis; nil lets the engine choose (99.9th percentile, rounded up).
    package var maximum: Float?
    /// Bins equally wide in log |w| instead of |w|.
    package var logarithmic: Bool

    package init(scope: Draft.Scope, draft: Draft? = nil, bins: Int, maximum: Float? = nil, logarithmic: Bool = false) {
        self.scope = scope
        self.draft = draft
        self.bins = bins
        self.maximum = maximum
        self.logarithmic = logarithmic
    }
}

/// Counts of |w|, a cut weight by the value it had when it was cut; the last bin holds everything beyond.
package struct HistogramAnswer: QuestionReply {
    package var query: HistogramQuery
    package var cut: [Int]
    package var wouldGo: [Int]
    package var wouldReturn: [Int]
    package var stays: [Int]
    package var minimum: Float
    package var maximum: Float
    package var total: Int
    /// Smallest |w| kept now, and after the draft.
    package var appliedThreshold: Float?
    package var draftThreshold: Float?
    package var step: Int
    /// What is counted; nil: |w|.
    package var ranks: String?

    package init(
        query: HistogramQuery, cut: [Int], wouldGo: [Int], wouldReturn: [Int], stays: [Int], minimum: Float,
        maximum: Float, total: Int, appliedThreshold: Float? = nil, draftThreshold: Float? = nil, step: Int,
        ranks: String? = nil
    ) {
        self.ranks = ranks
        self.query = query
        self.cut = cut
        self.wouldGo = wouldGo
        self.wouldReturn = wouldReturn
        self.stays = stays
        self.minimum = minimum
        self.maximum = maximum
        self.total = total
        self.appliedThreshold = appliedThreshold
        self.draftThreshold = draftThreshold
        self.step = step
    }
}

extension Query.Kind {
    package static let histogram = Query.Kind("histogram")
}

extension Query {
    package static func histogram(_ question: HistogramQuery) -> Query { Query(question) }
}

extension HistogramQuery {
    package func answer(from evidence: Evidence, _ reply: (HistogramAnswer) -> Void) throws {
        let query = self
        let copy = try evidence.copy(for: draft)
        let candidates = try copy.candidates()
        let scope = try evidence.members(query.scope)
        let cut = try query.draft.map(copy.cut)
        let bins = max(1, min(query.bins, 4096))
        if let end = query.maximum, !(end > 0 && end.isFinite) {
            throw Refused("an axis that ends at \(end); accepted: a number above 0")
        }
        // What was cut has no score: of a ranking the histogram shows what is there, and what is never cut beyond the end.
        let scores = try query.draft.flatMap(copy.scores)
        let live = scope.map { scores?.standing[$0] ?? candidates[$0].magnitudes }
        let all = live.map { $0.filter(\.isFinite) } + scope.map { scores == nil ? candidates[$0].lostMagnitudes : [] }
        let total = all.reduce(0) { $0 + $1.count }
        // Signed scores begin below zero.
        let least = query.logarithmic ? 0 : min(0, all.reduce(0) { min($0, $1.min() ?? 0) })
        let maximum =
            query.maximum ?? Self.end(of: least < 0 ? all.map { $0.map { $0 - least } } : all, total: total)
        var histogram = Histogram(
            bins: bins, maximum: maximum, axis: query.logarithmic ? .logarithmic(decades: 4) : .linear, classes: 4)
        var smallest = Float.infinity
        for (slot, number) in scope.enumerated() {
            let layer = candidates[number]
            var classes = [[Float]](repeating: [], count: 4)
            for (index, score) in live[slot].enumerated() {
                let stays = cut?.layers[number].keep[index] ?? true
                classes[stays ? 3 : 1].append(max(0, score - least))
                smallest = min(smallest, score)
            }
            var returning = [Bool](repeating: false, count: layer.lost.count)
            for index in cut?.layers[number].returns ?? [] { returning[index] = true }
            for (index, lost) in layer.lost.enumerated() where scores == nil {
                classes[returning[index] ? 2 : 0].append(abs(lost.value))
            }
            for (kind, values) in classes.enumerated() { histogram.add(values, class: kind) }
        }
        let isSparse = scope.contains { candidates[$0].indices != nil }
        reply(
            HistogramAnswer(
                query: query, cut: histogram.counts[0], wouldGo: histogram.counts[1],
                wouldReturn: histogram.counts[2], stays: histogram.counts[3],
                minimum: query.logarithmic ? maximum / 10_000 : least, maximum: maximum + least,
                total: scope.reduce(0) { $0 + candidates[$1].total },
                appliedThreshold: isSparse && smallest.isFinite ? smallest : nil,
                draftThreshold: cut?.threshold, step: copy.step, ranks: scores?.words))
    }

    // The 99.9th percentile, rounded up to two digits, so that the axis does not tremble as the weights move.
    private static func end(of scores: [[Float]], total: Int) -> Float {
        guard total > 0 else { return 1 }
        let threshold = Selection.keep(count: max(1, total / 1000), scores: scores).threshold
        guard threshold.isFinite, threshold > 0 else { return 1 }
        var unit: Float = 1
        while unit * 10 > threshold { unit /= 10 }
        while unit * 100 <= threshold { unit *= 10 }
        return (threshold / unit).rounded(.up) * unit
    }
}
