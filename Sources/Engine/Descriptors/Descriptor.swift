/// What a choosable thing (criterion, schedule, optimizer, operator, network, …) says of itself.
///
/// The recipe reader, `espalier list`, the generated tables of the documentation and the parameterised tests all
/// read descriptors: none of them has a second list.
public struct Descriptor: Sendable, Equatable {
    /// The word a recipe uses, in kebab-case.
    public let name: String
    /// One line, without a full stop.
    public let summary: String
    /// Where the formula comes from, for instance "Zhu & Gupta 2017, arXiv:1710.01878".
    public let citation: String?
    public let parameters: [Parameter]

    public init(name: String, summary: String, citation: String? = nil, parameters: [Parameter] = []) {
        self.name = name
        self.summary = summary
        self.citation = citation
        self.parameters = parameters
    }
}

/// One parameter of a choosable thing: its name, what it accepts, and its default.
public struct Parameter: Sendable, Equatable {
    public let name: String
    public let summary: String
    public let accepts: Accepted
    /// `nil` where the parameter must be given, or where nothing stands for it.
    public let fallback: Value?
    /// Left out it has no value, and is not written.
    public let isOptional: Bool

    public init(
        _ name: String, _ summary: String, _ accepts: Accepted, default fallback: Value? = nil, isOptional: Bool = false
    ) {
        self.isOptional = isOptional
        self.name = name
        self.summary = summary
        self.accepts = accepts
        self.fallback = fallback
    }
}

/// A value as a recipe gives it.
public enum Value: Sendable, Equatable {
    case integer(Int)
    case number(Double)
    case text(String)
    case boolean(Bool)
    /// Named numbers, for instance a density for each layer.
    case numbersByName([String: Double])
    case integers([Int])
    case numbers([Double])
    case texts([String])
    /// Numbers at steps, for instance a schedule drawn by hand.
    case points([Point])

    public struct Point: Sendable, Equatable, Codable {
        public var step: Int
        public var value: Double

        public init(step: Int, value: Double) {
            self.step = step
            self.value = value
        }
    }

    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): value
        case .boolean(let value): "\(value)"
        case .numbersByName(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        case .integers(let values): "[" + values.map(String.init).joined(separator: ", ") + "]"
        case .numbers(let values): "[" + values.map { "\($0)" }.joined(separator: ", ") + "]"
        case .texts(let values): "[" + values.joined(separator: ", ") + "]"
        case .points(let points): "[" + points.map { "[\($0.step), \($0.value)]" }.joined(separator: ", ") + "]"
        }
    }
}

/// The values a parameter accepts; its text is what an error message and the help print.
public enum Accepted: Sendable, Equatable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case choice([String])
    case text
    case boolean
    case numbersByName(ClosedRange<Double>)
    /// A list of so many whole numbers. Where one is enough it may be written without brackets, and is kept so.
    case integers(ClosedRange<Int>, count: ClosedRange<Int>)
    case numbers(ClosedRange<Double>, count: ClosedRange<Int>)
    case texts(count: ClosedRange<Int>)
    /// One of these words, or a list of numbers.
    case choiceOrNumbers([String], ClosedRange<Double>)
    /// One point or more, as [step, number], in rising steps; or a number for each step by its name.
    case points(ClosedRange<Double>)

    public var description: String {
        switch self {
        case .integer(let range) where range.lowerBound == range.upperBound: "\(range.lowerBound)"
        case .integer(let range):
            range.upperBound == Int.max
                ? "a whole number, \(range.lowerBound) or more"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            range.upperBound == .infinity
                ? "a number, \(range.lowerBound) or more" : "a number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let names): "one of " + names.joined(separator: ", ")
        case .text: "text"
        case .boolean: "true or false"
        case .numbersByName(let range): "names with numbers from \(range.lowerBound) to \(range.upperBound)"
        case .integers(let range, let count):
            (count.contains(1) ? Accepted.integer(range).description + ", or " : "")
                + "a list of \(Accepted.words(count)) whole numbers from \(range.lowerBound) to \(range.upperBound)"
        case .numbers(let range, let count):
            (count.contains(1) ? Accepted.number(range).description + ", or " : "")
                + "a list of \(Accepted.words(count)) numbers from \(range.lowerBound) to \(range.upperBound)"
        case .texts(let count): (count.contains(1) ? "text, or " : "") + "a list of \(Accepted.words(count)) texts"
        case .choiceOrNumbers(let names, let range):
            names.joined(separator: ", ") + ", or a list of numbers from \(range.lowerBound) to \(range.upperBound)"
        case .points(let range):
            "pairs [step, number] in rising steps, with numbers from \(range.lowerBound) to \(range.upperBound), "
                + "or {step: number, …}"
        }
    }

    private static func words(_ count: ClosedRange<Int>) -> String {
        if count.lowerBound == count.upperBound { return "\(count.lowerBound)" }
        return count.upperBound == Int.max
            ? "\(count.lowerBound) and more" : "\(count.lowerBound) to \(count.upperBound)"
    }

    /// The value in the form this parameter keeps it (a whole number given for a number becomes one), or nil.
    public func admit(_ value: Value) -> Value? {
        switch (self, value) {
        case (.integer(let range), .integer(let given)): range.contains(given) ? value : nil
        // An open end is no infinity.
        case (.number(let range), .number(let given)): range.contains(given) && given.isFinite ? value : nil
        case (.number(let range), .integer(let given)):
            range.contains(Double(given)) ? .number(Double(given)) : nil
        case (.choice(let names), .text(let given)): names.contains(given) ? value : nil
        case (.text, .text), (.boolean, .boolean): value
        case (.numbersByName(let range), .numbersByName(let given)):
            given.values.allSatisfy { range.contains($0) && $0.isFinite } ? value : nil
        case (.integers(let range, let count), .integer(let given)):
            count.contains(1) && range.contains(given) ? value : nil
        case (.integers(let range, let count), .integers(let given)):
            count.contains(given.count) && given.allSatisfy(range.contains) ? value : nil
        case (.integers(_, let count), .numbers(let given)) where given.isEmpty:
            count.contains(0) ? .integers([]) : nil
        case (.numbers(let range, let count), .integer), (.numbers(let range, let count), .number):
            count.contains(1) ? Accepted.number(range).admit(value) : nil
        case (.numbers(let range, let count), .numbers(let given)):
            count.contains(given.count) && given.allSatisfy { range.contains($0) && $0.isFinite } ? value : nil
        case (.numbers, .integers(let given)): admit(.numbers(given.map(Double.init)))
        case (.choiceOrNumbers(let names, _), .text(let given)): names.contains(given) ? value : nil
        case (.choiceOrNumbers(_, let range), .numbers), (.choiceOrNumbers(_, let range), .integers):
            Accepted.numbers(range, count: 2...Int.max).admit(value)
        case (.texts(let count), .text): count.contains(1) ? value : nil
        case (.texts(let count), .texts(let given)): count.contains(given.count) ? value : nil
        case (.texts(let count), .integers(let given)) where given.isEmpty: count.contains(0) ? .texts([]) : nil
        case (.points(let range), .points(let given)): Self.risingPoints(given, in: range)
        case (.points(let range), .numbersByName(let given)):
            Self.points(given).flatMap { Self.risingPoints($0, in: range) }
        default: nil
        }
    }

    private static func risingPoints(_ points: [Value.Point], in range: ClosedRange<Double>) -> Value? {
        guard let first = points.first, first.step >= 0,
            zip(points, points.dropFirst()).allSatisfy({ $0.step < $1.step }),
            points.allSatisfy({ range.contains($0.value) && $0.value.isFinite })
        else { return nil }
        return .points(points)
    }

    /// Named by their steps; nil where a name is no step.
    private static func points(_ named: [String: Double]) -> [Value.Point]? {
        var points: [Value.Point] = []
        for (name, value) in named {
            guard case .integer(let step) = PlainNumber(name) else { return nil }
            points.append(Value.Point(step: step, value: value))
        }
        return points.sorted { $0.step < $1.step }
    }
}
