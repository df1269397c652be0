import Sparsity

/// One weight: its value, what became of it, what a draft would do.
package struct CellQuery: Question {
    package static let kind = Query.Kind.cell
    package static let manner = Manner.picture

    package var layer: String
    package var row: Int
    package var column: Int
    package var draft: Draft?

    package init(layer: String, row: Int, column: Int, draft: Draft? = nil) {
        self.layer = layer
        self.row = row
        self.column = column
        self.draft = draft
    }
}

package struct CellAnswer: QuestionReply {
    package enum Fate: String, Codable, Sendable { case stays, goes, returns, staysCut }
    package var query: CellQuery
    /// The weight, 0 where it is cut.
    package var weight: Float
    package var isKept: Bool
    /// History number and step of the cut that took it.
    package var cutEvent: Int?
    package var cutStep: Int?
    /// Gradient of the latest step; nil for a cut weight: not known.
    package var gradient: Float?
    package var rowKept: Int
    package var rowTotal: Int
    package var columnKept: Int
    package var columnTotal: Int
    package var bias: Float?
    package var fate: Fate?
    package var draftThreshold: Float?
    package var step: Int
    /// Step at which the weight came, where it was not there from the beginning, and whether the latest change took it.
    package var bornStep: Int?
    package var wasLostLast = false

    package init(
        query: CellQuery, weight: Float, isKept: Bool, cutEvent: Int? = nil, cutStep: Int? = nil,
        gradient: Float? = nil, rowKept: Int, rowTotal: Int, columnKept: Int, columnTotal: Int, bias: Float? = nil,
        fate: Fate? = nil, draftThreshold: Float? = nil, step: Int
    ) {
        self.query = query
        self.weight = weight
        self.isKept = isKept
        self.cutEvent = cutEvent
        self.cutStep = cutStep
        self.gradient = gradient
        self.rowKept = rowKept
        self.rowTotal = rowTotal
        self.columnKept = columnKept
        self.columnTotal = columnTotal
        self.bias = bias
        self.fate = fate
        self.draftThreshold = draftThreshold
        self.step = step
    }
}

extension Query.Kind {
    package static let cell = Query.Kind("cell")
}

extension Query {
    package static func cell(_ question: CellQuery) -> Query { Query(question) }
}

extension CellQuery {
    package func answer(from evidence: Evidence, _ reply: (CellAnswer) -> Void) throws {
        let copy = evidence.copy, query = self
        let number = try evidence.layer(query.layer)
        let candidates = try copy.candidates()
        let layer = candidates[number]
        let (rows, columns) = copy.layerShapes[number]
        guard (0..<rows).contains(query.row), (0..<columns).contains(query.column) else {
            throw Refused("weight \(query.row) ← \(query.column) of \(rows)×\(columns)")
        }
        let position = query.row * columns + query.column
        let live = evidence.find(position, layer)
        let lost = evidence.lowerBound(layer.lost.count) { layer.lost[$0].index < position }
        let taken = lost < layer.lost.count && layer.lost[lost].index == position ? layer.lost[lost] : nil
        // A draft may be looked at in an older copy.
        let drafted = try evidence.copy(for: query.draft)
        let cut = try query.draft.map(drafted.cut)
        var fate: CellAnswer.Fate?
        if let cut {
            let there = try drafted.candidates()[number]
            if let live = evidence.find(position, there) {
                fate = cut.layers[number].keep[live] ? .stays : .goes
            } else {
                let place = evidence.lowerBound(there.lost.count) { there.lost[$0].index < position }
                let isTaken = place < there.lost.count && there.lost[place].index == position
                fate = isTaken && cut.layers[number].returns.contains(place) ? .returns : .staysCut
            }
        }
        let event = taken.flatMap { try? copy.removal($0.removal) }
        let columnKept =
            layer.indices == nil
            ? rows
            : (0..<rows).reduce(0) {
                $0 + (evidence.find($1 * columns + query.column, layer) == nil ? 0 : 1)
            }
        let row = evidence.row(query.row, layer, columns)
        let bias = copy.state.layers[number].arrays.bias
        var answer = CellAnswer(
            query: query, weight: live.map { layer.values[$0] } ?? 0, isKept: live != nil, cutEvent: event?.event,
            cutStep: event?.step,
            gradient: live.flatMap { copy.gradient(number, $0) },
            rowKept: row.count, rowTotal: columns, columnKept: columnKept, columnTotal: rows,
            bias: query.row < bias.count ? bias[query.row] : nil, fate: fate, draftThreshold: cut?.threshold,
            step: copy.step)
        answer.bornStep = live == nil ? nil : copy.changes.births[number]?[position]
        answer.wasLostLast = live == nil && copy.changes.lost[number]?.contains(position) == true
        reply(answer)
    }
}
