import ArgumentParser
import Descriptors

/// A whole number on the command line, written as in a recipe. The option that holds it says its range.
struct WholeNumber: ExpressibleByArgument {
    let text: String

    init?(argument: String) { text = argument }

    /// - Throws: `ValidationError` that names the option, what was given and what is accepted.
    func value(of option: String, in range: ClosedRange<Int>) throws -> Int {
        switch PlainNumber(text) {
        case .integer(let number) where range.contains(number): return number
        case .ambiguous(let instead): throw ValidationError("\(option) is \(text.shortened); write \(instead)")
        default:
            throw ValidationError(
                "\(option) is \(text.isEmpty ? "empty" : text.shortened); accepted: a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
    }

    /// For a list of numbers that are looked up and have no range.
    static func read(_ text: String) throws -> Int {
        switch PlainNumber(text) {
        case .integer(let number): return number
        case .ambiguous(let instead): throw ValidationError("write \(instead)")
        default: throw ValidationError("accepted: a whole number")
        }
    }
}

extension Espalier {
    /// The parser reads the numbers of benchmarks itself, and `010` as ten: it is refused there as everywhere.
    /// - Throws: `ValidationError` that names the option and what to write.
    static func requirePlainNumbers(_ arguments: [String]) throws {
        guard arguments.first == "bench" else { return }
        for (index, argument) in arguments.enumerated().dropFirst() where argument.hasPrefix("--") {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let value = parts.count == 2 ? parts[1] : arguments.dropFirst(index + 1).first,
                case .ambiguous(let instead) = PlainNumber(value)
            else { continue }
            throw ValidationError("\(parts[0]) is \(value.shortened); write \(instead)")
        }
    }

    /// The arguments with a negative number joined to the option before it, as `--seed=-1`: no option has such a name, and the
    /// parser would say that the option lacks a value, where the option can say its range.
    static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
        var joined: [String] = []
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { return joined + arguments[index...] }
            let isNegative = argument.first == "-" && PlainNumber(argument) != .text
            if isNegative, let option = joined.last, option.hasPrefix("--"), !option.contains("=") {
                joined[joined.count - 1] = "\(option)=\(argument)"
            } else {
                joined.append(argument)
            }
        }
        return joined
    }
}
