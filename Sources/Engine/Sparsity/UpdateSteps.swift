import Descriptors

/// The steps at which a gradual schedule changes its target: begin, begin + every, …, and always end.
package struct UpdateSteps: Sendable, Equatable {
    package let begin: Int
    package let end: Int
    package let every: Int

    package static let parameters = [
        Parameter("begin", "Completed steps at the first update", .step, default: .integer(0)),
        Parameter("end", "Completed steps at the last update", .step),
        Parameter("every", "Steps from one update to the next", .integer(1...Int.max), default: .integer(100)),
    ]

    init(_ arguments: Arguments) throws {
        begin = arguments.integer("begin")
        end = arguments.integer("end")
        every = arguments.integer("every")
        guard begin < end else {
            throw ArgumentError.outOfRange(
                name: "end", of: arguments.descriptor.name, value: "\(end)", accepted: "more than begin (\(begin))")
        }
    }

    package func next(after step: Int) -> Int? {
        if step < begin { return begin }
        if step >= end { return nil }
        let done = (step - begin) / every * every
        // A large `every` must not overflow before it is held to the end.
        return every >= end - begin - done ? end : begin + done + every
    }

    /// The last update at or before a step as a fraction of the way, 0 at begin and 1 at end; nil before begin.
    package func progress(at step: Int) -> Double? {
        if step < begin { return nil }
        if step >= end { return 1 }
        return Double((step - begin) / every * every) / Double(end - begin)
    }
}
