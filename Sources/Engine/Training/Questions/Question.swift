/// Something to ask of a session, with its answer and how that is found. A new question is a file here, and a line in `Questions.all`.
package protocol Question: Codable, Sendable, Hashable {
    associatedtype Reply: QuestionReply

    /// Of its kind: a newer question of a kind takes the place of the older one. Must be unlike all others.
    static var kind: Query.Kind { get }
    static var manner: Manner { get }

    /// Answers from a copy, on a queue of the preview. `reply` may be called more than once, with a reply that is last only at
    /// the end; it must not be called where `evidence.isCancelled()` said so. Must change nothing of the session.
    ///
    /// - Throws: `Refused`, or what the graph and files say; the error's sentence is the answer then.
    func answer(from evidence: Evidence, _ reply: (Reply) -> Void) throws
}

package protocol QuestionReply: Codable, Sendable {
    /// No other reply to the same question follows.
    var isLast: Bool { get }
}

extension QuestionReply {
    package var isLast: Bool { true }
}

/// Why a question has no answer.
struct Refused: Error, CustomStringConvertible {
    let description: String
    init(_ sentence: String) { description = sentence }
}

/// What a kind of question takes, and how often it is worth asking.
package struct Manner: Sendable {
    /// Where it is answered: what a person waits for while a line moves does not stand behind pictures.
    enum Lane: CaseIterable {
        case pictures, counts, measuring, attempting, files, ranking, timing
        /// On cores that nothing else wants, perhaps.
        case spare

        /// One answer after the other. Else each must have its own memory.
        var isSerial: Bool { self != .spare && self != .ranking }
    }

    package enum Pace: Sendable {
        /// Again as the weights move on, as often as pictures are painted.
        case pictures
        /// Again after so many seconds.
        case seconds(Double)
        /// When a key asks for it.
        case onKey
    }

    let extent: NetworkCopy.Extent
    let lane: Lane
    /// A copy may be so many seconds old while nothing but steps came after it; nil: a new one for each question.
    var copyAgeSeconds: Double?
    /// The next step waits for the first reply, 50 ms at most: a person who moves a line gets every core.
    var holdsSession = false
    package let pace: Pace
    /// Worth stopping when nobody waits for it any more.
    package var isCostly = false

    static let picture = Manner(extent: .gradients, lane: .pictures, copyAgeSeconds: 0.1, pace: .pictures)
}

/// Any question, as it goes through the port.
package struct Query: Sendable, Hashable {
    /// The kind of a question, by its name.
    package struct Kind: Sendable, Hashable, Codable {
        package let rawValue: String

        init(_ name: String) { rawValue = name }
    }

    package let question: any Question

    package init(_ question: some Question) { self.question = question }

    package var kind: Kind { type(of: question).kind }
    package var manner: Manner { type(of: question).manner }

    package static func == (left: Query, right: Query) -> Bool {
        AnyHashable(left.question) == AnyHashable(right.question)
    }

    package func hash(into hasher: inout Hasher) { question.hash(into: &hasher) }
}

package enum Answer: Sendable {
    case given(Query.Kind, any QuestionReply)
    /// The question could not be answered; the sentence says why.
    case refused(Query.Kind, String)

    /// The answer to a question.
    package init<Asked: Question>(_ reply: Asked.Reply, to question: Asked) { self = .given(Asked.kind, reply) }

    package var reply: (any QuestionReply)? {
        if case .given(_, let reply) = self { reply } else { nil }
    }

    /// No other answer to the same question follows.
    package var isLast: Bool { reply?.isLast ?? true }
}
