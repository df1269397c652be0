import Sparsity

/// Exact counts of a draft.
package struct SummaryQuery: Question {
    package static let kind = Query.Kind.summary
    package static let manner = Manner(extent: .weights, lane: .counts, copyAgeSeconds: 0.25, pace: .seconds(0.25))

    package var draft: Draft

    package init(_ draft: Draft) { self.draft = draft }

    package func answer(from evidence: Evidence, _ reply: (DraftSummary) -> Void) throws {
        let copy = try evidence.copy(for: draft)
        let candidates = try copy.candidates()
        let cut = try copy.cut(draft)
        let scope = try evidence.members(draft.scope)
        func file(_ kept: (Int) -> Int, _ isDense: (Int) -> Bool) -> Int {
            Payload.bytes(
                candidates.indices.map {
                    (
                        candidates[$0].total, kept($0), isDense($0), copy.layerShapes[$0].rows,
                        copy.state.layers[$0].arrays.bias.count
                    )
                }, parameters: copy.state.parameters.reduce(0) { $0 + $1.values.count })
        }
        var sum = 0.0, squares = 0.0, count = 0
        var smallest = Float.infinity
        let scores = try copy.scores(draft)
        for number in scope {
            for value in scores?.standing[number] ?? candidates[number].values where value.isFinite {
                sum += Double(value)
                squares += Double(value) * Double(value)
                smallest = min(smallest, abs(value))
            }
            count += candidates[number].values.count
        }
        let mean = count == 0 ? 0 : sum / Double(count)
        let isChanged = { (number: Int) in
            cut.layers[number].keep.contains(false) || !cut.layers[number].returns.isEmpty
        }
        reply(
            DraftSummary(
                draft: draft,
                layers: candidates.enumerated().map { number, layer in
                    DraftSummary.Layer(
                        name: layer.name, total: layer.total, keptNow: layer.values.count,
                        keptDraft: cut.layers[number].kept, recoverable: layer.lost.count)
                },
                keptNow: candidates.reduce(0) { $0 + $1.values.count }, keptDraft: cut.kept,
                total: candidates.reduce(0) { $0 + $1.total }, wouldReturn: cut.returned,
                fileBytesNow: file({ candidates[$0].values.count }, { candidates[$0].indices == nil }),
                fileBytesDraft: file({ cut.layers[$0].kept }, { candidates[$0].indices == nil && !isChanged($0) }),
                thresholdNow: smallest.isFinite && scope.contains { candidates[$0].indices != nil } ? smallest : nil,
                thresholdDraft: cut.threshold,
                deviation: Float(max(0, count == 0 ? 0 : squares / Double(count) - mean * mean).squareRoot()),
                notice: cut.notice, step: copy.step))
    }
}

package struct DraftSummary: QuestionReply {
    package struct Layer: Codable, Sendable {
        package var name: String
        package var total: Int
        package var keptNow: Int
        package var keptDraft: Int
        /// Weights cut now that could come back.
        package var recoverable: Int

        package init(name: String, total: Int, keptNow: Int, keptDraft: Int, recoverable: Int) {
            self.name = name
            self.total = total
            self.keptNow = keptNow
            self.keptDraft = keptDraft
            self.recoverable = recoverable
        }
    }
    package var draft: Draft
    package var layers: [Layer]
    package var keptNow: Int
    package var keptDraft: Int
    package var total: Int
    package var wouldReturn: Int
    package var fileBytesNow: Int
    package var fileBytesDraft: Int
    /// Smallest |w| kept in the scope.
    package var thresholdNow: Float?
    package var thresholdDraft: Float?
    /// Standard deviation of the kept weights in the scope, for targets typed as 3σ.
    package var deviation: Float
    /// Where the draft cannot be had as asked (a network sparse from the start has nothing to bring back).
    package var notice: String?
    package var step: Int

    package init(
        draft: Draft, layers: [Layer], keptNow: Int, keptDraft: Int, total: Int, wouldReturn: Int, fileBytesNow: Int,
        fileBytesDraft: Int, thresholdNow: Float? = nil, thresholdDraft: Float? = nil, deviation: Float,
        notice: String? = nil, step: Int
    ) {
        self.draft = draft
        self.layers = layers
        self.keptNow = keptNow
        self.keptDraft = keptDraft
        self.total = total
        self.wouldReturn = wouldReturn
        self.fileBytesNow = fileBytesNow
        self.fileBytesDraft = fileBytesDraft
        self.thresholdNow = thresholdNow
        self.thresholdDraft = thresholdDraft
        self.deviation = deviation
        self.notice = notice
        self.step = step
    }
}

extension Query.Kind {
    package static let summary = Query.Kind("summary")
}

extension Query {
    package static func summary(_ draft: Draft) -> Query { Query(SummaryQuery(draft)) }
}
