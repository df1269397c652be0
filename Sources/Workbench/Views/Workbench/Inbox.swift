import Training

/// Where other threads leave what the one thread that owns the screen takes up.
final class Inbox: Sendable {
    private struct Contents: Sendable {
        var answers: [(answer: Answer, query: Query)] = []
        var hasSnapshot = false
        var notice: Notice?
    }

    private let contents = Locked(Contents())

    /// True where the reader has to be woken: it is not when it has been told already and not looked yet.
    func noteSnapshot() -> Bool {
        contents.withLock { contents in
            defer { contents.hasSnapshot = true }
            return !contents.hasSnapshot
        }
    }

    func put(_ answer: Answer, to query: Query) { contents.withLock { $0.answers.append((answer, query)) } }

    func put(_ notice: Notice) { contents.withLock { $0.notice = notice } }

    func takeNotice() -> Notice? {
        contents.withLock { contents in
            defer { contents.notice = nil }
            return contents.notice
        }
    }

    var hasNewSnapshot: Bool { contents.withLock { $0.hasSnapshot } }

    func takeSnapshotNote() { contents.withLock { $0.hasSnapshot = false } }

    func takeAnswers() -> [(answer: Answer, query: Query)] {
        contents.withLock { contents in
            defer { contents.answers = [] }
            return contents.answers
        }
    }
}
