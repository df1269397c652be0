import ArgumentParser
import Foundation
import Graph
import Interchange
import Kernels
import Models
import Sparsity
import Training

/// A network without the units that it does not need.
struct ShrinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shrink", abstract: "Take neurons, channels and heads out of a network for good.",
        discussion:
            "What does nothing goes first: units without weights, and those that nobody reads; the network answers as "
            + "before. With a target the smallest units follow, until a share of the network is left.")

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model.")
    var target: String
    @Option(help: "The file to write: .safetensors, with its own list of nodes, or .onnx.")
    var output: String
    @Option(help: "Share of the parameters that is to be left.")
    var toParameters: Double?
    @Option(help: "Share of the multiply-adds that is to be left.")
    var toMultiplyAdds: Double?
    @Option(help: "Share of the channels that is to be left, in each layer.")
    var toChannels: Double?
    @Option(help: "Share of the time of one image that is to be left, as it is measured here.")
    var toLatency: Double?
    @Flag(help: "With a target: the smallest units of all layers, not the same share of each.")
    var global = false
    @Flag(help: "Only what does nothing; without a target that is all.")
    var deadOnly = false
    @Option(help: "Layers that lose channels keep a multiple of so many.")
    var multiple: WholeNumber?
    @Flag(
        help:
            "Also units that a normalisation counts, or whose constant lies along a border: the answers change a little."
    )
    var approximate = false
    @Flag(help: "Print JSON lines.")
    var json = false
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @Option(name: .customLong("threads"), help: "Threads that the time of one image is measured with (default: 1).")
    var givenThreads: WholeNumber?
    @OptionGroup var dataOptions: DataOptions

    private var isONNX: Bool { output.hasSuffix(".onnx") }

    func validate() throws {
        _ = try chosen()
        _ = try multiple?.value(of: "--multiple", in: 1...1024)
        _ = try givenThreads?.value(of: "--threads", in: 1...256)
        guard isONNX || output.hasSuffix(".safetensors") else {
            throw ValidationError("--output is \(output); accepted: a name that ends in .safetensors or .onnx")
        }
    }

    private func chosen() throws -> UnitChoice.Target? {
        let given: [(String, Double?, (Double) -> UnitChoice.Target)] = [
            ("--to-parameters", toParameters, UnitChoice.Target.parameters),
            ("--to-multiply-adds", toMultiplyAdds, UnitChoice.Target.multiplyAdds),
            ("--to-channels", toChannels, UnitChoice.Target.channels),
            ("--to-latency", toLatency, UnitChoice.Target.latency),
        ]
        let targets = try given.compactMap { name, share, make -> UnitChoice.Target? in
            guard let share else { return nil }
            guard (0.001...1).contains(share) else {
                throw ValidationError("\(name) is \(share); accepted: a share from 0.001 to 1")
            }
            return make(share)
        }
        guard targets.count + (deadOnly ? 1 : 0) <= 1 else {
            throw ValidationError(
                "one target: --to-parameters, --to-multiply-adds, --to-channels, --to-latency or --dead-only")
        }
        return targets.first
    }

    func run() throws {
        do {
            let path = try OutputPlace.free(output, isKept: !isONNX, force: force)
            // Of the data nothing is looked at but its shape.
            let opened = try OpenedNetwork(target, data: RunData.Choice(folder: dataOptions.data, acceptsOther: true))
            let graph = opened.network.graph, arrays = GraphArrays(opened.network)
            let time = AnswerTime(threads: try givenThreads?.value(of: "--threads", in: 1...256) ?? 1)
            var options = UnitRemoval.Options()
            options.multiple = try multiple?.value(of: "--multiple", in: 1...1024) ?? 1
            options.isApproximate = approximate
            let shrunk = try ShrunkNetwork(
                graph, arrays, target: try chosen(), evenly: !global, options: options, measure: time.seconds)
            if isONNX {
                try write(shrunk, opened.targetScale, to: path)
            } else {
                try opened.kept(shrunk.graph, shrunk.arrays, at: path).write(to: path, graph: shrunk.graph)
            }
            let report = ShrinkReport(
                before: (graph, arrays), shrunk,
                seconds: (try time.seconds(graph, arrays), try time.seconds(shrunk.graph, shrunk.arrays)))
            json ? report.printJSON() : report.printText()
            if !json { Output.line("written: \(path)") }
        } catch let problem as UnitChoice.Problem {
            Output.error("espalier: \(problem)")
            throw Exit.failure
        } catch {
            throw Exit.report(error)
        }
    }

    private func write(_ shrunk: ShrunkNetwork, _ scale: TargetScale, to path: String) throws {
        let network = Network(shrunk.graph, capacity: 1, team: Team(size: 1), trains: false)
        shrunk.arrays.fill(network)
        try network.answerInOwnUnits(scale, path: target)
        try AtomicFile.write(Models.onnx(shrunk.graph, ModelArrays(network)), to: path)
    }
}
