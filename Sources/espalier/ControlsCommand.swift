import ArgumentParser
import Foundation
import Text
import Training

struct ControlsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controls",
        abstract:
            "Train what a sparse network must be better than: a random mask, its own mask anew, a smaller dense one.",
        discussion:
            "Each has as many weights, and is trained from its first weights for all steps of the recipe, by its learning rate "
            + "and on the same samples. Their figures stand beside the network's, with 95 % intervals.")

    @OptionGroup var target: AnalysisTarget
    @Option(help: "Steps that each is trained for (default: those of the recipe).")
    var steps: WholeNumber?
    @Flag(help: "Measure on the test set too: a look at it counts.")
    var test = false
    @Flag(help: "Print one JSON line for each network.")
    var json = false

    func validate() throws { _ = try steps?.value(of: "--steps", in: 1...1 << 40) }

    func run() throws {
        do {
            let (subject, _) = try target.open()
            guard subject.sparsity > 0 else {
                throw AnalysisError("the network has no zeros: there is nothing to compare")
            }
            let steps = try steps?.value(of: "--steps", in: 1...1 << 40)
            try report("this network", subject)
            for control in Control.allCases {
                guard let trained = try control.trained(subject, threads: target.workers, steps: steps) else {
                    Output.error("espalier: \(control.rawValue): the loss became NaN or infinite")
                    continue
                }
                try report(control.rawValue, trained)
            }
        } catch {
            throw Exit.report(error)
        }
    }

    private func report(_ name: String, _ subject: AnalysedNetwork) throws {
        let point = FrontPoint(name, subject)!
        let figure = subject.figure
        let tested = test ? try subject.measureTest() : nil
        guard !json else {
            var fields: [String: JSONValue] = [
                "network": .text(name), "nnz": .whole(point.nnz), "sparsity": .number(point.sparsity),
                "figure": .text(figure.name), "validation": .number(point.reading.value),
                "margin": JSONValue(point.reading.margin).inSixDigits, "count": .whole(point.reading.count),
                "gap": JSONValue(point.gap).inSixDigits,
                "latency_microseconds": JSONValue(point.latencyMicroseconds).inSixDigits,
            ]
            if let tested {
                fields["test"] = .number(tested.value)
                fields["test_margin"] = JSONValue(tested.margin).inSixDigits
            }
            return Output.json(fields)
        }
        Output.line(
            Columns.left(name, 24) + Columns.right("\(point.nnz) weights", 18)
                + Columns.right(Percent.named(point.sparsity, 2) + " zeros", 16) + "  "
                + "\(figure.validation) \(figure.text(point.reading.value)) ±\(figure.width(point.reading.margin))"
                + (tested.map { "  test \(figure.text($0.value)) ±\(figure.width($0.margin))" } ?? "")
                + "  train − val " + figure.difference(point.gap))
    }
}
