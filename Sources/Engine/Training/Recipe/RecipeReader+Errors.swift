import Descriptors
import Foundation

/// What an argument refuses, told with its line.
extension RecipeReader {
    // Turns an argument's error into one that names the line of the parameter.
    func checking<Result>(_ node: RecipeNode, _ key: String?, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let problem as ArgumentError {
            throw error(problem, in: node, of: key)
        }
    }

    /// - Parameter key: of the part that the node is, where it is one.
    func error(_ problem: ArgumentError, in node: RecipeNode, of key: String?) -> RecipeError {
        // An entry of the node, or one within an entry, as a layer's number is.
        let entry =
            node.entry(problem.parameter) ?? node[problem.owner]?.entry(problem.parameter)
            ?? node[Balance.descriptor.name]?.entry(problem.parameter)
            ?? node[DistillationChoice.descriptor.name]?.entry(problem.parameter)
        // A wrong key stands where it stands; a wrong value where that does.
        let isUnknown = if case .unknown = problem { true } else { false }
        let place = isUnknown ? entry?.place : entry?.valuePlace
        return lines.error(place ?? node.place, Self.words(problem, entry?.value), of: key.map { [$0] } ?? [])
    }

    private static func words(_ problem: ArgumentError, _ node: RecipeNode?) -> String {
        guard case .outOfRange(let name, let owner, _, let accepted) = problem,
            case .text(let text, let isQuoted)? = node?.content
        else { return problem.description }
        func words(_ value: String, _ accepted: String) -> String {
            ArgumentError.outOfRange(name: name, of: owner, value: value, accepted: accepted).description
        }
        if text.isEmpty || node?.isEmpty == true { return words(isQuoted ? "\"\"" : "empty", accepted) }
        if isQuoted, PlainNumber(text) != .text || ["true", "false"].contains(text) {
            return words("the text \"\(text)\"", accepted + ", without quotes")
        }
        // More digits than an integer holds: the range has an end, too.
        let digits = text.utf8.first.map("+-".utf8.contains) == true ? text.utf8.dropFirst() : text.utf8[...]
        let isWhole = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        if isWhole, Int(text) == nil, accepted.hasSuffix(" or more") {
            return words(text, accepted.replacing(", ", with: " from ").replacing(" or more", with: " to \(Int.max)"))
        }
        return problem.description
    }
}
