import ArgumentParser
import Devices
import Foundation
import Graph
import Interchange
import Kernels
import Models
import Training

/// Answers of a model for arrays.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Give the outputs of a model for an array.",
        discussion:
            "The first axis of the array is the batch, the others are those of the file. Of a run or a kept network the input "
            + "is normalised as its training data was, and the outputs are in the units of its targets.")

    @Argument(help: "An ONNX model, a safetensors file that Espalier kept, or the folder of a run.")
    var target: String
    @Option(help: "The input as .npy; of a model with several NAME=FILE, repeated.")
    var input: [String]
    @Option(help: "Where the outputs go, as .npy.")
    var output: String
    @Flag(help: "Take the numbers as they are, without the normalisation of a run or a kept network.")
    var raw = false
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @OptionGroup var dataOptions: DataOptions
    @OptionGroup var threadOptions: ThreadOptions

    func run() throws {
        do {
            let output = try OutputPlace.free(output, force: force)
            let arrays = try input.map(NamedArray.init)
            let threads = threadOptions.count
            let model = try RunnableModel(
                HomeFolder.find(target), arrays, threads: threads, data: dataOptions.choice, isRaw: raw)
            try Npy.write(try model.answers(arrays), to: output)
        } catch {
            throw Exit.report(error)
        }
    }
}

/// An array from the command line, with the name of the input it is for: "" for the only one.
struct NamedArray {
    let name: String
    let array: NumberArray

    init(_ argument: String) throws {
        let parts = argument.split(separator: "=", maxSplits: 1)
        let hasName = parts.count == 2 && !Files.exists(argument)
        name = hasName ? String(parts[0]) : ""
        array = try Npy.read(HomeFolder.find(hasName ? String(parts[1]) : argument))
    }
}

/// A network that answers, with what its inputs and outputs are called and how they lie.
private struct RunnableModel {
    private let path: String
    private let network: Network
    private let inputs: [(name: String, shape: [Int], offset: Int)]
    /// Of an ONNX file: how its answers lie there.
    private let output: ImportedOutput?
    private let normalization: Normalization?
    private let targetScale: TargetScale
    /// Answers in the network's place, which then is one of the same shapes.
    private let integers: QuantizedExecutor?
    private let team: Team

    init(
        _ path: String, _ arrays: [NamedArray], threads: Int, data: RunData.Choice, isRaw: Bool
    ) throws {
        self.path = path
        team = Team(size: threads)
        if QuantizedFile.isOne(path) {
            let kept = try QuantizedKept.read(path)
            network = Network(try kept.standIn(), capacity: 1, team: Team(size: 1), trains: false)
            inputs = [("", network.input.shape.axes, 0)]
            output = nil
            (targetScale, normalization, integers) = (
                .none, isRaw ? nil : kept.normalization, QuantizedExecutor(kept.network)
            )
            return
        }
        integers = nil
        guard path.hasSuffix(".onnx"), !Files.isFolder(path) else {
            let opened = try OpenedNetwork(path, threads: threads, capacity: 256, data: data)
            network = opened.network
            inputs = [("", opened.network.input.shape.axes, 0)]
            output = nil
            targetScale = opened.targetScale
            normalization = isRaw ? nil : try opened.normalization ?? opened.plan(data).data.normalization
            return
        }
        var options = ImportOptions()
        for array in arrays { options.arrayShapes[array.name] = array.array.dimensions }
        let model = try Models.importModel(path: path, options: options)
        for fact in model.facts { Output.error("espalier: \(fact)") }
        let graph = try NetworkFile.graph(of: model)
        let most = arrays.map { $0.array.dimensions.first ?? 1 }.max() ?? 1
        let capacity = min(Answering.capacity(graph, threads: threads), max(1, most))
        try MemoryNeed(running: graph, capacity: capacity, counts: nil).require(path, to: "run")
        network = Network(graph, capacity: capacity, team: team, trains: false)
        model.fill(network)
        inputs = model.inputs.map { ($0.name, $0.shape, $0.offset) }
        output = model.outputs.first
        normalization = nil
        targetScale = .none
    }

    /// (samples, axes of the output), F32.
    func answers(_ arrays: [NamedArray]) throws -> Tensor {
        let taken = try inputs.map { input in
            let found =
                arrays.first { $0.name == input.name } ?? (inputs.count == 1 ? arrays.first { $0.name.isEmpty } : nil)
            guard let found else {
                throw FileProblem(
                    path: path, place: "inputs", found: "none given for '\(input.name)'",
                    expected: inputs.map { "--input \($0.name.isEmpty ? "" : $0.name + "=")FILE" }.joined(
                        separator: ", "))
            }
            return found.array
        }
        // Without a batch axis an array is one sample, beside others the same for every sample.
        let isSame = zip(taken, inputs).map { $0.dimensions == $1.shape }
        let isOne = isSame.allSatisfy { $0 }
        let samples = zip(taken, isSame).first { !$1 }.map { $0.0.dimensions.first ?? 1 } ?? 1
        for ((array, input), isSame) in zip(zip(taken, inputs), isSame) {
            guard isSame || array.dimensions == [samples] + input.shape else {
                throw array.problem(
                    array.summary,
                    expected: "(\(([samples] + input.shape).map(String.init).joined(separator: ", "))), the batch first"
                )
            }
        }
        let features = network.input.shape.features, outputs = network.output.shape.features
        let answering = Answering(network, samples: max(1, samples))
        for ((array, input), isSame) in zip(zip(taken, inputs), isSame) {
            let values = array.floats(), count = input.shape.reduce(1, *)
            for sample in 0..<samples {
                let first = isSame ? 0 : sample * count
                for feature in 0..<count {
                    answering.images[sample * features + input.offset + feature] = values[first + feature]
                }
            }
        }
        if let normalization { normalise(answering.images, samples: samples, normalization) }
        if let integers {
            let images = (0..<samples).map { sample in
                (0..<features).map { answering.images[sample * features + $0] }
            }
            for (sample, answer) in integers.answers(images, team: team).enumerated() {
                for (output, value) in answer.enumerated() { answering.answers[sample * outputs + output] = value }
            }
        } else if samples <= network.capacity {
            // Panels answer from the network's input: by turns they are filled from the images.
            answering.fillPanels()
            network.forward(samples: samples)
            answering.takeAnswers(samples)
        } else {
            answering.forward(samples: samples, .panels)
        }
        var values = (0..<samples * outputs).map { answering.answers[$0] }
        targetScale.restore(&values)
        let axes = network.output.shape.axes
        if isOne { return Tensor("output", values, shape: axes) }
        return Tensor("output", values, shape: output?.axes(samples: samples) ?? [samples] + axes)
    }

    private func normalise(_ values: FloatBuffer, samples: Int, _ normalization: Normalization) {
        let shape = network.input.shape, plane = shape.height * shape.width
        for sample in 0..<samples {
            for feature in 0..<shape.features {
                let channel = feature / plane, place = sample * shape.features + feature
                values[place] = (values[place] - normalization.mean(channel)) / normalization.deviation(channel)
            }
        }
    }
}
