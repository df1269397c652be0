import Graph
import Interchange
import Kernels
import Models

/// A small ONNX file, written by hand.
struct ModelFile {
    enum Axis {
        case size(Int), symbol(String)
    }
    enum Attribute {
        case integer(Int), float(Float), text(String), integers([Int]), graph
    }
    struct Node {
        var type: String
        var inputs: [String]
        var outputs: [String]
        var attributes: [(String, Attribute)] = []
        var domain = ""
        var name = ""
    }

    var irVersion = 8
    var opset = 17
    var nodes: [Node] = []
    /// Name, shape, element type of ONNX, elements.
    var initializers: [(name: String, shape: [Int], values: [Float])] = []
    var wholes: [(name: String, values: [Int])] = []
    /// Elements of a byte each.
    var small: [(name: String, element: ONNXElement, shape: [Int], values: [Int])] = []
    /// Whole numbers that lie in files beside the model.
    var outside: [(name: String, count: Int, file: String)] = []
    var inputs: [(name: String, axes: [Axis])] = [("x", [.symbol("N"), .size(3)])]
    var outputs = ["y"]

    mutating func node(
        _ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [(String, Attribute)] = [],
        domain: String = "", name: String = ""
    ) {
        nodes.append(
            Node(type: type, inputs: inputs, outputs: outputs, attributes: attributes, domain: domain, name: name))
    }

    var bytes: [UInt8] {
        var writer = WireWriter()
        writer.integer(1, irVersion)
        writer.message(7) { graph in
            for node in nodes { graph.message(1) { write(node, to: &$0) } }
            graph.text(2, "graph")
            for (name, shape, values) in initializers {
                graph.message(5) { tensor in
                    tensor.integers(1, shape)
                    tensor.integer(2, 1)
                    tensor.floats(4, values)
                    tensor.text(8, name)
                }
            }
            for (name, element, shape, values) in small {
                graph.message(5) { tensor in
                    tensor.integers(1, shape)
                    tensor.integer(2, element.rawValue)
                    tensor.text(8, name)
                    tensor.data(9, values.map { UInt8(truncatingIfNeeded: $0) })
                }
            }
            for (name, count, file) in outside {
                graph.message(5) { tensor in
                    tensor.integers(1, [count])
                    tensor.integer(2, ONNXElement.int64.rawValue)
                    tensor.text(8, name)
                    tensor.message(13) { entry in
                        entry.text(1, "location")
                        entry.text(2, file)
                    }
                    tensor.integer(14, 1)
                }
            }
            for (name, values) in wholes {
                graph.message(5) { tensor in
                    tensor.integers(1, [values.count])
                    tensor.integer(2, 7)
                    tensor.integers(7, values)
                    tensor.text(8, name)
                }
            }
            for (name, axes) in inputs { graph.message(11) { value(name, axes, &$0) } }
            for name in outputs { graph.message(12) { $0.text(1, name) } }
        }
        writer.message(8) { $0.integer(2, opset) }
        return writer.bytes
    }

    private func write(_ node: Node, to writer: inout WireWriter) {
        for input in node.inputs { writer.text(1, input) }
        for output in node.outputs { writer.text(2, output) }
        writer.text(3, node.name)
        writer.text(4, node.type)
        for (name, value) in node.attributes {
            writer.message(5) { attribute in
                attribute.text(1, name)
                switch value {
                case .float(let number):
                    attribute.float(2, number)
                    attribute.integer(20, 1)
                case .integer(let number):
                    attribute.integer(3, number)
                    attribute.integer(20, 2)
                case .text(let word):
                    attribute.text(4, word)
                    attribute.integer(20, 3)
                case .integers(let numbers):
                    for number in numbers { attribute.integer(8, number) }
                    attribute.integer(20, 7)
                case .graph:
                    attribute.message(6) { $0.text(2, "inner") }
                    attribute.integer(20, 5)
                }
            }
        }
        writer.text(7, node.domain)
    }

    private func value(_ name: String, _ axes: [Axis], _ writer: inout WireWriter) {
        writer.text(1, name)
        writer.message(2) { type in
            type.message(1) { tensor in
                tensor.integer(1, 1)
                tensor.message(2) { shape in
                    for axis in axes {
                        shape.message(1) { dimension in
                            switch axis {
                            case .size(let size): dimension.integer(1, size)
                            case .symbol(let name): dimension.text(2, name)
                            }
                        }
                    }
                }
            }
        }
    }

    func model() throws -> ONNXModel { try ONNXReader.read(MappedFile(bytes, path: "model.onnx")) }

    func imported(_ options: ImportOptions = ImportOptions()) throws -> ImportedModel {
        try Models.importModel(model(), options: options)
    }

    /// What it answers for samples.
    func answers(_ samples: [[Float]], _ options: ImportOptions = ImportOptions()) throws -> [[Float]] {
        let imported = try imported(options)
        guard let graph = imported.graph else { throw NoGraph(problems: imported.problems) }
        let network = Network(graph, capacity: samples.count, team: Team(size: 1), trains: false)
        imported.fill(network)
        return ModelRunner(network).answers(samples)
    }

    struct NoGraph: Error, CustomStringConvertible {
        let problems: [ImportProblem]
        var description: String { problems.map(\.description).joined(separator: "\n") }
    }
}
