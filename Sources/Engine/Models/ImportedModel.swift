import Descriptors
import Graph
import Interchange

/// An input of the file, as the graph has it.
package struct ImportedInput: Sendable, Equatable {
    package let name: String
    /// Of one sample.
    package let shape: [Int]
    package let kind: ONNXValueKind
    /// Where it begins in the graph's one input, in which the inputs of a file lie one behind the other.
    package let offset: Int
    /// Axes as the file has them, with N for the batch.
    package let fileShape: String
}

package struct ImportedOutput: Sendable, Equatable {
    package let name: String
    package let shape: [Int]
    package let fileShape: String
    /// The batch is the first part of the file's first axis, with others behind it in the same axis (N·heads).
    let startsWithBatch: Bool

    /// Axes of the answers to some samples: those of the file where the samples stand in front there, else behind the batch.
    package func axes(samples: Int) -> [Int] {
        startsWithBatch && !shape.isEmpty ? [samples * shape[0]] + shape.dropFirst() : [samples] + shape
    }
}

/// What an ONNX file holds, in our terms.
package struct ImportedModel: Sendable {
    package let path: String
    package let producer: String
    package let irVersion: Int
    package let opset: Int
    package let inputs: [ImportedInput]
    package let outputs: [ImportedOutput]
    /// Nil where it cannot run.
    package let graph: Graph?
    package let entries: [Graph.Entry]
    /// By node; rows × columns.
    package let weights: [String: [Float]]
    package let biases: [String: [Float]]
    /// By `node.parameter`.
    package let parameters: [String: [Float]]
    /// Nodes whose weights can be cut, in order.
    package let prunable: [String]
    /// Nodes whose weights are one tensor of the file; the first holds them.
    package let ties: [[String]]
    /// Operators of the file with their counts, by count.
    package let operators: [(type: String, count: Int)]
    package let free: [FreeAxis]
    /// Sentences about how the file was read.
    package let facts: [String]
    package let problems: [ImportProblem]
    /// Where the arrays lie in the file, for writing it again.
    let bindings: [Binding]
    private let computedBiases: Set<String>
    let source: ONNXModel

    /// The file without its weights, for writing it again with others; nil where it cannot run.
    package var frame: ONNXFrame? { graph == nil ? nil : ONNXFrame(source, bindings, computedBiases: computedBiases) }

    /// An array of the graph and the tensor of the file that it is.
    struct Binding: Sendable {
        enum Kind: Int, Sendable { case weight, bias, parameter }
        var kind: Kind
        /// Of the node, or `node.parameter`.
        var name: String
        var origin: Origin
    }

    /// Arrays that hold NaN or infinite numbers where none can be trained, by the file's names for them.
    package var notFinite: [(name: String, wrong: Int, count: Int)] {
        // Masks are infinite, and stay as they are.
        let masks = Set(graph?.parameters.filter { $0.shape.role == .fixed }.map(\.name) ?? [])
        let arrays =
            weights.map { (Binding.Kind.weight, $0, $1) } + biases.map { (.bias, $0, $1) }
            + parameters.map { (.parameter, $0, $1) }
        return arrays.compactMap { kind, name, values in
            let wrong = values.count { masks.contains(name) ? $0.isNaN : !$0.isFinite }
            guard wrong > 0 else { return nil }
            let tensor = bindings.first { $0.kind == kind && $0.name == name }?.origin.name
            return (tensor ?? name, wrong, values.count)
        }
        .sorted { $0.0 < $1.0 }
    }

    /// What training changes whole: scales, shifts, constants.
    package var trainedParameters: [String] {
        graph?.parameters.filter { $0.shape.role == .trained }.map(\.name) ?? []
    }
}

extension ImportedModel {
    init(_ importer: Importer) {
        let model = importer.model
        path = model.file.path
        producer = model.producer
        irVersion = model.irVersion
        opset = model.opset
        source = model
        free = importer.facts.free
        operators = Dictionary(grouping: model.graph.nodes, by: \.type).map {
            (FileProblem.shown($0.key), $0.value.count)
        }
        .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
        var problems = importer.problems
        var facts = Self.sentences(importer)
        var builder = GraphBuilder(importer.plan, output: importer.options.output)
        if problems.isEmpty {
            do {
                try builder.build()
            } catch {
                problems.append(
                    ImportProblem(
                        type: builder.place.type, domain: "", opset: model.opset, node: builder.place.node, count: 1,
                        reason: "\(error)"))
            }
        }
        facts += builder.facts
        graph = problems.isEmpty ? builder.graph : nil
        entries = builder.entries
        weights = builder.weights
        biases = builder.biases
        parameters = builder.parameters
        prunable = builder.prunable
        bindings = builder.bindings
        computedBiases = builder.computedBiases
        ties = builder.ties.map { [$0.key] + $0.value }.sorted { $0[0] < $1[0] }
        for tie in ties { facts.append("\(tie.joined(separator: " and ")) use the same weights: they stay one") }
        let offsets = builder.offsets
        inputs = importer.plan.inputs.enumerated().map { number, input in
            ImportedInput(
                name: input.name, shape: input.shape.sample, kind: input.element,
                offset: number < offsets.count ? offsets[number] : 0, fileShape: input.shape.description)
        }
        outputs = importer.plan.outputs.map {
            ImportedOutput(
                name: $0.name, shape: $0.shape.sample, fileShape: $0.shape.description,
                startsWithBatch: $0.shape.axes.first.map { $0.hasBatch && $0.before == 1 && !$0.isBatchAlone } ?? false)
        }
        self.facts = facts
        self.problems = problems
    }

    private static func sentences(_ importer: Importer) -> [String] {
        var facts: [String] = []
        let others = importer.facts.elements.subtracting([.float]).map { "\($0)" }.sorted()
        if !others.isEmpty { facts.append("\(others.joined(separator: " and ")) is read as float32") }
        if importer.facts.quantized > 0 {
            facts.append("\(importer.facts.quantized) tensors of few bits with DequantizeLinear are read as float32")
        }
        if importer.facts.rounded > 0 {
            facts.append(
                "\(importer.facts.rounded) nodes that quantise what is computed are read without their rounding; the ranges that their "
                    + "whole numbers hold stay")
        }
        for name in importer.facts.quantizedOutputs {
            facts.append(
                "output \(FileProblem.quote(name)) is whole numbers in the file: here it is what they stand for")
        }
        if importer.facts.training > 0 {
            facts.append(
                "\(importer.facts.training) nodes are in training mode (BatchNormalization, Dropout): they answer by the "
                    + "statistics of the file and drop nothing")
        }
        for axis in importer.facts.free {
            facts.append(
                "axis \(axis.axis) of a sample of \(FileProblem.quote(axis.input)) (\(FileProblem.quote(axis.symbol))) is free in the file; taken as \(axis.size)"
            )
        }
        return facts
    }
}
