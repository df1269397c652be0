import Descriptors
import Graph
import Interchange

/// One node of a graph as nodes of ONNX.
struct NodeExport {
    let node: Graph.Node
    private let number: Int
    let output: String
    private let arrays: ModelArrays
    private let options: ExportOptions
    private let constants: Set<Int>
    private let names: [Int: String]
    private let graph: Graph
    /// Whether the network's input is nothing but numbers of tokens.
    let readsTokens: Bool
    var writer: ONNXWriter
    /// Whether the value has no batch.
    private(set) var isConstant = false
    private var made = 0

    init(_ export: GraphExport, node: Graph.Node, number: Int, output: String) {
        self.node = node
        self.number = number
        self.output = output
        arrays = export.arrays
        options = export.options
        constants = export.constants
        names = export.names
        graph = export.graph
        readsTokens = export.readsTokens
        writer = export.writer
    }

    var opset: Int { options.opset }
    var kind: String { type(of: node.op).descriptor.name }

    // MARK: Arguments, with the defaults of the operator

    private var arguments: [String: Value] { node.op.arguments }
    func integer(_ name: String) -> Int? {
        if case .integer(let value)? = arguments[name] { return value }
        return nil
    }
    func number(_ name: String) -> Double? {
        switch arguments[name] {
        case .number(let value)?: return value
        case .integer(let value)?: return Double(value)
        default: return nil
        }
    }
    func text(_ name: String) -> String? {
        if case .text(let value)? = arguments[name] { return value }
        return nil
    }
    func isOn(_ name: String) -> Bool { arguments[name] == .boolean(true) }
    func integers(_ name: String) -> [Int]? {
        switch arguments[name] {
        case .integers(let values)?: return values
        case .integer(let value)?: return [value]
        default: return nil
        }
    }
    func numbers(_ name: String) -> [Double]? {
        switch arguments[name] {
        case .numbers(let values)?: return values
        case .number(let value)?: return [value]
        default: return nil
        }
    }

    // MARK: What the rules use

    func problem(_ reason: String) -> ExportProblem { ExportProblem(node: node.name, reason: reason) }
    func shape(_ input: Int) -> Shape { node.inputShapes[input] }
    func name(_ input: Int) -> String { names[node.inputs[input]]! }
    func isConstant(_ input: Int) -> Bool { constants.contains(node.inputs[input]) }

    mutating func inner(_ word: String) -> String {
        made += 1
        return "\(node.name).\(word)\(made == 1 ? "" : ".\(made)")"
    }

    /// A node of ONNX whose value is read behind it.
    mutating func step(
        _ type: String, _ inputs: [String], _ attributes: [(String, ONNXWriter.Attribute)] = [],
        to result: String? = nil
    ) -> String {
        let result = result ?? inner(type.lowercased())
        writer.node(type, result, inputs, [result], attributes)
        return result
    }
    /// The largest values along an axis, of equal ones the first, and where they stand.
    mutating func largest(_ count: Int, of x: String, axis: Int) -> (values: String, places: String) {
        let number = wholes([count]), values = inner("values"), places = inner("places")
        writer.node(
            "TopK", values, [x, number], [values, places], [("axis", .integer(axis)), ("largest", .integer(1))])
        return (values, places)
    }
    mutating func last(_ type: String, _ inputs: [String], _ attributes: [(String, ONNXWriter.Attribute)] = []) {
        _ = step(type, inputs, attributes, to: output)
    }
    mutating func wholes(_ values: [Int], isScalar: Bool = false) -> String {
        let name = inner("numbers")
        writer.tensor(name, isScalar ? [] : [values.count], wholes: values)
        return name
    }
    mutating func scalar(_ value: Double) -> String {
        let name = inner("number")
        writer.tensor(name, [], [Float(value)])
        return name
    }
    mutating func tensor(_ word: String, _ shape: [Int], _ values: [Float], isSparse: Bool = false) -> String {
        let name = "\(node.name).\(word)"
        writer.tensor(name, shape, values, isSparse: isSparse && options.isSparse)
        return name
    }
    /// A parameter of the node; as it starts where nothing else is known.
    func values(_ name: String) -> [Float] {
        if let values = arrays.parameters["\(node.name).\(name)"] { return values }
        let shape = node.op.parameters(node.inputShapes).first { $0.name == name }
        return [Float](repeating: shape?.initial ?? 0, count: shape?.count ?? 0)
    }

    /// A value under other axes of a sample.
    mutating func reshaped(_ value: String, _ axes: [Int], to result: String? = nil) -> String {
        let target = wholes([0] + axes)
        return step("Reshape", [value, target], to: result)
    }
    /// The value of an input with a batch and this rank: axes of 1 in front of a sample's others.
    mutating func batched(_ input: Int, rank: Int? = nil) -> String {
        let own = shape(input).axes
        let axes = [Int](repeating: 1, count: max(0, (rank ?? own.count) - own.count)) + own
        if isConstant(input) {
            // As often as there are samples.
            let whole = step("Shape", [names[-1]!])
            let first = wholes([0]), rest = wholes(axes)
            let count = step("Gather", [whole, first], [("axis", .integer(0))])
            let target = step("Concat", [count, rest], [("axis", .integer(0))])
            return step("Expand", [name(input), target])
        }
        return axes == own ? name(input) : reshaped(name(input), axes)
    }

    /// An operand that is broadcast: one without a batch may stay so.
    mutating func operand(_ input: Int, rank: Int) -> String {
        if isConstant(input) { return name(input) }
        return batched(input, rank: rank)
    }

    var weightShape: WeightShape { node.weightShape! }
    /// The node that holds the weights.
    var holder: String { node.weightsOf.map { graph.nodes[$0].name } ?? node.name }
    mutating func weight(_ axes: [Int]) throws -> String {
        guard let values = arrays.weights[holder], values.count == axes.reduce(1, *) else {
            throw problem("its weights are not there")
        }
        let name = "\(holder).weight"
        if node.weightsOf == nil { writer.tensor(name, axes, values, isSparse: options.isSparse) }
        return name
    }
    mutating func bias() -> String? {
        // A table has none to share: then there is none.
        if let owner = node.weightsOf, graph.nodes[owner].weightShape!.isTable { return nil }
        let name = "\(holder).bias"
        let rows = weightShape.rows
        if node.weightsOf == nil {
            writer.tensor(name, [rows], arrays.biases[holder] ?? [Float](repeating: 0, count: rows))
        }
        return name
    }

    mutating func write() throws {
        if kind == "constant" {
            writer.tensor(number == graph.nodes.count - 1 ? node.name : output, node.shape.axes, values("value"))
            isConstant = true
            return
        }
        guard let rule = Self.rules[kind] else { throw problem("ONNX has nothing that '\(kind)' could be written as") }
        try rule(&self)
    }

    typealias Rule = @Sendable (inout NodeExport) throws -> Void
    static let rules: [String: Rule] = [valueRules, pairRules, moveRules, layerRules, sumRules].reduce(into: [:]) {
        $0.merge($1) { _, _ in preconditionFailure("an operator twice") }
    }
}
