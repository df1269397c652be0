import Descriptors

/// The steps after which a proximal method shrinks, and those after which it drops what has become zero.
struct ShrinkSteps: Sendable, Equatable {
    let begin: Int
    let end: Int
    private let dropEvery: Int

    static let parameters = [
        Parameter("begin", "Completed steps before the first that shrinks", .step, default: .integer(0)),
        Parameter("end", "Completed steps after the last that shrinks", .step),
        Parameter(
            "drop-every", "Steps from one drop of zeros to the next", .integer(1...Int.max), default: .integer(100)),
    ]

    init(_ arguments: Arguments) throws {
        begin = arguments.integer("begin")
        end = arguments.integer("end")
        dropEvery = arguments.integer("drop-every")
        guard begin < end else {
            throw ArgumentError.outOfRange(
                name: "end", of: arguments.descriptor.name, value: "\(end)", accepted: "more than begin (\(begin))")
        }
    }

    func shrinks(at step: Int) -> Bool { step > begin && step <= end }
    func drops(at step: Int) -> Bool { nextDrop(after: step - 1) == step }

    func nextDrop(after step: Int) -> Int? {
        if step >= end { return nil }
        let done = step < begin ? 0 : (step - begin) / dropEvery * dropEvery
        return dropEvery >= end - begin - done ? end : begin + done + dropEvery
    }
}
