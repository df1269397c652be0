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
        guard let graph = try graph(network(in: folder)) else { return nil }
        var starting = StartingNetwork(graph: graph)
        let weights = start(in: folder), frame = frame(in: folder)
        if try FileKind.at(weights) != .absent { starting.weights = try StartFile.read(weights, graph) }
        if try FileKind.at(frame) != .absent {
            starting.frame = try ONNXFrame(decoding: FileBytes.read(frame, limit: 1 << 31), path: frame)
        }
        return starting
    }

    private static func graph(_ path: String) throws -> Graph? {
        guard try FileKind.at(path) != .absent else { return nil }
        do {
            let text = String(decoding: try FileBytes.read(path, limit: 1 << 28), as: UTF8.self)
            return try NodeList(json: text).graph()
        } catch let problem as FileProblem {
            throw problem
        } catch {
            throw FileProblem(
                path: path, place: "network", found: "\(error)".prefix(200).description,
                expected: "the nodes of the run's network")
        }
    }

    static func parentNetwork(in folder: String) -> String { folder + "/parent.json" }
    static func parentWeights(in folder: String) -> String { folder + "/parent.safetensors" }

    /// The network that the run in a folder learns from; nil: none, or it is not written down yet.
    /// - Throws: `FileProblem`.
    static func parent(in folder: String) throws -> ParentNetwork? {
        guard let graph = try graph(parentNetwork(in: folder)) else { return nil }
        return ParentNetwork(graph: graph, weights: try StartFile.read(parentWeights(in: folder), graph))
    }

    private func keepParent(_ plan: TrainingPlan) throws {
        guard let parent = plan.parent, try FileKind.at(Self.parentNetwork(in: path)) == .absent else { return }
        try StartFile.write(parent.weights, parent.graph, to: Self.parentWeights(in: path))
        try AtomicFile.write(Array(try NodeList(parent.graph).json().utf8), to: Self.parentNetwork(in: path))
    }

    /// Before the first step: the weights first, for without the graph nobody looks at them.
    func keepStart(_ plan: TrainingPlan) throws {
        try keepParent(plan)
        let isFile = if case .file = plan.recipe.network { true } else { false }
        guard isFile || plan.start != nil, try FileKind.at(Self.network(in: path)) == .absent else { return }
        if let frame = plan.frame { try AtomicFile.write(frame.encoded, to: Self.frame(in: path)) }
        if let start = plan.start { try StartFile.write(start, plan.graph, to: Self.start(in: path)) }
        try AtomicFile.write(Array(try NodeList(plan.graph).json().utf8), to: Self.network(in: path))
    }
}
