import Training

/// Which questions are asked when: one of a kind at a time, new ones at once, known ones again as the weights move on,
/// but no oftener than a person can see.
package struct Inquiry: Sendable {
    private struct Asked { var stamp: Int, at: Double, isRefused: Bool }

    private var inFlight: [Query.Kind: Query] = [:]
    private var answered: [Query: Asked] = [:]
    private var askedAt: [Query: Int] = [:]

    package init() {}

    package var isWaiting: Bool { !inFlight.isEmpty }

    package struct Turn: Equatable {
        package var ask: [Query] = []
        package var cancel: [Query.Kind] = []
        /// When there will be something to ask again, in seconds.
        package var due: Double?
    }

    /// - Parameters:
    ///   - wants: What the picture needs, the most urgent first.
    ///   - stamp: Of the weights in the picture: another one makes answers old.
    ///   - now: Seconds of any clock.
    ///   - mapInterval: Seconds from one map to the next of the same place.
    package mutating func next(
        _ wants: [Query], _ answers: Answers, stamp: Int, now: Double, mapInterval: Double = 0.5
    ) -> Turn {
        var turn = Turn()
        for asked in Questions.all where !asked.manner.isOnKey {
            let kind = asked.kind
            let wanted = wants.filter { $0.kind == kind }
            if let flying = inFlight[kind] {
                if wanted.contains(flying) { continue }
                if wanted.isEmpty {
                    // Only measuring costs enough to be worth stopping.
                    if asked.manner.isCostly {
                        turn.cancel.append(kind)
                        forget(flying)
                    }
                    inFlight[kind] = nil
                    continue
                }
            }
            if let fresh = wanted.first(where: { isUnanswered($0, answers) }) {
                ask(fresh, stamp, &turn)
            } else {
                refresh(wanted, asked.manner.interval(mapInterval), stamp, now, &turn)
            }
        }
        if answered.count > 400 {
            let wanted = Set(wants)
            answered = answered.filter { wanted.contains($0.key) }
            askedAt = askedAt.filter { wanted.contains($0.key) || inFlight[$0.key.kind] == $0.key }
        }
        return turn
    }

    private func isUnanswered(_ query: Query, _ answers: Answers) -> Bool {
        guard let asked = answered[query] else { return true }
        if asked.isRefused { return false }
        // The answer may have made room for another since.
        return !answers.holds(query)
    }

    private mutating func refresh(
        _ wanted: [Query], _ interval: Double, _ stamp: Int, _ now: Double, _ turn: inout Turn
    ) {
        let old = wanted.compactMap { query in
            answered[query].flatMap { $0.stamp != stamp ? (query: query, due: $0.at + interval) : nil }
        }
        guard let next = old.min(by: { $0.due < $1.due }) else { return }
        if next.due <= now {
            ask(next.query, stamp, &turn)
        } else {
            turn.due = min(turn.due ?? next.due, next.due)
        }
    }

    private mutating func ask(_ query: Query, _ stamp: Int, _ turn: inout Turn) {
        // A newer question stops the one under way.
        if query.manner.isCostly, let flying = inFlight[query.kind], flying != query { forget(flying) }
        inFlight[query.kind] = query
        askedAt[query] = stamp
        turn.ask.append(query)
    }

    /// What was stopped has no answer, however much of it was told: where it is wanted again it begins anew.
    private mutating func forget(_ query: Query) { answered[query] = nil }

    package mutating func received(_ answer: Answer, to query: Query, now: Double) {
        // Of what was stopped a part may still be on its way: that is no answer.
        if query.manner.isCostly, inFlight[query.kind] != query { return }
        var isRefused = false
        if case .refused = answer { isRefused = true }
        answered[query] = Asked(stamp: askedAt[query] ?? 0, at: now, isRefused: isRefused)
        if answer.isLast, inFlight[query.kind] == query { inFlight[query.kind] = nil }
    }
}

extension Manner {
    fileprivate var isOnKey: Bool {
        if case .onKey = pace { true } else { false }
    }

    /// Seconds from one answer to the next of the same question.
    fileprivate func interval(_ pictures: Double) -> Double {
        if case .seconds(let seconds) = pace { seconds } else { pictures }
    }
}
