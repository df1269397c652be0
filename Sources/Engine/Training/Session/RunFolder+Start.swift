import Foundation
import Graph
import Interchange
import Models

// What a run began with, where its recipe alone does not say it: a network from a file, weights that were given.
extension RunFolder {
    static func network(in folder: String) -> String { folder + "/network.json" }
    static func start(in folder: String) -> String { folder + "/start.safetensors" }
    static func frame(in folder: String) -> String { folder + "/model.frame" }

    /// The network and the weights that the run in a folder began with; nil: as the recipe says.
    ///
    /// - Throws: `FileProblem` where they cannot be read.
    package static func starting(in folder: String) throws -> StartingNetwork? {
        let path = network(in: folder)
        guard try FileKind.at(path) != .absent else { return nil }
        let graph: Graph
        do {
            let text = String(decoding: try FileBytes.read(path, limit: 1 << 28), as: UTF8.self)
            graph = try NodeList(json: text).graph()
        } catch let problem as FileProblem {
            throw problem
        } catch {
            throw FileProblem(
                path: path, place: "network", found: "\(error)".prefix(200).description,
                expected: "the nodes of the run's network")
        }
        var starting = StartingNetwork(graph: graph)
        let weights = start(in: folder), frame = frame(in: folder)
        if try FileKind.at(weights) != .absent { starting.weights = try StartFile.read(weights, graph) }
        if try FileKind.at(frame) != .absent {
            starting.frame = try ONNXFrame(decoding: FileBytes.read(frame, limit: 1 << 31), path: frame)
        }
        return starting
    }

    /// Before the first step: the weights first, for without the graph nobody looks at them.
    func keepStart(_ plan: TrainingPlan) throws {
        let isFile = if case .file = plan.recipe.network { true } else { false }
        guard isFile || plan.start != nil, try FileKind.at(Self.network(in: path)) == .absent else { return }
        if let frame = plan.frame { try AtomicFile.write(frame.encoded, to: Self.frame(in: path)) }
        if let start = plan.start { try StartFile.write(start, plan.graph, to: Self.start(in: path)) }
        try AtomicFile.write(Array(try NodeList(plan.graph).json().utf8), to: Self.network(in: path))
    }
}
