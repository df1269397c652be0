import Foundation
import Graph
import Interchange
import Kernels
import Models
import Testing

/// ONNX's own tests of single operators, as Debian's `libonnx-testdata` has them: every one of single precision whose operator is in
/// `Operators`. ESPALIER_ONNX_NODES names a folder of newer ones.
@Suite struct NodeTests {
    static let folder =
        ProcessInfo.processInfo.environment["ESPALIER_ONNX_NODES"] ?? "/usr/share/libonnx-testdata/data/node"

    static let operators: Set<String> = [
        "Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "Relu", "LeakyRelu", "PRelu", "Elu", "Clip",
        "Sigmoid",
        "HardSigmoid", "HardSwish", "Tanh", "Mish", "Softplus", "MaxPool", "AveragePool", "GlobalAveragePool",
        "GlobalMaxPool", "ReduceMean", "Add", "Sub", "Mul", "Div", "Min", "Max", "Concat", "Split", "Slice", "Pad",
        "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Resize", "Softmax",
        "LogSoftmax", "LayerNormalization", "GroupNormalization", "InstanceNormalization", "RMSNormalization", "Gelu",
        "Gather", "Where", "Expand", "Pow", "Sqrt", "Exp", "Log", "Neg", "Abs", "ReduceSum", "ArgMax", "Erf", "Swish",
        "Attention", "LRN", "Einsum", "OneHot", "GatherElements", "GatherND",
    ]

    /// What no network here is: random, or trained while it answers.
    static let excused: [String: String] = [
        "test_batchnorm_epsilon_training_mode": "answers by the statistics of its batch",
        "test_batchnorm_example_training_mode": "answers by the statistics of its batch",
        "test_training_dropout": "drops at random", "test_training_dropout_default": "drops at random",
        "test_convtranspose_3d": "three spatial axes", "test_resize_tf_crop_and_resize": "crops while it resizes",
        "test_reshape_allowzero_reordered": "no values at all", "test_split_zero_size_splits": "no values at all",
        "test_slice_start_out_of_bounds": "no values at all",
    ]

    @Test(.enabled(if: Files.isFolder(folder))) func everyNode() throws {
        var passed: [String] = [], planes = 0, failed: [(name: String, why: String)] = []
        for name in Files.names(in: Self.folder) ?? [] where name.hasPrefix("test_") {
            let path = Self.folder + "/" + name
            guard let model = try? ONNXReader.read(path + "/model.onnx"), model.graph.nodes.count == 1,
                Self.operators.contains(model.graph.nodes[0].type), Self.isSingle(model)
            else { continue }
            do {
                if try NodeCase(model, path: path).check() { planes += 1 }
                passed.append(name)
            } catch {
                failed.append((name, "\(error)"))
            }
        }
        print(
            "ONNX node tests: \(passed.count) of \(passed.count + failed.count) pass, \(planes) also one sample at a time"
        )
        for (name, why) in failed { print("ONNX node test \(name): \(why.prefix(300))") }
        let surprising = failed.filter { Self.excused[$0.name] == nil }
        #expect(surprising.isEmpty, "\(surprising.map(\.name))")
        #expect(passed.count >= 235)
    }

    /// Floats of 32 bits go in, and come out but for the places of the largest.
    private static func isSingle(_ model: ONNXModel) -> Bool {
        let graph = model.graph
        return graph.inputs.contains { $0.element == .float }
            && (graph.outputs.allSatisfy { $0.element == .float } || graph.nodes[0].type == "ArgMax")
    }
}

/// One case: a model, inputs and the outputs that it must give.
private struct NodeCase {
    let model: ONNXModel
    let inputs: [ONNXTensor]
    let outputs: [ONNXTensor]

    init(_ model: ONNXModel, path: String) throws {
        self.model = model
        func tensors(_ kind: String, _ count: Int) throws -> [ONNXTensor] {
            try (0..<count).map { try ONNXReader.tensor(MappedFile("\(path)/test_data_set_0/\(kind)_\($0).pb")) }
        }
        inputs = try tensors("input", model.graph.inputs.count)
        outputs = try tensors("output", model.graph.outputs.count)
    }

    /// - Returns: whether it was asked one sample at a time too.
    func check() throws -> Bool {
        var last: any Error = Failure(why: "no way to bind its inputs")
        // Weights and shapes are inputs in these files: first all are the network's, then only the floats, then only the first.
        for bound in 0..<3 {
            var options = ImportOptions()
            for (number, input) in model.graph.inputs.enumerated() {
                let isBound = bound == 1 && input.element != .float || bound == 2 && number > 0
                if isBound { options.constants[input.name] = inputs[number] }
            }
            do {
                var both = true
                for (number, output) in model.graph.outputs.enumerated() {
                    options.output = output.name
                    let imported = try Models.importModel(model, options: options)
                    if number > 0, !imported.outputs.contains(where: { $0.name == output.name }) { continue }
                    try both = compare(imported, inputs: options.constants, with: outputs[number]) && both
                }
                return both
            } catch {
                last = error
            }
        }
        throw last
    }

    private func compare(
        _ imported: ImportedModel, inputs constants: [String: ONNXTensor], with expected: ONNXTensor
    ) throws -> Bool {
        guard let graph = imported.graph else {
            throw Failure(why: imported.problems.map(\.description).joined(separator: "; "))
        }
        let free = model.graph.inputs.indices.filter { constants[model.graph.inputs[$0].name] == nil }
        // (samples, values) of each input of the network.
        var samples = 1
        var parts: [[[Float]]] = []
        for (place, number) in free.enumerated() {
            let own = imported.inputs[place], values = try inputs[number].floats()
            let size = own.shape.reduce(1, *)
            if own.fileShape.contains("N") {
                samples = values.count / size
                parts.append((0..<samples).map { Array(values[$0 * size..<($0 + 1) * size]) })
            } else {
                parts.append([values])
            }
        }
        let images = (0..<samples).map { sample in parts.flatMap { $0.count == 1 ? $0[0] : $0[sample] } }
        let network = Network(graph, capacity: samples, team: Team(size: 1), trains: false)
        imported.fill(network)
        let answers = ModelRunner(network).answers(images)
        let output = imported.outputs.first { $0.name == expected.name } ?? imported.outputs[0]
        let wanted = try expected.floats()
        try match(inFileOrder(answers, output), wanted)
        guard let plane = imported.planeNetwork() else { return false }
        let memory = plane.memory()
        for (sample, image) in images.enumerated() {
            var answer = [Float](repeating: 0, count: graph.output.features)
            plane.run(memory, team: nil, image: image, answer: &answer)
            guard answer.map(\.bitPattern) == answers[sample].map(\.bitPattern) else {
                throw Failure(why: "one sample at a time gives other bits")
            }
        }
        return true
    }

    /// The batch stands where the file has it.
    private func inFileOrder(_ answers: [[Float]], _ output: ImportedOutput) -> [Float] {
        guard answers.count > 1 else { return answers.flatMap { $0 } }
        let axes = output.fileShape.dropFirst().dropLast().split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        var before = 1
        for axis in axes {
            if axis.contains("N") {
                if let first = axis.split(separator: "·").first, let size = Int(first) { before *= size }
                break
            }
            before *= Int(axis) ?? 1
        }
        let run = answers[0].count / before
        return (0..<before).flatMap { outer in answers.flatMap { $0[outer * run..<(outer + 1) * run] } }
    }

    private func match(_ found: [Float], _ wanted: [Float]) throws {
        guard found.count == wanted.count else { throw Failure(why: "\(found.count) values for \(wanted.count)") }
        for (index, (value, expected)) in zip(found, wanted).enumerated() {
            if value == expected || value.isNaN && expected.isNaN { continue }
            guard abs(value - expected) <= 1e-3 * abs(expected) + 1e-5 else {
                throw Failure(why: "value \(index) is \(value) for \(expected)")
            }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let why: String
        var description: String { why }
    }
}
