/// Values for the parameters of one descriptor, checked once and complete (defaults filled in).
public struct Arguments: Sendable, Equatable {
    public let descriptor: Descriptor
    public let values: [String: Value]

    /// - Throws: `ArgumentError` for an unknown name, a value out of range, or a missing value.
    public init(_ given: [String: Value] = [:], for descriptor: Descriptor) throws {
        self.descriptor = descriptor
        var values: [String: Value] = [:]
        for name in given.keys.sorted() where !descriptor.parameters.contains(where: { $0.name == name }) {
            throw ArgumentError.unknown(
                name: name, of: descriptor.name, accepted: descriptor.parameters.map(\.name))
        }
        for parameter in descriptor.parameters {
            if let value = given[parameter.name] {
                guard let admitted = parameter.accepts.admit(value) else {
                    // Of many numbers the one at fault is named.
                    if case .numbersByName(let range) = parameter.accepts, case .numbersByName(let numbers) = value,
                        let wrong = numbers.keys.sorted().first(where: {
                            Accepted.number(range).admit(.number(numbers[$0]!)) == nil
                        })
                    {
                        throw ArgumentError.outOfRange(
                            name: wrong, of: parameter.name, value: "\(numbers[wrong]!)",
                            accepted: Accepted.number(range).description)
                    }
                    throw ArgumentError.outOfRange(
                        name: parameter.name, of: descriptor.name, value: value.description,
                        accepted: parameter.accepts.description(for: value))
                }
                values[parameter.name] = admitted
            } else if let fallback = parameter.fallback {
                values[parameter.name] = fallback
            } else if !parameter.isOptional {
                throw ArgumentError.missing(
                    name: parameter.name, of: descriptor.name, accepted: parameter.accepts.description)
            }
        }
        self.values = values
    }

    // A parameter asked for under a name or kind its descriptor does not have is a programmer's mistake.
    public func integer(_ name: String) -> Int {
        guard case .integer(let value)? = values[name] else { preconditionFailure("\(descriptor.name): \(name)") }
        return value
    }
    public func number(_ name: String) -> Double {
        guard case .number(let value)? = values[name] else { preconditionFailure("\(descriptor.name): \(name)") }
        return value
    }
    public func text(_ name: String) -> String {
        guard case .text(let value)? = values[name] else { preconditionFailure("\(descriptor.name): \(name)") }
        return value
    }
    public func boolean(_ name: String) -> Bool {
        guard case .boolean(let value)? = values[name] else { preconditionFailure("\(descriptor.name): \(name)") }
        return value
    }
    public func numbersByName(_ name: String) -> [String: Double] {
        guard case .numbersByName(let value)? = values[name] else {
            preconditionFailure("\(descriptor.name): \(name)")
        }
        return value
    }
    /// One number where one was given without brackets.
    public func integers(_ name: String) -> [Int] {
        switch values[name] {
        case .integers(let value)?: return value
        case .integer(let value)?: return [value]
        default: preconditionFailure("\(descriptor.name): \(name)")
        }
    }
    /// One number where one was given without brackets.
    public func numbers(_ name: String) -> [Double] {
        switch values[name] {
        case .numbers(let value)?: return value
        case .number(let value)?: return [value]
        default: preconditionFailure("\(descriptor.name): \(name)")
        }
    }
    public func points(_ name: String) -> [Value.Point] {
        guard case .points(let value)? = values[name] else { preconditionFailure("\(descriptor.name): \(name)") }
        return value
    }
    /// One text where one was given without brackets.
    public func texts(_ name: String) -> [String] {
        switch values[name] {
        case .texts(let value)?: return value
        case .text(let value)?: return [value]
        default: preconditionFailure("\(descriptor.name): \(name)")
        }
    }
}

/// Why arguments were refused: what, where, what was expected.
public enum ArgumentError: Error, Equatable, CustomStringConvertible {
    case unknown(name: String, of: String, accepted: [String])
    case outOfRange(name: String, of: String, value: String, accepted: String)
    case missing(name: String, of: String, accepted: String)

    /// The parameter at fault, so that a reader can name its line.
    public var parameter: String {
        switch self {
        case .unknown(let name, _, _), .outOfRange(let name, _, _, _), .missing(let name, _, _): name
        }
    }

    /// What has the parameter: `recipe`, or the name of a choosable thing.
    public var owner: String {
        switch self {
        case .unknown(_, let owner, _), .outOfRange(_, let owner, _, _), .missing(_, let owner, _): owner
        }
    }

    public var description: String {
        switch self {
        case .unknown(let name, let owner, let accepted):
            "'\(owner)' has no '\(name)'; accepted: \(accepted.isEmpty ? "nothing" : accepted.joined(separator: ", "))"
                + didYouMean(name, among: accepted)
        case .outOfRange(let name, let owner, let value, let accepted):
            // A stranger's word may be as long as a recipe.
            "'\(name)' of '\(owner)' is \(value.shortened); accepted: \(accepted)"
        case .missing(let name, let owner, let accepted):
            "'\(owner)' needs '\(name)': \(accepted)"
        }
    }
}

/// A thing that can be chosen by name and made from arguments.
public protocol Choosable: Sendable {
    static var descriptor: Descriptor { get }
    /// - Throws: `ArgumentError` where values that are each in range do not fit together.
    init(_ arguments: Arguments) throws
}

extension String {
    /// As a message may show it: a stranger's word may be as long as a recipe.
    package var shortened: String { count > 200 ? prefix(200) + "…" : self }
}
