import ArgumentParser
import Foundation
import Graph
import Interchange
import Kernels
import Text
import Training

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print the layers, zeros and sizes of a run or of a kept network.")

    @Argument(help: "Folder of a run, or a safetensors file that Espalier kept.")
    var target: String
    @Option(help: "Folder (or name) of the run's data, where it lies elsewhere now.")
    var data: String?
    @Flag(help: "Print JSON, one line a layer.")
    var json = false

    func run() throws {
        do {
            // Of the data the size of an image is all that is looked at.
            let opened = try OpenedNetwork(target, data: RunData.Choice(folder: data, acceptsOther: true))
            var rows: [(name: String, rows: Int, columns: Int, kept: Int, zeros: Int)] = []
            for (layer, state) in zip(opened.network.layers, opened.layers) {
                rows.append(
                    (
                        layer.name, layer.map.rows, layer.map.columns, state.arrays.values.count,
                        state.total - state.arrays.values.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
                    ))
            }
            if json {
                for row in rows {
                    Output.json([
                        "kept": .whole(row.kept), "layer": .text(row.name),
                        "shape": .list([.whole(row.rows), .whole(row.columns)]),
                        "sparsity": .number(1 - Double(row.kept) / Double(row.rows * row.columns)),
                        "weights": .whole(row.rows * row.columns), "zero_weights": .whole(row.zeros),
                    ])
                }
                return
            }
            Output.line("\(opened.title), step \(opened.step)")
            Output.line("layer          shape            kept / weights        mask zeros   weights = 0")
            for row in rows {
                line(row.name, "\(row.rows)×\(row.columns)", row.kept, row.rows * row.columns, row.zeros)
            }
            let total = rows.reduce(0) { $0 + $1.rows * $1.columns }
            line("all", "", rows.reduce(0) { $0 + $1.kept }, total, rows.reduce(0) { $0 + $1.zeros })
            let adds = opened.network.multiplyAdds()
            let payload = KeptNetwork.payloadBytes(
                opened.network.layers.map { ($0.map.weights, $0.nnz, $0.isDense, $0.map.rows) },
                parameters: opened.network.parameters.reduce(0) { $0 + $1.values.count })
            Output.line("biases \(rows.reduce(0) { $0 + $1.rows })   bitmask file \(payload) bytes without its header")
            Output.line("multiply-adds an image: \(adds.sparse) of \(adds.dense) dense")
        } catch {
            throw Exit.report(error)
        }
    }

    private func line(_ name: String, _ shape: String, _ kept: Int, _ total: Int, _ zeros: Int) {
        func pad(_ text: String, _ width: Int) -> String {
            let text = text.visible
            return text + String(repeating: " ", count: max(1, width - text.count))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        Output.line(
            pad(name, 15) + pad(shape, 12) + right("\(kept) / \(total)", 22)
                + right(String(format: "%.2f %%", 100 * (1 - Double(kept) / Double(total))), 15)
                + right(String(format: "%.2f %%", 100 * Double(zeros) / Double(total)), 14))
    }
}

/// A network with its weights, from a run's last checkpoint or from a kept file.
struct OpenedNetwork {
    let title: String
    let step: Int
    let recipe: Recipe
    let network: Network
    let layers: [LayerState]
    let normalization: Normalization?
    private let path: String
    private let known: TrainingPlan?
    private let identity: DataIdentity?

    /// - Parameter capacity: images at once, where the network is run.
    /// - Parameter data: where a run's data lies now.
    /// - Throws: `FileProblem` and what reading a recipe throws.
    init(_ path: String, threads: Int = 1, capacity: Int = 64, data: RunData.Choice) throws {
        let path = HomeFolder.find(path)
        self.path = path
        let run = try RunFolder.isRun(path) ? RunFolder.look(at: path) : nil
        // A finished run is what it left, whatever became of its checkpoint.
        if let run, try !run.isFinished() && run.saved() != .final {
            recipe = try RecipeReader.read(run.recipe)
            let plan = try RunData.plan(recipe, identity: run.dataIdentity(), in: path, choice: data)
            try plan.requireMemory()
            known = plan
            identity = nil
            let isSaved = try run.saved() == .checkpoint
            let trainer = Trainer(plan, team: Team(size: threads), initialize: !isSaved)
            if isSaved {
                trainer.restore(try Checkpoint.read(run.latest, network: trainer.network, recipe: recipe.yaml).state)
            }
            let state = trainer.state()
            title = "run \(path): \(recipe.name)"
            step = state.progress.step
            layers = state.layers
            network = trainer.network
            normalization = nil
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
            }
            identity = kept.data
            recipe = known?.recipe ?? kept.recipe
            title = (run == nil ? path : "run \(path)") + ": \(recipe.name)"
            step = kept.step
            layers = kept.layers
            network = Network(kept.graph, capacity: capacity, team: Team(size: threads), trains: false)
            for (layer, state) in zip(network.layers, kept.layers) { layer.set(state.arrays) }
            for (parameter, state) in zip(network.parameters, kept.parameters) { parameter.set(state) }
            normalization = Normalization(means: [kept.mean], deviations: [kept.deviation])
        }
    }

    /// The data to measure on, which must be that of the network unless other data is accepted.
    func plan(_ choice: RunData.Choice) throws -> TrainingPlan {
        try known
            ?? RunData.plan(
                recipe, identity: identity, in: Files.folder(of: path), choice: choice)
    }
}
