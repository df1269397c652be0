import ArgumentParser
import Foundation
import Training

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a run or a kept network on validation or test images.",
        discussion: "The test set is for the end: a look at it counts.")

    @Argument(help: "Folder of a run, or a safetensors file that Espalier kept.")
    var target: String
    @Option(help: "validation or test.")
    var on = "validation"
    @Flag(help: "Round the weights to half precision first, as a device that keeps 16 bits of each would have them.")
    var half = false
    @Flag(help: "Print one JSON line.")
    var json = false
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var runOptions: RunOptions

    func validate() throws {
        guard ["validation", "test"].contains(on) else {
            throw ValidationError("--on is \(on); accepted: validation, test")
        }
    }

    func run() throws {
        do {
            let opened = try OpenedNetwork(
                target, threads: runOptions.sessionOptions(interactive: false).threads, capacity: 256,
                data: dataOptions.choice)
            if half { opened.network.roundToHalf() }
            let plan = try opened.plan(dataOptions.choice)
            let accuracy = try plan.measure(opened.network, onTest: on == "test", normalization: opened.normalization)
            if json {
                Output.json([
                    "accuracy": .number(accuracy.percent), "count": .whole(accuracy.count), "half": .flag(half),
                    "on": .text(on), "step": .whole(opened.step),
                ])
            } else {
                Output.line(
                    String(
                        format: "%@ %.2f %% ±%.2f of %d images, step %d", on, accuracy.percent, accuracy.margin,
                        accuracy.count, opened.step) + (half ? ", weights of half precision" : ""))
            }
        } catch {
            throw Exit.report(error)
        }
    }
}
