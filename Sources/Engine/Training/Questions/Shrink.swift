import Graph
import Sparsity

/// What the network would shrink to, and how fast it would answer. Nothing is changed.
package struct ShrinkQuery: Question {
    package static let kind = Query.Kind.shrink
    package static let manner = Manner(extent: .weights, lane: .attempting, pace: .seconds(30), isCostly: true)

    package var shrinking: Shrinking

    package init(_ shrinking: Shrinking) { self.shrinking = shrinking }

    package func answer(from evidence: Evidence, _ reply: (ShrinkAnswer) -> Void) throws {
        let copy = evidence.copy
        let graph = copy.plan.graph, arrays = copy.state.arrays.withoutSlots
        let time = AnswerTime(threads: 1, seconds: 0.1)
        struct Cancelled: Error {}
        let shrunk: ShrunkNetwork
        do {
            shrunk = try shrinking.shrunk(graph, arrays) { graph, arrays in
                if evidence.isCancelled() { throw Cancelled() }
                return try time.seconds(graph, arrays)
            }
        } catch is Cancelled {
            return
        } catch {
            throw Refused("not to be shrunk: \(error)")
        }
        var answer = ShrinkAnswer(shrinking.counted(shrunk), graph, arrays, shrunk, step: copy.step)
        reply(answer)
        if evidence.isCancelled() { return }
        answer.before.seconds = try time.seconds(graph, arrays)
        if evidence.isCancelled() { return }
        answer.after.seconds = shrunk.isWhole ? answer.before.seconds : try time.seconds(shrunk.graph, shrunk.arrays)
        answer.isLast = true
        reply(answer)
    }
}

package struct ShrinkAnswer: QuestionReply {
    package struct Size: Codable, Sendable {
        package var parameters: Int
        package var multiplyAdds: Int
        /// In a file.
        package var bytes: Int
        /// Of one image; nil: not measured yet.
        package var seconds: Double?

        package init(parameters: Int, multiplyAdds: Int, bytes: Int, seconds: Double? = nil) {
            self.parameters = parameters
            self.multiplyAdds = multiplyAdds
            self.bytes = bytes
            self.seconds = seconds
        }
    }
    package struct Layer: Codable, Sendable {
        package var name: String
        package var rows: Int
        package var weights: Int
        /// 0: the layer is gone.
        package var rowsLeft: Int
        package var weightsLeft: Int

        package init(name: String, rows: Int, weights: Int, rowsLeft: Int, weightsLeft: Int) {
            self.name = name
            self.rows = rows
            self.weights = weights
            self.rowsLeft = rowsLeft
            self.weightsLeft = weightsLeft
        }
    }

    /// A latency is the units that it came to.
    package var shrinking: Shrinking
    package var before: Size
    package var after: Size
    package var layers: [Layer]
    /// Units that do nothing, and those that the target takes.
    package var idle: Int
    package var chosen: Int
    /// Why units that do nothing stay, and what changes the answers.
    package var stays: [String]
    package var approximations: [String]
    package var step: Int
    /// The times are there.
    package var isLast = false

    package init(
        shrinking: Shrinking, before: Size, after: Size, layers: [Layer], idle: Int, chosen: Int, stays: [String],
        approximations: [String], step: Int, isLast: Bool
    ) {
        self.shrinking = shrinking
        self.before = before
        self.after = after
        self.layers = layers
        self.idle = idle
        self.chosen = chosen
        self.stays = stays
        self.approximations = approximations
        self.step = step
        self.isLast = isLast
    }

    fileprivate init(
        _ shrinking: Shrinking, _ graph: Graph, _ arrays: GraphArrays, _ shrunk: ShrunkNetwork, step: Int
    ) {
        let left = Dictionary(
            shrunk.graph.nodes.compactMap { node in node.ownWeights.map { (node.name, $0) } }, uniquingKeysWith: { $1 })
        self.init(
            shrinking: shrinking, before: Size(graph, arrays), after: Size(shrunk.graph, shrunk.arrays),
            layers: graph.nodes.compactMap { node in
                node.ownWeights.map {
                    Layer(
                        name: node.name, rows: $0.rows, weights: $0.weights, rowsLeft: left[node.name]?.rows ?? 0,
                        weightsLeft: left[node.name]?.weights ?? 0)
                }
            }, idle: shrunk.idle.count, chosen: shrunk.chosen?.count ?? 0,
            stays: shrunk.stays.map { "\($0.count) that do nothing stay: \($0.reason)" },
            approximations: shrunk.approximations, step: step, isLast: false)
    }
}

extension ShrinkAnswer.Size {
    fileprivate init(_ graph: Graph, _ arrays: GraphArrays) {
        let shapes = graph.nodes.compactMap(\.ownWeights)
        self.init(
            parameters: graph.parameterCount, multiplyAdds: graph.multiplyAdds,
            bytes: Payload.bytes(
                zip(shapes, arrays.layers).map { shape, layer in
                    (shape.weights, layer.values.count, layer.indices == nil, shape.rows, layer.bias.count)
                }, parameters: arrays.parameters.reduce(0) { $0 + $1.values.count }))
    }
}

extension Query.Kind {
    package static let shrink = Query.Kind("shrink")
}

extension Query {
    package static func shrink(_ shrinking: Shrinking) -> Query { Query(ShrinkQuery(shrinking)) }
}
