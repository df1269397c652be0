import Training

/// Answers that take long: the newest whole one of each subject, whichever weights it is of, and the one under way.
package struct HeldReplies<Reply: LongReply>: Sendable {
    private var known: [Reply.Subject: Reply] = [:]
    private(set) package var underWay: Reply?

    private static var most: Int { 200 }

    mutating func receive(_ reply: Reply) {
        guard reply.isLast else {
            underWay = reply
            return
        }
        underWay = nil
        if known.count >= Self.most { known.removeAll() }
        known[reply.subject] = reply
    }

    /// What is being measured is waited for no more.
    mutating func drop() { underWay = nil }

    package func whole(_ subject: Reply.Subject) -> Reply? { known[subject] }

    func underWay(_ subject: Reply.Subject) -> Reply? { underWay.flatMap { $0.subject == subject ? $0 : nil } }
}
