import Descriptors
import Graph
import Interchange

/// Makes a graph of a plan: what the output needs and nothing else.
struct GraphBuilder {
    private var plan: Plan
    private let wantedOutput: String?
    private(set) var entries: [Graph.Entry] = []
    private(set) var graph: Graph?
    private(set) var weights: [String: [Float]] = [:]
    private(set) var biases: [String: [Float]] = [:]
    private(set) var parameters: [String: [Float]] = [:]
    private(set) var prunable: [String] = []
    private(set) var bindings: [ImportedModel.Binding] = []
    /// Layers whose bias the file adds by itself without a tensor that it is.
    private(set) var computedBiases: Set<String> = []
    private(set) var offsets: [Int] = []
    private(set) var facts: [String] = []
    /// What is being made, for a message.
    private(set) var place = (type: "graph", node: "its nodes")

    /// By the node that holds weights: those that use them too.
    private(set) var ties: [String: [String]] = [:]
    private var owners: [(node: String, weight: Constant, bias: Constant?)] = []
    private var names: [Int: String] = [:]
    private var usedNames: Set<String> = []
    private var constants: [ObjectIdentifier: String] = [:]

    init(_ plan: Plan, output: String?) {
        self.plan = plan
        wantedOutput = output
    }

    mutating func build() throws {
        guard !plan.inputs.isEmpty else { throw Unsupported("the file has no input that is no weight") }
        guard let output = wantedOutput.map({ name in plan.outputs.first { $0.name == name } }) ?? plan.outputs.first
        else {
            throw Unsupported("the file has no output \(FileProblem.quote(wantedOutput ?? ""))")
        }
        let rest = plan.outputs.filter { $0.name != output.name }.map { FileProblem.quote($0.name) }
        if !rest.isEmpty { facts.append("of \(plan.outputs.count) outputs \(FileProblem.quote(output.name)) is run") }
        if plan.values[output.value].isConstant { throw Unsupported("its output does not depend on its input") }
        plan = Simplification(plan, output: output.value).plan
        usedNames = [Graph.inputName]
        // What the file names keeps its name; moves between take another.
        for number in plan.nodes.indices
        where plan.nodes[number].weight != nil || !plan.nodes[number].parameters.isEmpty {
            plan.nodes[number].name = unique(plan.nodes[number].name)
        }
        for number in plan.nodes.indices where plan.nodes[number].weight == nil && plan.nodes[number].parameters.isEmpty
        {
            plan.nodes[number].name = unique(plan.nodes[number].name)
        }
        let input = try addInputs()
        for node in plan.nodes { try add(node) }
        if names[output.value] == entries.last?.name, !entries.isEmpty {
            // The last node is what the network answers.
        } else {
            place = ("Identity", "output \(FileProblem.quote(output.name))")
            entries.append(
                .init(
                    unique("output"), try Operators.make("identity", [:]),
                    inputs: [names[output.value] ?? Graph.inputName]))
        }
        place = ("graph", "its nodes")
        do {
            graph = try Graph(input: input, entries)
        } catch let error as GraphError {
            throw Unsupported("\(error)")
        }
    }

    private mutating func unique(_ wanted: String) -> String {
        var name = wanted, number = 2
        while !usedNames.insert(name).inserted {
            name = "\(wanted).\(number)"
            number += 1
        }
        return name
    }

    /// One input is the graph's; of several each is a part of it.
    private mutating func addInputs() throws -> Shape {
        let read = Set(plan.nodes.flatMap(\.inputs))
        let used = plan.inputs.filter { read.contains($0.value) }
        for input in plan.inputs where !read.contains(input.value) && plan.inputs.count > 1 {
            facts.append("input \(FileProblem.quote(input.name)) is not read")
        }
        guard plan.inputs.count > 1, used.count > 0 else {
            offsets = [0]
            names[plan.inputs[0].value] = Graph.inputName
            return Shape(plan.inputs[0].shape.sample)
        }
        var total = 0
        for input in plan.inputs {
            offsets.append(total)
            total += input.shape.sample.reduce(1, *)
        }
        for (number, input) in plan.inputs.enumerated() where read.contains(input.value) {
            place = ("input", FileProblem.quote(input.name))
            let count = input.shape.sample.reduce(1, *)
            let slice = try Operators.make(
                "slice",
                [
                    "starts": .integers([offsets[number]]), "ends": .integers([offsets[number] + count]),
                    "axes": .integers([0]),
                    "steps": .integers([1]),
                ])
            var name = unique(input.name)
            entries.append(.init(name, slice, inputs: [Graph.inputName]))
            if input.shape.sample != [count] {
                let shaped = unique(input.name + ".shape")
                entries.append(
                    .init(
                        shaped, try Operators.make("reshape", ["shape": .integers(input.shape.sample)]), inputs: [name])
                )
                name = shaped
            }
            names[input.value] = name
        }
        return Shape([total])
    }

    private mutating func add(_ node: Plan.Node) throws {
        place = (node.op, node.place)
        let inputs = try node.inputs.map { try name(of: $0) }
        place = (node.op, node.place)
        let owner = node.weight.flatMap { tied($0, node.bias) }
        entries.append(
            .init(node.name, try Operators.make(node.op, node.arguments), inputs: inputs, weightsOf: owner))
        names[node.output] = node.name
        if node.addsComputedBias { computedBiases.insert(owner ?? node.name) }
        if let owner {
            ties[owner, default: []].append(node.name)
            // It reads the same tensors, so that where these become others it reads those, too.
            if let weight = node.weight { bind(.weight, owner, weight) }
            if let bias = node.bias { bind(.bias, owner, bias) }
            return
        }
        if let weight = node.weight {
            owners.append((node.name, weight, node.bias))
            weights[node.name] = weight.values
            prunable.append(node.name)
            bind(.weight, node.name, weight)
        }
        if let bias = node.bias {
            biases[node.name] = bias.values
            bind(.bias, node.name, bias)
        } else if let weight = node.weight, node.op != "embedding" {
            // Our layers have one: of zeros where the file has none.
            biases[node.name] = [Float](repeating: 0, count: weight.shape[0])
        }
        for (name, constant) in node.parameters.sorted(by: { $0.key < $1.key }) {
            parameters[node.name + "." + name] = constant.values
            bind(.parameter, node.name + "." + name, constant)
        }
    }

    /// The node whose weights and bias are the same tensors of the file: they stay one.
    private func tied(_ weight: Constant, _ bias: Constant?) -> String? {
        owners.first { owner in
            owner.weight.isSame(weight) && (owner.bias == nil) == (bias == nil)
                && bias.map { owner.bias!.isSame($0) } ?? true
        }?.node
    }

    private mutating func bind(_ kind: ImportedModel.Binding.Kind, _ name: String, _ constant: Constant) {
        guard let origin = constant.origin else { return }
        bindings.append(ImportedModel.Binding(kind: kind, name: name, origin: origin))
    }

    /// A value's node; a constant becomes one where it is first read.
    private mutating func name(of value: Int) throws -> String {
        if let name = names[value] { return name }
        guard let constant = plan.values[value].constant else { preconditionFailure("a value that nothing makes") }
        if let name = constants[ObjectIdentifier(constant.mark)] { return name }
        place = ("Constant", FileProblem.quote(constant.origin?.name ?? "a constant"))
        let name = unique(constant.isParameter ? constant.origin!.name : "constant.\(constants.count + 1)")
        // What is infinite is a mask, whatever it is called.
        let isTrained = constant.isParameter && constant.values.allSatisfy { $0.isFinite }
        let made = try Operators.make(
            "constant", ["shape": .integers(constant.shape), "trained": .boolean(isTrained)])
        entries.append(.init(name, made, inputs: []))
        parameters[name + ".value"] = constant.values
        bind(.parameter, name + ".value", constant)
        constants[ObjectIdentifier(constant.mark)] = name
        return name
    }
}

extension Unsupported: CustomStringConvertible {
    var description: String { reason }
}
