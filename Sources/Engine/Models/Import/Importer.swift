import Descriptors
import Interchange

/// Walks the nodes of a file in the order they run: folds what follows without any input, and makes operators of ours of the rest.
final class Importer {
    /// A value of the file.
    struct Value {
        var shape: FileShape
        var kind: ONNXValueKind
        var content: Content
        var isConstant: Bool {
            if case .node = content { return false }
            return true
        }
    }
    enum Content {
        /// A value of the plan.
        case node(Int)
        case floats(Constant)
        /// Of the sample's shape; shape arithmetic.
        case wholes(Block<Whole>)
    }

    let model: ONNXModel
    let options: ImportOptions
    var plan = Plan()
    var values: [String: Value] = [:]
    /// Values that could not be made: what reads them is not asked for, since the cause is told already.
    private var missing: Set<String> = []
    /// Outputs besides the first that are not made: nothing is wrong until somebody reads them.
    private var unmade: [String: ONNXNode] = [:]
    /// By the name of the values that a TopK found.
    var largest: [String: KeptLargest] = [:]
    /// By the name of what a QuantizeLinear made.
    var scales: [String: ImportRules.QuantizedScale] = [:]
    /// Element types of the constants that were read, by name.
    private(set) var elements: [String: ONNXElement] = [:]
    private(set) var problems: [ImportProblem] = []
    var facts = ImportFacts()
    /// How many samples the file has written out where its batch is no symbol; nil: the batch is a symbol, or there is none.
    var fixedBatch: Int?
    /// How often each value is still to be read.
    private var readers: [String: Int] = [:]
    private var usedNames: Set<String> = []
    private var initializers: [String: ONNXTensor] = [:]
    private var sparse: [String: ONNXSparseTensor] = [:]

    /// Elements that a folded constant may have that is not in the file as it is.
    static let mostFolded = 1 << 27

    init(_ model: ONNXModel, options: ImportOptions) {
        self.model = model
        self.options = options
    }

    func problem(_ place: String, _ found: String, _ expected: String) -> FileProblem {
        FileProblem(path: model.file.path, place: place, found: found, expected: expected)
    }

    /// - Throws: `FileProblem` where the file says something that no file may say. What is only unsupported is in `problems`.
    func run() throws {
        let order = try ONNXChecks(model).order()
        try addInputs()
        reportUnknown()
        for node in model.graph.nodes { for name in node.inputs { readers[name, default: 0] += 1 } }
        for output in model.graph.outputs { readers[output.name, default: 0] += 1 }
        for number in order {
            try add(number)
            // A weight that was turned round is not kept as it was too.
            for name in model.graph.nodes[number].inputs {
                readers[name]! -= 1
                if readers[name] == 0 { values[name] = nil }
            }
        }
        try addOutputs()
    }

    /// Every operator that has no rule, before anything else, so that all are named whatever else goes wrong.
    private func reportUnknown() {
        for node in model.graph.nodes {
            if let reason = ImportRules.refusal(node, model) { report(node, reason) }
        }
    }

    private func add(_ number: Int) throws {
        let node = model.graph.nodes[number]
        if let value = try scattered(node) {
            values[node.outputs[0]] = value
            return
        }
        for name in node.inputs {
            guard let maker = unmade.removeValue(forKey: name) else { continue }
            report(maker, "its output \(FileProblem.quote(name)) is not made here")
        }
        guard ImportRules.refusal(node, model) == nil,
            !node.inputs.contains(where: { missing.contains($0) }), let rule = ImportRules.all[node.type]
        else { return missing.formUnion(node.outputs) }
        do {
            let context = ImportNode(importer: self, node: node, number: number, opset: model.opset)
            let results = try rule(context)
            for (name, value) in zip(node.outputs, results) where !name.isEmpty { values[name] = value }
            for name in node.outputs.dropFirst(results.count) where !name.isEmpty {
                missing.insert(name)
                unmade[name] = node
            }
        } catch let unsupported as Unsupported {
            report(node, unsupported.reason)
            missing.formUnion(node.outputs)
        }
    }

    private func report(_ node: ONNXNode, _ reason: String) {
        if let known = problems.firstIndex(where: {
            $0.type == node.type && $0.domain == node.domain && $0.reason == reason
        }) {
            problems[known].count += 1
            return
        }
        problems.append(
            ImportProblem(
                type: FileProblem.shown(node.type), domain: FileProblem.shown(node.domain),
                opset: model.opsets[node.domain] ?? model.opset, node: node.place, count: 1, reason: reason))
    }

    /// The value of a name; initializers are read when they are first asked for.
    func value(_ name: String) throws -> Value? {
        if let value = values[name] { return value }
        let value: Value
        if let given = options.constants[name] {
            value = try read(given, name: name, isTrained: true)
        } else if let tensor = initializers[name] {
            value = try read(tensor, name: name, isTrained: true)
        } else if let tensor = sparse[name] {
            let origin = Origin(name: name, shape: tensor.shape, isTrained: true)
            value = Value(
                shape: FileShape(sizes: tensor.shape), kind: .numbers,
                content: .floats(Constant(Block(tensor.shape, try tensor.floats()), origin: origin)))
        } else {
            return nil
        }
        values[name] = value
        return value
    }

    func read(_ tensor: ONNXTensor, name: String, isTrained: Bool) throws -> Value {
        let shape = FileShape(sizes: tensor.shape)
        elements[name] = tensor.element
        if tensor.element.isFloat {
            facts.elements.insert(tensor.element)
            let origin = Origin(name: name, shape: tensor.shape, isTrained: isTrained)
            return Value(
                shape: shape, kind: .numbers,
                content: .floats(Constant(Block(tensor.shape, try tensor.floats()), origin: origin)))
        }
        let kind: ONNXValueKind = tensor.element == .bool ? .truths : .wholes
        return Value(
            shape: shape, kind: kind,
            content: .wholes(Block(tensor.shape, try tensor.integers().map { Whole($0) })))
    }

    func addInputs() throws {
        for tensor in model.graph.initializers { initializers[tensor.name] = tensor }
        for tensor in model.graph.sparseInitializers { sparse[tensor.name] = tensor }
        let given = model.graph.inputs.filter {
            initializers[$0.name] == nil && sparse[$0.name] == nil && options.constants[$0.name] == nil
        }
        var shapes = InputShapes(model: model, options: options, inputs: given.count)
        for input in given {
            let (shape, kind) = try shapes.shape(input)
            let number = plan.add(shape.sample)
            plan.inputs.append(Plan.Input(name: input.name, shape: shape, element: kind, value: number))
            values[input.name] = Value(shape: shape, kind: kind, content: .node(number))
        }
        fixedBatch = shapes.fixedBatch
        facts.free = shapes.free
    }

    private func addOutputs() throws {
        // An output that nobody makes is wrong where it is the one to be run.
        if let wanted = model.graph.outputs.first(where: { options.output == nil || $0.name == options.output }),
            let maker = unmade.removeValue(forKey: wanted.name)
        {
            report(maker, "its output \(FileProblem.quote(wanted.name)), which is one of the file's, is not made here")
        }
        for output in model.graph.outputs where !missing.contains(output.name) {
            // What could not be made is named already.
            guard let value = try value(output.name) else { continue }
            if value.kind == .quantized { facts.quantizedOutputs.append(output.name) }
            plan.outputs.append((output.name, planValue(value), value.shape))
        }
    }

    /// A name for a node of the graph that no other has.
    func unique(_ wanted: String) -> String {
        var name = wanted, number = 2
        while !usedNames.insert(name).inserted {
            name = "\(wanted).\(number)"
            number += 1
        }
        return name
    }

    /// The value as one of the plan's: a constant becomes one there.
    func planValue(_ value: Value) -> Int {
        if case .node(let number) = value.content { return number }
        let constant = floats(value)!
        return plan.add(constant.shape, constant)
    }

    /// A constant's elements as floats; nil where they depend on the batch or on the input.
    func floats(_ value: Value) -> Constant? {
        switch value.content {
        case .node: return nil
        case .floats(let constant): return constant
        case .wholes(let block):
            guard block.values.allSatisfy({ $0.fixed != nil }) else { return nil }
            return Constant(Block(block.shape, block.values.map { Float($0.constant) }))
        }
    }
}
