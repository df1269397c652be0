import Descriptors
import Graph
import Interchange

/// What a network holds, by node; zeros and all.
package struct ModelArrays: Sendable {
    /// Rows × columns.
    package var weights: [String: [Float]] = [:]
    package var biases: [String: [Float]] = [:]
    /// By `node.parameter`.
    package var parameters: [String: [Float]] = [:]

    package init() {}
}

/// How a model is written.
package struct ExportOptions: Sendable {
    package var opset = 17
    /// Weights as values and places, where that is smaller.
    package var isSparse = false
    /// Each batch normalisation behind a layer becomes a part of it.
    package var folds = false
    package var metadata: [(key: String, value: String)] = []

    package init() {}

    package static let opsets = 13...24
}

/// Writes a graph as ONNX: a batch in front of the axes of every sample.
struct GraphExport {
    let graph: Graph
    let options: ExportOptions
    var arrays: ModelArrays
    var writer: ONNXWriter
    /// The name of each node's value in the file; the input's under −1.
    private(set) var names: [Int: String] = [:]
    /// Nodes whose value is the same for every sample, which have no batch in the file.
    private(set) var constants: Set<Int> = []
    private var made = 0

    /// What the file calls what goes in and what comes out.
    struct Ends: Equatable {
        var input = "input"
        var output = "output"
    }
    private let ends: Ends

    init(_ graph: Graph, _ arrays: ModelArrays, _ options: ExportOptions, ends: Ends = Ends()) {
        let folded = options.folds ? FoldedNorms(graph, arrays) : nil
        self.graph = folded?.graph ?? graph
        self.arrays = folded?.arrays ?? arrays
        self.options = options
        writer = ONNXWriter(opset: options.opset)
        writer.irVersion = options.opset > 22 ? 11 : options.opset > 20 ? 10 : options.opset > 18 ? 9 : 8
        writer.metadata = options.metadata
        self.ends = ends
        names[-1] = ends.input
    }

    /// - Throws: `ExportProblem` where ONNX has nothing for an operator.
    mutating func chunks() throws -> [[UInt8]] {
        writer.value(
            ends.input, isInput: true, element: readsTokens ? .int64 : .float, [nil] + graph.input.axes.map { $0 })
        for number in graph.nodes.indices { try add(number) }
        writer.value(ends.output, isInput: false, element: .float, [nil] + graph.output.axes.map { $0 })
        return writer.chunks(graph: "espalier")
    }

    /// Whether the input is nothing but numbers of tokens.
    var readsTokens: Bool {
        let readers = graph.readers(of: -1)
        return !readers.isEmpty && readers.allSatisfy { type(of: graph.nodes[$0].op).descriptor.name == "embedding" }
    }

    private mutating func add(_ number: Int) throws {
        let node = graph.nodes[number]
        let isLast = number == graph.nodes.count - 1
        let isEnd = node.name == ends.input || node.name == ends.output
        let name = isLast ? ends.output : isEnd ? node.name + ".value" : node.name
        names[number] = name
        var export = NodeExport(self, node: node, number: number, output: name)
        try export.write()
        writer = export.writer
        if export.isConstant { constants.insert(number) }
    }
}

/// Why a network cannot be written as a file of some kind.
package struct ExportProblem: Error, CustomStringConvertible, Equatable {
    package let node: String
    package let reason: String
    package var description: String { "'\(node)': \(reason)" }
}
