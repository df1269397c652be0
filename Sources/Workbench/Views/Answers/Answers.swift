import Sparsity
import Training

/// The latest answers, each beside its question: what is not asked any more is forgotten by age.
package struct Answers: Sendable {
    private(set) package var maps: [HeldMap] = []
    /// The latest of each kind.
    private var latest: [Query.Kind: (query: Query, reply: any QuestionReply)] = [:]
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
    private(set) package var curves = HeldReplies<SensitivityAnswer>()
    private(set) package var rankings = HeldReplies<RankingAnswer>()
    private var historyTimes: [[Int]: HistoryTimes.Time] = [:]
    /// What a person does not want to wait for.
    private var stopped: Set<Query> = []
    /// What could not be answered, by kind.
    package var refusals: [Query.Kind: String] = [:]

    /// Points that are kept.
    static let mostMeasured = 500

    package init() {}

    /// The latest answer to any question of a kind.
    package func latest<Asked: Question>(_ kind: Asked.Type) -> (question: Asked, reply: Asked.Reply)? {
        guard let known = latest[Asked.kind], let question = known.query.question as? Asked,
            let reply = known.reply as? Asked.Reply
        else { return nil }
        return (question, reply)
    }

    /// The answer to this very question, where it is the latest of its kind.
    package func reply<Asked: Question>(to question: Asked) -> Asked.Reply? {
        latest(Asked.self).flatMap { $0.question == question ? $0.reply : nil }
    }

    package var cell: CellAnswer? { latest(CellQuery.self)?.reply }
    package var histogram: HistogramAnswer? { latest(HistogramQuery.self)?.reply }
    package var summary: DraftSummary? { latest(SummaryQuery.self)?.reply }

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
        case .given(_, let map as MapAnswer): keep(map)
        case .given(_, let measurement as Training.Measurement): keep(measurement)
        case .given(let kind, let curve as SensitivityAnswer):
            latest[kind] = (query, curve)
            curves.receive(curve)
        case .given(let kind, let ranking as RankingAnswer):
            latest[kind] = (query, ranking)
            rankings.receive(ranking)
        case .given(let kind, let times as HistoryTimes):
            latest[kind] = (query, times)
            if historyTimes.count > 1000 { historyTimes.removeAll() }
            for time in times.times { historyTimes[time.kept + [time.weights]] = time }
        case .given(let kind, let reply):
            latest[kind] = (query, reply)
            guard let summary = reply as? DraftSummary else { break }
            if summaries.count > 64 { summaries.removeAll() }
            summaries[summary.draft] = summary
        case .refused(let kind, let sentence):
            refusals[kind] = sentence
            if kind == .attempt { trying = nil }
            dropLong(kind)
        }
    }

    /// It is not asked for these weights again.
    mutating func stop(_ query: Query) {
        if stopped.count > 100 { stopped.removeAll() }
        stopped.insert(query)
        dropLong(query.kind)
    }

    private mutating func dropLong(_ kind: Query.Kind) {
        if kind == .sensitivity { curves.drop() }
        if kind == .ranking { rankings.drop() }
    }

    /// Of a network whose layers keep so many weights of all that it has.
    func latency(_ kept: [Int], weights: Int) -> HistoryTimes.Time? { historyTimes[kept + [weights]] }

    /// A person asks for it after all.
    mutating func wantAgain(_ kind: Query.Kind) { stopped = stopped.filter { $0.kind != kind } }

    func isStopped(_ query: Query) -> Bool { stopped.contains(query) }

    private mutating func keep(_ map: MapAnswer) {
        if let known = maps.firstIndex(where: { $0.answer.query == map.query }) {
            var held = maps.remove(at: known)
            held.receive(map, isMoving: isMoving)
            maps.append(held)
        } else {
            maps.append(HeldMap(map))
        }
        // Four maps and a strip of small ones are on a large screen at once.
        if maps.count > 48 { maps.removeFirst(maps.count - 48) }
    }

    private mutating func keep(_ measurement: Training.Measurement) {
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
    }

    /// The latest answer is to this very question. Measurements are kept by draft, and are asked for by that.
    func holds(_ query: Query) -> Bool {
        if let map = query.question as? MapQuery { return self.map(map) != nil }
        guard let known = latest[query.kind] else { return query.manner.isCostly }
        return known.query == query
    }
}

extension Training.Measurement {
    fileprivate func isRepeated(by other: Training.Measurement) -> Bool {
        draft == other.draft && trainedSteps == other.trainedSteps && now.step == other.now.step
    }
}
