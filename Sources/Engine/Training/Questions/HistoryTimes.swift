import Graph
import Sparsity

/// How long networks take for one image, told one after the other: the one at hand as it is; another one, of which only is known
/// how many weights each layer kept, with as many at places that are drawn.
package struct HistoryTimesQuery: Question {
    package static let kind = Query.Kind.historyTimes
    package static let manner = Manner(
        extent: .weights, lane: .timing, copyAgeSeconds: 1, pace: .seconds(10), isCostly: true)

    /// Weights kept in each layer, by network.
    package var kept: [[Int]]

    package init(_ kept: [[Int]]) { self.kept = kept }

    package func answer(from evidence: Evidence, _ reply: (HistoryTimes) -> Void) throws {
        let copy = evidence.copy
        let graph = copy.plan.graph, arrays = copy.state.arrays.withoutSlots
        let totals = copy.state.layers.map(\.total)
        for network in kept {
            guard network.count == totals.count, zip(network, totals).allSatisfy({ (0...$1).contains($0) }) else {
                throw Refused("\(network) weights kept; the layers have \(totals)")
            }
        }
        try copy.plan.memory.require(copy.plan.recipe.networkName, to: "time")
        let now = arrays.layers.map(\.values.count)
        let time = AnswerTime(threads: 1, seconds: 0.05)
        var answer = HistoryTimes(query: self)
        for network in kept {
            if evidence.isCancelled() { return }
            let isExact = network == now
            guard
                let seconds = time.seconds(
                    graph, isExact ? arrays : arrays.drawn(network, copy.layerShapes),
                    isCancelled: evidence.isCancelled)
            else { return }
            answer.times.append(
                HistoryTimes.Time(kept: network, weights: totals.reduce(0, +), seconds: seconds, isExact: isExact))
            reply(answer)
        }
    }
}

package struct HistoryTimes: QuestionReply {
    package struct Time: Codable, Sendable, Equatable {
        package var kept: [Int]
        /// Of the network, zeros included.
        package var weights: Int
        package var seconds: Double
        /// Of the network itself, and not of one with as many weights.
        package var isExact: Bool

        package init(kept: [Int], weights: Int, seconds: Double, isExact: Bool) {
            self.kept = kept
            self.weights = weights
            self.seconds = seconds
            self.isExact = isExact
        }
    }

    package var query: HistoryTimesQuery
    package var times: [Time] = []

    package init(query: HistoryTimesQuery) { self.query = query }

    package var isLast: Bool { times.count == query.kept.count }
}

extension GraphArrays {
    /// With so many weights in each layer, at drawn places; values are of no account.
    fileprivate func drawn(_ kept: [Int], _ shapes: [(rows: Int, columns: Int)]) -> GraphArrays {
        var arrays = self
        for (number, count) in kept.enumerated() {
            let (rows, columns) = shapes[number]
            let isWhole = count == rows * columns
            arrays.layers[number].indices =
                isWhole
                ? nil : RandomMask.positions(rows: rows, columns: columns, count: count, seed: 5, layer: number)
            arrays.layers[number].values = [Float](repeating: 0.01, count: count)
        }
        return arrays
    }
}

extension Query.Kind {
    package static let historyTimes = Query.Kind("history-times")
}

extension Query {
    package static func historyTimes(_ question: HistoryTimesQuery) -> Query { Query(question) }
}
