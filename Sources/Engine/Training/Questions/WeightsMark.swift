/// Which weights something that takes long is to be measured of. The same question about others is another one.
package struct WeightsMark: Codable, Sendable, Hashable {
    /// Differs where masks differ.
    package var masks: Int
    /// Differs where a person changed them.
    package var edits: Int
    /// Completed steps; nil: whichever there are, for they move on meanwhile.
    package var step: Int?

    package init(masks: Int, edits: Int = 0, step: Int?) {
        self.masks = masks
        self.edits = edits
        self.step = step
    }
}

/// What takes so long that it tells how far it is, and that the weights may have moved on when it is there.
package protocol LongReply: QuestionReply {
    /// What it is about, whichever weights it is of.
    associatedtype Subject: Hashable, Sendable
    var subject: Subject { get }
    /// Of which weights it was asked for.
    var weights: WeightsMark { get }
    /// Completed steps of those that it is of.
    var step: Int { get }
    var done: Int { get }
    var all: Int { get }
    var elapsedSeconds: Double { get }
}

extension LongReply {
    package var isLast: Bool { done == all }
}
