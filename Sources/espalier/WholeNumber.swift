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

    /// For an option that is a plain integer and says its range later.
    static func read(_ text: String) throws -> Int {
        switch PlainNumber(text) {
        case .integer(let number): return number
        case .ambiguous(let instead): throw ValidationError("write \(instead)")
        default: throw ValidationError("accepted: a whole number")
        }
    }
}

extension Espalier {
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
