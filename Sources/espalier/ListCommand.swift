import ArgumentParser
import Descriptors
import Graph
import Interchange
import Models
import Training

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print what exists: networks, operators, criteria, schedules, methods and the rest.")

    @Argument(help: "Only this kind, as in 'criterion'.")
    var kind: String?
    @Flag(help: "Print Markdown, as the README holds it.")
    var markdown = false

    /// Every kind of choosable thing, from its descriptors.
    static let kinds: [(name: String, descriptors: [Descriptor])] =
        [
            ("network", NamedNetworks.all.map { $0.descriptor }),
            ("operator", Operators.all.map { $0.descriptor }),
            ("data", DataSources.all.map { $0.descriptor }),
        ] + Recipe.parts.filter { $0.key != Recipe.recover.key }.map { ($0.key, $0.options) } + [
            // Those of the command `prune` too.
            ("recover", Recoveries.all.map { $0.descriptor }),
            (
                "setting",
                [
                    Recipe.descriptor, DataChoice.descriptor, Balance.descriptor, DistillationChoice.descriptor,
                    QuantizationChoice.descriptor,
                ]
            ),
            ("format", Formats.all),
        ]

    func validate() throws {
        if let kind, kind != Self.onnx, !Self.kinds.contains(where: { $0.name == kind }) {
            throw ValidationError(
                "no kind '\(kind)'; accepted: \((Self.kinds.map(\.name) + [Self.onnx]).joined(separator: ", "))"
                    + didYouMean(kind, among: Self.kinds.map(\.name) + [Self.onnx]))
        }
    }

    /// Operators that models may hold; they are chosen by a file, so they are listed by name alone, and only when asked for.
    private static let onnx = "onnx"

    func run() {
        if kind == Self.onnx {
            Output.line(Models.operators.map { markdown ? "`\($0)`" : $0 }.joined(separator: ", "))
            return
        }
        for (name, descriptors) in Self.kinds where kind == nil || kind == name {
            Output.lines(markdown ? "\n| \(name) | what it is |\n|---|---|" : "\(name)")
            for descriptor in descriptors { markdown ? printRow(descriptor) : printText(descriptor) }
        }
    }

    private func printText(_ descriptor: Descriptor) {
        Output.line("  \(descriptor.name): \(descriptor.summary)\(descriptor.citation.map { " (\($0))" } ?? "")")
        for parameter in descriptor.parameters {
            let fallback =
                parameter.fallback.map { ", default \($0.description)" }
                ?? (parameter.isOptional ? ", may be left out" : ", needed")
            Output.line("      \(parameter.name): \(parameter.summary); \(parameter.accepts.description)\(fallback)")
        }
    }

    private func printRow(_ descriptor: Descriptor) {
        let parameters = descriptor.parameters.map { "`\($0.name)`" }.joined(separator: ", ")
        Output.line(
            "| `\(descriptor.name)` | \(descriptor.summary)\(parameters.isEmpty ? "" : ": \(parameters)")"
                + "\(descriptor.citation.map { " ([\($0)])" } ?? "") |")
    }
}
