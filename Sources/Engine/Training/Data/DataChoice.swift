import Descriptors
import Interchange

/// How data is to be taken: what a recipe says of it beside its path or name.
package struct DataChoice: Sendable, Equatable {
    package static let descriptor = Descriptor(
        name: "data", summary: "a name or a path, and how what lies there is to be taken",
        parameters: [
            Parameter(
                "layout", "the axes of a sample; auto: where they are clear", .choice(["auto"] + Layout.names),
                default: .text("auto")),
            Parameter(
                "x", "array of the inputs; IDX: what the names of the files begin with", .text, default: .text("")),
            Parameter("y", "array of the targets", .text, default: .text("")),
            Parameter("mask", "array of flags: which tokens there are", .text, default: .text("")),
            Parameter("x-test", "array of the test inputs", .text, default: .text("")),
            Parameter("y-test", "array of the test targets", .text, default: .text("")),
            Parameter("mask-test", "array of flags of the test part", .text, default: .text("")),
            Parameter(
                "target", "column of a table to learn, by name or number, or several with commas between", .text,
                default: .text("")),
            Parameter("ignore", "columns of a table to leave out, with commas between", .text, default: .text("")),
            Parameter(
                "header", "whether the first row of a table names its columns",
                .choice(Table.Header.allCases.map(\.rawValue)), default: .text("auto")),
            Parameter(
                "missing", "what becomes of a missing cell", .choice(Table.Missing.allCases.map(\.rawValue)),
                default: .text("refuse")),
            Parameter(
                "categories", "what becomes of texts: an input for each, or the number of the text",
                .choice(["one-hot", "number"]), default: .text("one-hot")),
            Parameter(
                "targets", "what is to be learned", .choice(["auto", "classes", "numbers", "input"]),
                default: .text("auto")),
            Parameter(
                "classes", "labels are 0 to one less than this; 0: the different labels there are",
                .integer(0...DataAssembly.mostClasses), default: .integer(0)),
            Parameter(
                "test", "share of the samples set apart where there is no test part", .number(0.001...0.9),
                default: .number(0.1)),
            Parameter(
                "stratified", "validation has of each class the share that all samples have", .boolean,
                default: .boolean(false)),
            Parameter(
                "scale-targets",
                "numbers are learned less their mean, in units of their deviation; auto: unless a file's weights answer otherwise",
                .choice(["auto", "yes", "no"]), default: .text("auto")),
            Parameter(
                "normalize", "inputs that share mean and deviation; auto: each channel its own",
                .choice(["auto"] + Normalization.Extent.allCases.map(\.rawValue)), default: .text("auto")),
        ])

    /// The axes of a sample, as a file has them.
    package enum Layout: String, Sendable, CaseIterable {
        case nchw, nhwc, nhw, ncl, nlc, axes, features, tokens

        static var names: [String] { allCases.map(\.rawValue) }
    }

    /// Complete.
    package let values: [String: Value]

    /// - Throws: `ArgumentError`.
    package init(_ values: [String: Value] = [:]) throws {
        self.values = try Arguments(values, for: Self.descriptor).values
    }

    package static let standard = try! DataChoice()

    /// What is not as it would be without a word, in the order of the descriptor.
    package var given: [(name: String, value: Value)] {
        Self.descriptor.parameters.compactMap { parameter in
            let value = values[parameter.name]!
            return value == parameter.fallback ? nil : (parameter.name, value)
        }
    }

    private func text(_ name: String) -> String {
        guard case .text(let text)? = values[name] else { preconditionFailure(name) }
        return text
    }
    private func word(_ name: String) -> String? { text(name).isEmpty ? nil : text(name) }
    private func words(_ name: String) -> [String] {
        text(name).split(separator: ",").map { word in
            String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    package var layout: Layout? { Layout(rawValue: text("layout")) }
    package var targets: String { text("targets") }
    package var classes: Int { if case .integer(let count)? = values["classes"] { count } else { 0 } }
    package var testShare: Double { if case .number(let share)? = values["test"] { share } else { 0 } }
    /// Nil: where nothing speaks against it.
    package var scalesTargets: Bool? { text("scale-targets") == "auto" ? nil : text("scale-targets") == "yes" }
    package var isStratified: Bool { values["stratified"] == .boolean(true) }
    package var normalization: Normalization.Extent? { Normalization.Extent(rawValue: text("normalize")) }

    package var reading: DataReading {
        var reading = DataReading()
        reading.x = word("x")
        reading.y = word("y")
        reading.mask = word("mask")
        reading.xTest = word("x-test")
        reading.yTest = word("y-test")
        reading.maskTest = word("mask-test")
        reading.target = words("target")
        reading.ignore = words("ignore")
        reading.header = Table.Header(rawValue: text("header"))!
        reading.missing = Table.Missing(rawValue: text("missing"))!
        reading.isOneHot = text("categories") == "one-hot"
        reading.wantsNoTarget = targets == "input"
        return reading
    }
}
