import Foundation
import Graph
import Interchange
import Sparsity

/// A training state as safetensors: masks as bitmasks or compressed rows, values, optimizer state and biases as
/// tensors, everything else as JSON in the metadata. Any safetensors reader opens it.
package struct Checkpoint {
    package var state: TrainingState
    /// What the session needs besides: nil in the states that undo keeps.
    var memory: SessionMemory?

    private static let version = "espalier-checkpoint-1"
    private static let graphKey = "graph"

    init(state: TrainingState, memory: SessionMemory?) {
        self.state = state
        self.memory = memory
    }
    package init(state: TrainingState) { self.init(state: state, memory: nil) }

    /// - Parameters:
    ///   - input: shape of an image, or nil where it is not known.
    ///   - data: what the state was trained on, without which a run would go on with any data of that shape.
    ///   - graph: the network, where it is not the one that the run began with.
    package func write(
        to path: String, recipe: String, input: Shape? = nil, data: DataIdentity? = nil, graph: Graph? = nil
    ) throws {
        var tensors: [Tensor] = []
        for layer in state.layers {
            let arrays = layer.arrays
            let name = "\(layer.name).weight"
            if let indices = arrays.indices {
                tensors += SparseTensor(
                    rows: layer.rows, columns: layer.total / layer.rows, indices: indices,
                    values: arrays.values
                ).tensors(name)
            } else {
                tensors.append(Tensor(name + ".values", arrays.values))
            }
            if !arrays.bias.isEmpty { tensors.append(Tensor("\(layer.name).bias", arrays.bias)) }
            for (number, slot) in arrays.slots.enumerated() {
                tensors.append(Tensor("\(layer.name).weight.slot\(number)", slot))
            }
            for (number, slot) in arrays.biasSlots.enumerated() where !slot.isEmpty {
                tensors.append(Tensor("\(layer.name).bias.slot\(number)", slot))
            }
        }
        for parameter in state.parameters {
            tensors.append(Tensor(parameter.name, parameter.values))
            for (number, slot) in parameter.slots.enumerated() {
                tensors.append(Tensor("\(parameter.name).slot\(number)", slot))
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        var metadata = ["format": Self.version, "recipe": recipe, "progress": try json(state.progress)]
        if let memory { metadata["session"] = try json(memory) }
        if let input { metadata["input"] = input.description }
        if let data { metadata["data"] = try data.json() }
        if let graph { metadata[Self.graphKey] = try NodeList(graph).json() }
        try Safetensors.write(TensorFile(sealing: tensors, metadata: metadata, path: path), to: path)
    }

    /// - Parameter network: of the run's recipe; its layers say which shapes are expected.
    /// - Parameter recipe: the run's, as YAML; a state of another recipe is refused, for the data and its split, the
    ///   steps and the masks would not be those that it was made with.
    /// - Parameter figure: of the run's plan, for what its values may be.
    package static func read(
        _ path: String, network: Network, recipe: String? = nil, figure: FigureFormat = .accuracy
    ) throws -> Checkpoint {
        let file = try Safetensors.read(path)
        try check(file)
        if let recipe, let changed = Self.difference(recipe, Self.rewritten(try file.text("recipe"))) {
            throw FileProblem(
                path: path, place: "metadata 'recipe'", found: "another recipe ('\(changed.there)')",
                expected: "that of the run's recipe.yaml ('\(changed.here)')")
        }
        // Weights may fit images of another size, where pooling makes one value of each channel.
        let images = network.graph.input.description
        if let input = file.metadata["input"], input != images {
            throw FileProblem(
                path: path, place: "metadata 'input'", found: "a state for images of \(input)",
                expected: "\(images), as the run's data has them now")
        }
        if let written = file.metadata[Self.graphKey], try NodeList(network.graph.unrounded).json() != written {
            throw FileProblem(
                path: path, place: "metadata '\(Self.graphKey)'", found: "another network",
                expected: "that of the state")
        }
        _ = try DataIdentity(of: file)
        let progress = try decode(Progress.self, file, "progress")
        let memory = file.metadata["session"] == nil ? nil : try decode(SessionMemory.self, file, "session")
        try memory?.check(NumberCheck(path: path, place: "metadata 'session'", figures: figure.floors))
        try progress.check(
            NumberCheck(path: path, place: "metadata 'progress'", figures: figure.floors),
            layers: Dictionary(network.layers.map { ($0.name, $0.map.rows) }, uniquingKeysWith: { first, _ in first }),
            nextRemoval: memory?.nextRemoval)
        let methodSlots = try Self.methodSlots(file.text("recipe"), progress.choices)
        let layers = try network.layers.map { layer in
            // The method of the state may be another than the network's.
            let slots = methodSlots.map { layer.biasSlots.count + $0 } ?? layer.slots.count
            let total = layer.map.weights
            let name = "\(layer.name).weight"
            let sparse =
                SparseTensor.isIn(file, name)
                ? try SparseTensor(name, rows: layer.map.rows, columns: layer.map.columns, from: file) : nil
            let count = sparse?.values.count ?? total
            func biases(_ name: String) throws -> [Float] {
                layer.isTable ? [] : try file.floats(name, shape: [layer.map.rows])
            }
            // Tables were parameters in the first checkpoints, under the name of the tensor itself.
            let values = layer.isTable && file[name + ".values"] == nil ? name : name + ".values"
            let arrays = LayerArrays(
                indices: sparse?.indices, values: try sparse?.values ?? file.floats(values, shape: [count]),
                slots: try (0..<slots).map {
                    try file.floats("\(layer.name).weight.slot\($0)", shape: [count])
                },
                bias: try biases("\(layer.name).bias"),
                biasSlots: try layer.biasSlots.indices.map { try biases("\(layer.name).bias.slot\($0)") })
            return LayerState(
                name: layer.name, arrays: arrays, total: total, rows: layer.map.rows, isProtected: !layer.isPrunable)
        }
        let parameters = try network.parameters.map { parameter in
            func floats(_ name: String) throws -> [Float] {
                try file.floats(name, shape: [parameter.shape.count])
            }
            return ParameterState(
                node: parameter.node, shape: parameter.shape, values: try floats(parameter.name),
                slots: try parameter.slots.indices.map { try floats("\(parameter.name).slot\($0)") })
        }
        return Checkpoint(
            state: TrainingState(progress: progress, layers: layers, parameters: parameters), memory: memory)
    }

    /// Arrays that the method of a state keeps for each weight; nil where the recipe is not to be read.
    private static func methodSlots(_ recipe: String, _ choices: Choices?) -> Int? {
        guard let read = try? RecipeReader.read(recipe, file: "", name: ""), let chosen = try? read.choosing(choices)
        else { return nil }
        return Methods.all.first { $0.descriptor.name == chosen.method.name }?.weightSlots.count
    }

    /// The plan of the network that a state is of: the run's own, or one that units have left.
    /// - Throws: `FileProblem` where the list of nodes is none, or none of this run.
    package static func plan(of path: String, _ beginning: TrainingPlan) throws -> TrainingPlan {
        guard let written = try Safetensors.metadata(path)[graphKey] else { return beginning }
        do {
            return try beginning.on(NodeList(json: written).graph())
        } catch {
            throw FileProblem(
                path: path, place: "metadata '\(graphKey)'", found: "\(error)".shortened,
                expected: "the nodes of a network for this run")
        }
    }

    /// The cuts that a state leads to, without its network.
    static func removals(_ path: String) throws -> [Int] {
        let file = try Safetensors.read(path)
        try check(file)
        return try decode(Progress.self, file, "progress").removals
    }

    private static func check(_ file: TensorFile) throws {
        guard file.metadata["format"] == version else {
            throw FileProblem(
                path: file.path, place: "metadata 'format'", found: file.metadata["format"] ?? "nothing",
                expected: version)
        }
        try file.requireChecksum()
    }

    // As it would be written today: numbers have been written in another form.
    private static func rewritten(_ recipe: String) -> String {
        (try? RecipeReader.read(recipe, file: "", name: "").yaml) ?? recipe
    }

    // The first line that differs.
    static func difference(_ here: String, _ there: String) -> (here: String, there: String)? {
        if here == there { return nil }
        let a = here.split(separator: "\n"), b = there.split(separator: "\n")
        let line = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        return line.map { index in (String(a[index]), String(b[index])) } ?? ("\(a.count) lines", "\(b.count) lines")
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ file: TensorFile, _ key: String) throws -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: Data(try file.text(key).utf8))
        } catch let problem as FileProblem {
            throw problem
        } catch {
            throw FileProblem(
                path: file.path, place: "metadata '\(key)'", found: "\(error)".prefix(120).description,
                expected: "what a checkpoint holds")
        }
    }
}

/// What a session remembers across undo: it is never taken back.
struct SessionMemory: Codable, Equatable {
    /// Lines of the journal that are executed.
    var journal = 0
    var undo: [Int] = []
    var redo: [Int] = []
    /// The cuts that wait for a redo, as the history shows them.
    var undone: [HistoryEntry] = []
    var nextState = 1
    var nextRemoval = 1
    var isPaused = false
    var looks = 0
    var test: Reading?
    /// Lines of the metrics that belong to this state; nil in the first checkpoints.
    var metrics: Int?
}
