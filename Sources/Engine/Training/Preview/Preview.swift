import Dispatch

/// Answers questions about drafts and weights on queues of its own, with memory of its own. A newer question of a kind
/// cancels the older one.
final class Preview: Sendable {
    // The source holds the preview.
    private unowned let source: any WeightSource
    // What work in the background uses may not end with the source.
    private let looks: Locked<Int>
    private let threads: Int
    private let queues = Dictionary(
        uniqueKeysWithValues: Manner.Lane.allCases.map {
            // What was given up on spare cores may end late: what comes after it does not wait.
            ($0, DispatchQueue(label: "espalier.\($0)", attributes: $0.isSerial ? [] : .concurrent))
        })
    private let newest = Locked<[Query.Kind: Int]>([:])
    /// The newest copy with gradients, and the newest of any extent.
    private let latest = Locked<NetworkCopy?>(nil)
    private let newestCopy = Locked<NetworkCopy?>(nil)
    private let measurer = Locked<Measurer?>(nil)
    private let ranked = Locked<RankedCopy?>(nil)

    init(_ source: any WeightSource, looks: Locked<Int>, threads: Int) {
        self.source = source
        self.looks = looks
        self.threads = threads
    }

    func cancel(_ kind: Query.Kind) { _ = next(kind) }

    private func next(_ kind: Query.Kind) -> Int {
        newest.withLock { numbers in
            numbers[kind, default: 0] += 1
            return numbers[kind]!
        }
    }

    func ask(_ query: Query, reply: @escaping @Sendable (Answer) -> Void) {
        let kind = query.kind, manner = query.manner
        let number = next(kind)
        let isCancelled: @Sendable () -> Bool = { [newest] in newest.withLock { $0[kind] != number } }
        // Each question ends in a reply, unless a newer one took its place.
        let refuse: @Sendable () -> Void = { [queue = queues[.pictures]!] in
            queue.async { if !isCancelled() { reply(.refused(kind, "the session is over")) } }
        }
        if let seconds = manner.copyAgeSeconds {
            // Counts need no gradient: any copy will do, so that a moving line does not wait for a step.
            let known = (manner.extent == .gradients ? latest : newestCopy).withLock { $0 }
            if let known, source.isCurrent(known, seconds: seconds) { return run(query, known, isCancelled, reply) }
        }
        let hold = manner.holdsSession ? DispatchSemaphore(value: 0) : nil
        let isTaken = source.request(manner.extent, hold: hold) { [self] copy in
            guard let copy else { return refuse() }
            newestCopy.withLock { $0 = copy }
            if manner.extent == .gradients { latest.withLock { $0 = copy } }
            run(query, copy, isCancelled, release: { hold?.signal() }, reply)
        }
        if !isTaken { refuse() }
    }

    private func run(
        _ query: Query, _ copy: NetworkCopy, _ isCancelled: @escaping @Sendable () -> Bool,
        release: @escaping @Sendable () -> Void = {}, _ reply: @escaping @Sendable (Answer) -> Void
    ) {
        let evidence = Evidence(
            copy: copy, folder: source.folder, isCancelled: isCancelled, threads: threads, measurer: measurer,
            ranked: ranked, noteLook: { [looks] in looks.withLock { $0 += 1 } })
        queues[query.manner.lane]!.async {
            defer { release() }
            if isCancelled() { return }
            do {
                try query.question.answer(
                    from: evidence,
                    any: { answer in
                        release()
                        if !isCancelled() { reply(answer) }
                    })
            } catch {
                if !isCancelled() { reply(.refused(query.kind, "\(error)")) }
            }
        }
    }
}

extension Question {
    fileprivate func answer(from evidence: Evidence, any reply: (Answer) -> Void) throws {
        try answer(from: evidence) { reply(Answer($0, to: self)) }
    }
}
