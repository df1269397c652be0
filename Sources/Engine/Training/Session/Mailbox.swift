import Dispatch

/// What is asked of a session from outside, until its queue looks at it.
final class Mailbox: Sendable {
    private struct Contents {
        var items: [Session.Mail] = []
        var isClosed = false
    }
    private let contents = Locked(Contents())
    private let arrivals = DispatchSemaphore(value: 0)

    /// - Returns: false where it was not taken: the session is over, or too much is waiting.
    func post(_ item: Session.Mail) -> Bool {
        let isTaken = contents.withLock { box in
            // Bounded: a person cannot type this many between two steps. The way out is always open.
            var isStop = false
            if case .command(.stop) = item { isStop = true }
            guard !box.isClosed, box.items.count < 1024 || isStop else { return false }
            box.items.append(item)
            return true
        }
        arrivals.signal()
        return isTaken
    }

    /// The first that may be executed now.
    /// - Parameter withCommands: false while a journal is gone through.
    func take(withCommands: Bool) -> Session.Mail? {
        contents.withLock { box in
            box.items.firstIndex { withCommands || !$0.waitsForJournal }.map { box.items.remove(at: $0) }
        }
    }

    /// Until something has come since the last time.
    func wait() {
        arrivals.wait()
        // One look at the mailbox answers every signal that came before it.
        while arrivals.wait(timeout: .now()) == .success {}
    }

    /// Takes nothing any more.
    /// - Returns: what nobody looked at.
    func close() -> [Session.Mail] {
        contents.withLock { box in
            box.isClosed = true
            defer { box.items = [] }
            return box.items
        }
    }
}

extension Session {
    enum Mail: Sendable {
        case command(Command)
        /// A copy of the weights. With a `hold` the next step waits until it is signalled, or a moment: a person who
        /// moves a line gets all cores for the few milliseconds of a measurement, and training goes on after.
        case copy(NetworkCopy.Extent, hold: DispatchSemaphore?, @Sendable (NetworkCopy?) -> Void)

        /// Commands wait until the journal of an earlier process is gone through; `stop` does not.
        var waitsForJournal: Bool {
            if case .command(let command) = self { command != .stop } else { false }
        }
    }
}
