import Training

/// The latest answers, each beside its question: what is not asked any more is forgotten by age.
package struct Answers: Sendable {
    private(set) package var maps: [HeldMap] = []
    package var cell: CellAnswer?
    package var strip: (layer: String, biases: [Float])?
    package var histogram: HistogramAnswer?
    package var summary: DraftSummary?
    /// The latest summary of each scope, for the deviation and for where the line stands now.
    private(set) package var summaries: [Draft: DraftSummary] = [:]
    /// Every point measured so far, in the order it was measured.
    package var measured: [Measurement] = []
    /// Those before this one compare a draft with a network that was cut, or restored, since.
    private(set) package var freshFrom = 0
    /// Weights move: maps are held steady.
    private(set) package var isMoving = false
    /// Drafts being tried: a copy trains.
    package var trying: Draft?
    /// What could not be answered, by kind.
    package var refusals: [Query.Kind: String] = [:]

    /// Points that are kept.
    static let mostMeasured = 500

    package init() {}

    package func map(_ query: MapQuery) -> HeldMap? { maps.last { $0.answer.query == query } }

    /// The newest measurement of a draft, at once (0) or after further steps.
    package func measurement(of draft: Draft?, tried: Bool) -> Measurement? {
        draft.flatMap { draft in
            measured.dropFirst(freshFrom).last { $0.draft == draft && ($0.trainedSteps > 0) == tried }
        }
    }

    /// The network became another one: what was measured beside it stays as points, and no more than that.
    mutating func networkChanged() {
        freshFrom = measured.count
        for index in maps.indices { maps[index].release() }
    }

    mutating func follow(isMoving: Bool) {
        if self.isMoving, !isMoving { for index in maps.indices { maps[index].settle() } }
        self.isMoving = isMoving
    }

    package mutating func receive(_ answer: Answer, to query: Query) {
        refusals[query.kind] = nil
        switch answer {
        case .map(let map):
            if let known = maps.firstIndex(where: { $0.answer.query == map.query }) {
                var held = maps.remove(at: known)
                held.receive(map, isMoving: isMoving)
                maps.append(held)
            } else {
                maps.append(HeldMap(map))
            }
            // Four maps and a strip of small ones are on a large screen at once.
            if maps.count > 48 { maps.removeFirst(maps.count - 48) }
        case .cell(let cell): self.cell = cell
        case .strip(let biases):
            if case .strip(let layer) = query { strip = (layer, biases) }
        case .histogram(let histogram): self.histogram = histogram
        case .summary(let summary):
            self.summary = summary
            if summaries.count > 64 { summaries.removeAll() }
            summaries[summary.draft] = summary
        case .measured(let measurement):
            if measurement.trainedSteps > 0 { trying = nil }
            // A better figure of the same cut of the same weights takes the place of the first.
            if let same = measured.lastIndex(where: { $0.isRepeated(by: measurement) }), same >= freshFrom {
                measured.remove(at: same)
            }
            measured.append(measurement)
            if measured.count > Self.mostMeasured {
                measured.removeFirst()
                freshFrom = max(0, freshFrom - 1)
            }
        case .refused(let kind, let sentence):
            refusals[kind] = sentence
            if kind == .attempt { trying = nil }
        }
    }
}

extension Training.Measurement {
    fileprivate func isRepeated(by other: Training.Measurement) -> Bool {
        draft == other.draft && trainedSteps == other.trainedSteps && now.step == other.now.step
    }
}
