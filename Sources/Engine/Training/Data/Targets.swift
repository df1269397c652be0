/// What a network is to say of each sample. Losses and figures read it.
package enum Targets: Sendable, Equatable {
    /// A class a sample, as a number in 0..<names.count.
    case classes([Int32], names: [String])
    /// (count, each): numbers to come close to.
    case numbers([Float], each: Int)
    /// The normalised input itself.
    case input

    /// Nil where each sample is its own target, however many there are.
    package var count: Int? {
        switch self {
        case .classes(let numbers, _): numbers.count
        case .numbers(let values, let each): values.count / max(each, 1)
        case .input: nil
        }
    }

    /// Those of some samples.
    func taking(_ indices: [Int32]) -> Targets {
        switch self {
        case .classes(let numbers, let names): .classes(indices.map { numbers[Int($0)] }, names: names)
        case .numbers(let values, let each):
            .numbers(indices.flatMap { values[Int($0) * each..<(Int($0) + 1) * each] }, each: each)
        case .input: .input
        }
    }

    /// Of classes; empty where the target is none.
    package var names: [String] { if case .classes(_, let names) = self { names } else { [] } }

    /// As a sentence names them.
    package var summary: String {
        switch self {
        case .classes(_, let names): "\(names.count) classes"
        case .numbers(_, let each): each == 1 ? "a number" : "\(each) numbers"
        case .input: "the input itself"
        }
    }
}
