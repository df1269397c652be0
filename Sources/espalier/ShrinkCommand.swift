import ArgumentParser
import Foundation
import Graph
import Interchange
import Kernels
import Models
import Sparsity
import Text
import Training

/// A network without the units that it does not need.
struct ShrinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shrink", abstract: "Take neurons, channels and heads out of a network for good.",
        discussion:
            "What does nothing goes first: units without weights, and those that nobody reads; the network answers as "
            + "before. With a target the smallest units follow, until a share of the network is left. Of a run the output "
            + "may be a folder: a run that goes on from there with its masks and its optimizer state.")

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model.")
    var target: String
    @Option(
        help: "The file to write: .safetensors, with its own list of nodes, or .onnx; or, of a run, a new run's folder."
    )
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
    private var isKept: Bool { output.hasSuffix(".safetensors") }
    private var isRun: Bool { !output.isEmpty && !(output.split(separator: "/").last ?? "").contains(".") }

    func validate() throws {
        _ = try shrinking()
        _ = try givenThreads?.value(of: "--threads", in: 1...256)
        guard isONNX || isKept || isRun else {
            throw ValidationError(
                "--output is \(output); accepted: a name that ends in .safetensors or .onnx, or a folder's, without a dot, "
                    + "for a run")
        }
        guard !isRun || !force else { throw ValidationError("--force is for files: a new run's folder is a new one") }
    }

    private func shrinking() throws -> Shrinking {
        let given: [(name: String, share: Double?, target: Shrinking.Target)] = [
            ("--to-parameters", toParameters, .parameters), ("--to-multiply-adds", toMultiplyAdds, .multiplyAdds),
            ("--to-channels", toChannels, .channels), ("--to-latency", toLatency, .latency),
        ]
        var targets: [(target: Shrinking.Target, share: Double)] = []
        for (name, share, target) in given {
            guard let share else { continue }
            guard (0.001...1).contains(share) else {
                throw ValidationError("\(name) is \(share); accepted: a share from 0.001 to 1")
            }
            targets.append((target, share))
        }
        guard targets.count + (deadOnly ? 1 : 0) <= 1 else {
            throw ValidationError(
                "one target: --to-parameters, --to-multiply-adds, --to-channels, --to-latency or --dead-only")
        }
        let multiple = try multiple?.value(of: "--multiple", in: 1...1024) ?? 1
        return Shrinking(
            targets.first?.target ?? .idle, share: targets.first?.share ?? 1, isGlobal: global, multiple: multiple,
            isApproximate: approximate)
    }

    private func requireRun() throws {
        let path = HomeFolder.find(target)
        guard try !RunFolder.isRun(path) else { return }
        throw FileProblem(
            path: path, place: "folder", found: "no recipe.yaml",
            expected: "the folder of a run, for an output that is one; else a file that ends in .safetensors or .onnx")
    }

    func run() throws {
        do {
            let path = try OutputPlace.free(output, isKept: isKept, force: isRun ? nil : force)
            if isRun { try requireRun() }
            // Of the data nothing is looked at but its shape.
            let opened = try OpenedNetwork(target, data: RunData.Choice(folder: dataOptions.data, acceptsOther: true))
            let graph = opened.network.graph, arrays = GraphArrays(opened.network)
            let threads = try givenThreads?.value(of: "--threads", in: 1...256) ?? 1
            let time = AnswerTime(threads: threads)
            let shrinking = try shrinking()
            let shrunk = try shrinking.shrunk(graph, arrays, measure: time.seconds)
            if isRun {
                // What a clock says is counted, for the journal to repeat.
                try ShrunkRun(shrinking: shrinking.counted(shrunk), threads: threads, data: dataOptions.choice)
                    .write(of: HomeFolder.find(target), to: path)
            } else if isONNX {
                try write(shrunk, opened.targetScale, to: path)
            } else {
                try opened.kept(shrunk.graph, shrunk.arrays, at: path).write(to: path, graph: shrunk.graph)
            }
            let report = ShrinkReport(
                before: (graph, arrays), shrunk,
                seconds: (try time.seconds(graph, arrays), try time.seconds(shrunk.graph, shrunk.arrays)))
            json ? report.printJSON() : report.printText()
            if !json { Output.line(isRun ? "written: \(path), to go on with: \(resume(path))" : "written: \(path)") }
        } catch let problem as UnitChoice.Problem {
            Output.error("espalier: \(problem)")
            throw Exit.failure
        } catch {
            throw Exit.report(error)
        }
    }

    private func resume(_ path: String) -> String { shellCommand([Output.program, "resume"], on: [path]) }

    private func write(_ shrunk: ShrunkNetwork, _ scale: TargetScale, to path: String) throws {
        let network = Network(shrunk.graph, capacity: 1, team: Team(size: 1), trains: false)
        shrunk.arrays.fill(network)
        try network.answerInOwnUnits(scale, path: target)
        try AtomicFile.write(Models.onnx(shrunk.graph, ModelArrays(network)), to: path)
    }
}
