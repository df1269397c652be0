import ArgumentParser
import Foundation
import Interchange
import Text
import Training

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Print what a data set holds, and the line of a recipe that takes it.",
        discussion: "Documentation/Data.md says which forms there are.")

    @Argument(help: "A file, a folder, or the name of a data set.")
    var path: String
    @Option(
        name: .customLong("set"), help: "How it is to be taken, as in layout=nhwc or target=price; may be repeated.")
    var changes: [String] = []
    @Flag(help: "Print one JSON line.")
    var json = false

    func run() throws {
        do {
            // The words are checked where a recipe's are.
            var recipe = try RecipeReader.read(
                "network: none", file: "data", name: "data", changes: changes.map { "data.\($0)" })
            recipe.data = DataSources.all.contains { $0.descriptor.name == path } ? path : HomeFolder.find(path)
            let data = try DataSources.load(recipe.data, recipe.dataChoice)
            let summary = DataSummary(data)
            json ? printJSON(summary, recipe) : printText(summary, recipe)
        } catch {
            throw Exit.report(error)
        }
    }

    private func printJSON(_ summary: DataSummary, _ recipe: Recipe) {
        func numbers(_ values: [Double]) -> JSONValue { .list(values.map(JSONValue.number)) }
        var fields: [String: JSONValue] = [
            "channels_last": .flag(summary.order == .channelsLast), "data": .text(path),
            "deviations": numbers(summary.channels.map(\.deviation)), "format": .text(summary.format),
            "held_bytes": .whole(summary.heldBytes), "mapped": .flag(summary.isMapped),
            "means": numbers(summary.channels.map(\.mean)), "notices": .list(summary.notices.map(JSONValue.text)),
            "recipe": .text(recipe.dataLine), "shape": .text(summary.shape), "targets": .text(summary.targets),
            "test": .whole(summary.test.count), "test_not_finite": .whole(summary.test.notFinite),
            "train": .whole(summary.train.count), "train_not_finite": .whole(summary.train.notFinite),
            "type": .text(summary.type),
        ]
        if let problem = summary.problem { fields["problem"] = .text(problem) }
        if !summary.classNames.isEmpty {
            fields["classes"] = .list(summary.classNames.map(JSONValue.text))
            fields["train_classes"] = .list(summary.train.classCounts.map(JSONValue.whole))
            fields["test_classes"] = .list(summary.test.classCounts.map(JSONValue.whole))
        }
        Output.json(fields)
    }

    private static let mostRows = 24

    private func printText(_ summary: DataSummary, _ recipe: Recipe) {
        Output.line(
            "\(path): \(summary.format), \(summary.train.count) training and \(summary.test.count) test samples")
        let place =
            summary.isMapped
            ? "read from the file as it is used"
            : "\(max(1, (summary.heldBytes + 500_000) / 1_000_000)) MB in memory"
        Output.line(
            "inputs     \(summary.shape) \(summary.type)"
                + (summary.order == .channelsLast ? ", channels last in the file" : "") + "; \(place)")
        Output.line("targets    \(summary.targets)")
        if !summary.classNames.isEmpty {
            Output.line("class                 number   training       test")
            for (number, name) in summary.classNames.enumerated().prefix(Self.mostRows) {
                Output.line(
                    pad(name, 21) + right("\(number)", 7) + right("\(summary.train.classCounts[number])", 11)
                        + right("\(summary.test.classCounts[number])", 11))
            }
            more(summary.classNames.count)
        }
        let normalized = summary.normalization == .none ? ", not used: inputs stay as they are" : ""
        Output.line("channel             mean   deviation" + normalized)
        for (number, channel) in summary.channels.enumerated().prefix(Self.mostRows) {
            Output.line(
                pad("\(number)", 8) + right(String(format: "%.6g", channel.mean), 16)
                    + right(String(format: "%.6g", channel.deviation), 12))
        }
        more(summary.channels.count)
        if let problem = summary.problem { Output.line("cannot be trained on: \(problem)") }
        for notice in summary.notices { Output.line("note: \(notice)") }
        Output.line("recipe: \(recipe.dataLine)")
    }

    private func more(_ count: Int) {
        if count > Self.mostRows { Output.line("… and \(count - Self.mostRows) more") }
    }
    private func pad(_ text: String, _ width: Int) -> String {
        let text = String(text.visible.prefix(width - 1))
        return text + String(repeating: " ", count: width - text.count)
    }
    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
