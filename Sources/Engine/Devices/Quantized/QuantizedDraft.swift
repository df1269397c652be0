import Graph
import Kernels

/// A network on its way to integers: which tensors there are, which have one scale, and what makes each node's rule once all
/// scales are known.
struct QuantizedDraft {
    struct DraftTensor {
        let name: String
        let axes: [Int]
        /// The node whose values it has, −1 is the input.
        let source: Int
        var constant: [Float]?
        /// Ends that follow from the rule.
        var fixed: ClosedRange<Float>?
        var isShare: Bool { fixed == shares }
    }
    struct Step {
        let name: String
        let kind: String
        let inputs: [Int]
        let output: Int
        let limits: Limits
        /// The output's values are made of the inputs' steps, with their scale and zero.
        let isTied: Bool
        let rule: ([QuantizedTensor], _ notes: inout [String]) throws -> QuantizedRule
    }

    let float: FloatNetwork
    private(set) var tensors: [DraftTensor] = []
    private(set) var steps: [Step] = []
    /// By name of a layer whose rows are summed: the tensor that it reads.
    var layerInputs: [String: Int] = [:]
    /// By node + 1.
    private var tensorOf: [Int?]
    /// By tensor: one of those with the same scale and zero, itself where it is the first.
    private var firsts: [Int] = []
    /// By node: the ReLU or clip that it does besides.
    private var followers: [Int: (node: Int, limits: Limits)] = [:]
    private(set) var problems: [DeviceProblem.Node] = []

    /// - Throws: `DeviceProblem` with every node that has no rule.
    init(_ float: FloatNetwork) throws {
        self.float = float
        let graph = float.graph
        tensorOf = [Int?](repeating: nil, count: graph.nodes.count + 1)
        tensorOf[0] = tensor(Graph.inputName, graph.input.axes, source: -1)
        for (number, node) in graph.nodes.enumerated() where tensorOf[number + 1] == nil {
            let kind = type(of: node.op).descriptor.name
            do {
                if let rule = QuantizedRules.all[kind] {
                    try rule(&self, number)
                } else if node.op is any ValueOperator {
                    try QuantizedRules.value(&self, number)
                } else {
                    throw Unruled("no integer rule is written down for it")
                }
            } catch let unruled as Unruled {
                problems.append(DeviceProblem.Node(name: node.name, kind: kind, reason: unruled.reason))
                tensorOf[number + 1] = tensor(node.name, node.shape.axes, source: number)
            }
        }
        guard problems.isEmpty else { throw DeviceProblem(problems) }
    }

    /// Why a node has no rule.
    struct Unruled: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    func node(_ number: Int) -> Graph.Node { float.graph.nodes[number] }
    /// The tensors that a node reads.
    func inputs(_ number: Int) -> [Int] { node(number).inputs.map { tensorOf[$0 + 1]! } }
    func constant(_ tensor: Int) -> [Float]? { tensors[tensor].constant }

    mutating func tensor(_ name: String, _ axes: [Int], source: Int, constant: [Float]? = nil) -> Int {
        tensors.append(DraftTensor(name: name, axes: axes, source: source, constant: constant))
        firsts.append(tensors.count - 1)
        return tensors.count - 1
    }

    /// A constant in place of a node.
    mutating func hold(_ number: Int, constant: [Float]) {
        tensorOf[number + 1] = tensor(node(number).name, node(number).shape.axes, source: number, constant: constant)
    }

    /// The values of a node are those of a tensor that is there.
    mutating func pass(_ number: Int, _ tensor: Int) { tensorOf[number + 1] = tensor }

    /// Adds what makes a node's value.
    /// - Parameters:
    ///   - isTied: the output has scale and zero of the inputs; the rule must not name tensors.
    ///   - fuses: a ReLU or a clip behind it, where nobody else reads what is between, is done by it.
    ///   - isShare: scale 1/256 and zero −128.
    mutating func add(
        _ number: Int, inputs: [Int]? = nil, isTied: Bool = false, fuses: Bool = false, isShare: Bool = false,
        _ rule: @escaping ([QuantizedTensor], _ notes: inout [String]) throws -> QuantizedRule
    ) {
        var last = number, limits = Limits.none
        let graph = float.graph
        if fuses, case let readers = graph.readers(of: number), readers.count == 1,
            case .limit(let ends)? = graph.nodes[readers[0]].op.valueKind, graph.nodes[readers[0]].inputs == [number]
        {
            (last, limits) = (readers[0], ends)
        }
        var read = inputs ?? self.inputs(number), isShare = isShare
        if isTied {
            isShare = read.allSatisfy { tensors[$0].isShare }
            if !isShare { read = read.map { free(number, $0) } }
        }
        let output = tensor(node(last).name, node(last).shape.axes, source: last)
        if isShare { tensors[output].fixed = shares }
        if isTied, !isShare { for input in read { tie(output, input) } }
        append(number, read, output, limits, isTied: isTied, rule)
        tensorOf[number + 1] = output
        tensorOf[last + 1] = output
    }

    /// Adds a step that makes a tensor that no node of the graph has.
    mutating func append(
        _ number: Int, _ inputs: [Int], _ output: Int, _ limits: Limits = .none, isTied: Bool = false,
        _ rule: @escaping ([QuantizedTensor], _ notes: inout [String]) throws -> QuantizedRule
    ) {
        steps.append(
            Step(
                name: tensors[output].name, kind: type(of: node(number).op).descriptor.name, inputs: inputs,
                output: output, limits: limits, isTied: isTied, rule: rule))
    }

    /// Gives both tensors one scale and one zero. What has another by its rule goes through a table first.
    mutating func tie(_ a: Int, _ b: Int) {
        let first = min(self.first(a), self.first(b)), second = max(self.first(a), self.first(b))
        if tensors[first].fixed == nil { tensors[first].fixed = tensors[second].fixed }
        firsts[second] = first
    }
    /// Gives a tensor, and all with its scale, these ends.
    mutating func fix(_ tensor: Int, _ ends: ClosedRange<Float>) { tensors[first(tensor)].fixed = ends }
    /// Ends that are no matter of what is measured.
    func fixed(_ tensor: Int) -> ClosedRange<Float>? { tensors[tensor].fixed ?? tensors[first(tensor)].fixed }
    func first(_ tensor: Int) -> Int {
        var tensor = tensor
        while firsts[tensor] != tensor { tensor = firsts[tensor] }
        return tensor
    }

    /// The tensor with scale and zero of its own, for a rule that gives it those of others.
    mutating func free(_ number: Int, _ tensor: Int) -> Int {
        guard tensors[tensor].isShare else { return tensor }
        let held = tensors[tensor]
        let output = self.tensor(held.name + ".rescaled", held.axes, source: held.source)
        append(number, [tensor], output) { all, _ in .table(table(all[tensor], all[output]) { $0 }) }
        return output
    }
}

/// Scale 1/256, and −128 for 0.
private let shares: ClosedRange<Float> = 0...255 / 256

/// y for every x.
func table(_ x: QuantizedTensor, _ y: QuantizedTensor, _ function: (Float) -> Float) -> [Int8] {
    (-128...127).map { y.quantized(function(x.number(Int8($0)))) }
}
