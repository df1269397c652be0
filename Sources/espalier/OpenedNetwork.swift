import ArgumentParser
import Devices
import Graph
import Interchange
import Kernels
import Models
import Sparsity
import Training

/// A network with its weights: of a run's last checkpoint, of a kept file, of an ONNX model.
struct OpenedNetwork {
    let title: String
    let step: Int
    let recipe: Recipe
    let network: Network
    let layers: [LayerState]
    let normalization: Normalization?
    /// Of activations, where it was trained under quantisation.
    let ranges: [TensorRange]?
    /// What its outputs are in.
    let targetScale: TargetScale
    private let path: String
    private let known: TrainingPlan?
    private let imported: ONNXFrame?
    private let identity: DataIdentity?

    /// - Parameters:
    ///   - capacity: samples at once, where the network is run.
    ///   - data: where a run's data lies now; the data that an ONNX model is measured on.
    ///   - changes: of the recipe that stands for an ONNX model, as `--set` has them.
    /// - Throws: `FileProblem` and what reading a recipe throws.
    init(
        _ path: String, threads: Int = 1, capacity: Int = 64, data: RunData.Choice, changes: [String] = []
    ) throws {
        let path = HomeFolder.find(path)
        if path.hasSuffix(".onnx"), !Files.isFolder(path) {
            self = try OpenedNetwork(model: path, threads: threads, capacity: capacity, data: data, changes: changes)
            return
        }
        self.path = path
        guard changes.isEmpty else {
            throw ValidationError("--set is for an ONNX model; a run and a kept network have their recipe")
        }
        let run = try RunFolder.isRun(path) ? RunFolder.look(at: path) : nil
        guard run != nil || !Files.isFolder(path) else {
            throw FileProblem(
                path: path, place: "folder", found: "no recipe.yaml",
                expected: "the folder of a run, or a file: a network that Espalier kept, an ONNX model")
        }
        // A finished run is what it left, whatever became of its checkpoint.
        if let run, try !run.isFinished() && run.saved() != .final {
            recipe = try RecipeReader.read(run.recipe)
            var plan = try RunData.plan(recipe, identity: run.dataIdentity(), in: path, choice: data)
            if try run.saved() == .checkpoint { plan = try Checkpoint.plan(of: run.latest, plan) }
            try plan.requireMemory()
            known = plan
            imported = plan.frame
            identity = nil
            targetScale = plan.data.targetScale
            let isSaved = try run.saved() == .checkpoint
            let trainer = Trainer(plan, team: Team(size: threads), initialize: !isSaved)
            if isSaved {
                trainer.restore(
                    try Checkpoint.read(
                        run.latest, network: trainer.network, recipe: recipe.yaml, figure: plan.figure.format
                    ).state)
            }
            let state = trainer.state()
            title = "run \(path): \(recipe.name)"
            step = state.progress.step
            layers = state.layers
            network = plan.quantization == nil ? trainer.network : trainer.answeringCopy(capacity: capacity)
            normalization = nil
            ranges = state.progress.ranges
        } else {
            let kept = try KeptNetwork.read(run?.final ?? path)
            let capacity = min(capacity, Answering.capacity(kept.graph, threads: threads))
            try MemoryNeed(
                running: kept.graph, capacity: capacity,
                counts: kept.layers.map { $0.arrays.values.count }
            ).require(kept.recipe.networkName, to: "run")
            if let run { try kept.requireNetwork(of: RecipeReader.read(run.recipe), path: run.final) }
            if let warning = kept.warning { Output.error("espalier: \(warning)") }
            known = try run.map {
                try RunData.plan(RecipeReader.read($0.recipe), identity: kept.data, in: path, choice: data)
                    .follow(kept.graph)
            }
            imported = known?.frame
            identity = kept.data
            recipe = known?.recipe ?? kept.recipe
            title = (run == nil ? path : "run \(path)") + ": \(recipe.name)"
            step = kept.step
            layers = kept.layers
            network = Network(kept.graph, capacity: capacity, team: Team(size: threads), trains: false)
            for (layer, state) in zip(network.layers, kept.layers) { layer.set(state.arrays) }
            for (parameter, state) in zip(network.parameters, kept.parameters) { parameter.set(state) }
            normalization = kept.normalization
            ranges = kept.ranges
            targetScale = kept.data?.targetScale ?? .none
        }
    }

    /// An ONNX model. Without data its weights can be looked at.
    private init(
        model path: String, threads: Int, capacity: Int, data choice: RunData.Choice, changes: [String]
    ) throws {
        self.path = path
        identity = nil
        normalization = nil
        ranges = nil
        step = 0
        title = path
        let starting: StartingNetwork
        if let folder = choice.folder {
            let recipe = try Recipe.of(model: path, data: folder, changes: changes)
            let plan = try recipe.locating { try TrainingPlan(recipe) }
            for notice in plan.notices { Output.error("espalier: \(notice)") }
            (self.recipe, known) = (plan.recipe, plan)
            targetScale = plan.data.targetScale
            starting = StartingNetwork(graph: plan.graph, weights: plan.start, frame: plan.frame)
        } else {
            guard changes.isEmpty else { throw ValidationError("--set needs the data of the model: --data") }
            recipe = try Recipe.of(model: path, data: "fashion-mnist", changes: [])
            known = nil
            targetScale = .none
            starting = try NetworkFile.read(path, input: nil)
        }
        imported = starting.frame
        let capacity = min(capacity, Answering.capacity(starting.graph, threads: threads))
        try MemoryNeed(running: starting.graph, capacity: capacity, counts: nil).require(path, to: "run")
        network = Network(starting.graph, capacity: capacity, team: Team(size: threads), trains: false)
        starting.weights?.apply(to: network)
        layers = network.layers.map {
            LayerState(name: $0.name, arrays: $0.live(withSlots: false), total: $0.map.weights, rows: $0.map.rows)
        }
    }

    /// The same network without some of its units, for a file of its own.
    ///
    /// - Parameter path: of that file, where its recipe finds it again.
    func kept(_ graph: Graph, _ arrays: GraphArrays, at path: String) throws -> KeptNetwork {
        let nodes = graph.nodes.filter { $0.ownWeights != nil }
        var recipe = recipe
        recipe.network = .file(try FileNetwork(file: DataPlace.absolute(path)))
        return KeptNetwork(
            layers: zip(nodes, arrays.layers).map { node, arrays in
                LayerState(
                    name: node.name, arrays: arrays, total: node.weightShape!.weights, isProtected: !node.isPrunable)
            }, parameters: arrays.parameters, recipe: recipe,
            normalization: normalization ?? known?.data.normalization ?? .none,
            identity: identity ?? known.map { DataIdentity($0.data) }, classes: max(1, graph.output.features),
            input: graph.input, step: step)
    }

    /// Of the data that a kept network was trained on.
    var dataIdentity: DataIdentity? { identity ?? known.map { DataIdentity($0.data) } }

    /// The ONNX file that the network came from, without its weights.
    var frame: ONNXFrame? { imported }

    /// The data to measure on, which must be that of the network unless other data is accepted.
    func plan(_ choice: RunData.Choice) throws -> TrainingPlan {
        if path.hasSuffix(".onnx"), known == nil {
            throw ValidationError("an ONNX model is measured on data that is named: --data")
        }
        return try known
            ?? RunData.plan(
                recipe, identity: identity, starting: StartingNetwork(graph: network.graph),
                in: Files.folder(of: path), choice: choice)
    }
}
