import Dispatch
import Kernels
import Sparsity

/// How the figure falls at once as one layer alone is cut, the others left as they are: on the first validation samples,
/// where the line would cut. Each level is told as it is known.
package struct SensitivityQuery: Question {
    package static let kind = Query.Kind.sensitivity
    package static let manner = Manner(
        extent: .weights, lane: .spare, copyAgeSeconds: 1, pace: .seconds(1), isCostly: true)

    package var layer: String
    /// What the line ranks by, as a draft has it.
    package var ranking: [String: String]?
    package var weights: WeightsMark

    package init(layer: String, ranking: [String: String]? = nil, weights: WeightsMark) {
        self.layer = layer
        self.ranking = ranking
        self.weights = weights
    }

    package func answer(from evidence: Evidence, _ reply: (SensitivityAnswer) -> Void) throws {
        let copy = try evidence.copy(
            for: ranking.map { Draft(scope: .layer(layer), anchor: .kept(1), ranking: $0) })
        let plan = copy.plan
        let start = DispatchTime.now()
        let number = try evidence.layer(layer)
        let levels = Sensitivity.levels
        var answer = SensitivityAnswer(query: self, all: levels.count, step: copy.step)
        reply(answer)
        try Measurer.need(copy).require(plan.recipe.networkName, to: "measure the sensitivity of")
        // One thread: others are at work.
        let measurer = Measurer(plan, threads: 1)
        let count = min(measurer.firstImages, plan.split.validation.count)
        guard let now = aside({ measurer.now(copy, count, evidence.isCancelled) }) else { return }
        let before = plan.figure.judge(now)
        answer.now = plan.figure.reading(before, count: count, step: copy.step)
        let total = copy.state.layers[number].total
        var notice: String?
        for (place, level) in levels.enumerated() {
            if evidence.isCancelled() { return }
            let kept = max(1, total - Int((level * Double(total)).rounded()))
            let (layers, cut) = try copy.trying(Draft(scope: .layer(layer), anchor: .kept(kept), ranking: ranking))
            notice = notice ?? cut.notice
            let sparsity = 1 - Double(cut.layers[number].kept) / Double(max(1, total))
            // What cannot come back leaves several levels the same.
            if answer.points.last.map({ $0.sparsity != sparsity }) ?? true {
                guard
                    let scores = aside({
                        measurer.evaluate(layers, copy.state.parameters, count, evidence.isCancelled)
                    })
                else { return }
                evidence.noteLook()
                let after = plan.figure.judge(scores)
                let reading = plan.figure.reading(after, count: count, step: copy.step)
                answer.points.append(
                    SensitivityAnswer.Point(
                        sparsity: sparsity, value: reading.value, margin: reading.margin, threshold: cut.threshold))
            }
            answer.done = place + 1
            answer.elapsedSeconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
            if answer.isLast, answer.points.count < 2 { throw Refused(notice ?? "\(layer) cannot be cut") }
            reply(answer)
        }
    }
}

extension SensitivityQuery {
    /// While training goes on, on what it leaves; at rest a person waits.
    private func aside<Result>(_ body: () -> Result) -> Result {
        weights.step == nil ? SpareCores.run(body) : body()
    }
}

package struct SensitivityAnswer: LongReply {
    package struct Point: Codable, Sendable, Equatable {
        /// Of the layer.
        package var sparsity: Double
        package var value: Double
        /// Half the width of the 95 % interval.
        package var margin: Double
        /// Smallest score that the layer keeps.
        package var threshold: Float?

        package init(sparsity: Double, value: Double, margin: Double, threshold: Float? = nil) {
            self.sparsity = sparsity
            self.value = value
            self.margin = margin
            self.threshold = threshold
        }
    }

    package var query: SensitivityQuery
    /// The network as it is, on the same samples; nil: not measured yet.
    package var now: Reading?
    /// By rising sparsity.
    package var points: [Point] = []
    package var done = 0
    package var all: Int
    package var step: Int
    package var elapsedSeconds = 0.0

    package init(query: SensitivityQuery, all: Int, step: Int) {
        self.query = query
        self.all = all
        self.step = step
    }

    package struct Subject: Hashable, Sendable {
        package var layer: String
        package var ranking: [String: String]?

        package init(layer: String, ranking: [String: String]?) {
            self.layer = layer
            self.ranking = ranking
        }
    }

    package var subject: Subject { Subject(layer: query.layer, ranking: query.ranking) }
    package var weights: WeightsMark { query.weights }

    /// Between two levels, on the straight line that joins them; nil outside of what was measured.
    package func value(at sparsity: Double) -> Double? {
        guard let upper = points.firstIndex(where: { $0.sparsity >= sparsity }) else { return nil }
        let high = points[upper]
        if high.sparsity == sparsity { return high.value }
        guard upper > 0 else { return nil }
        let low = points[upper - 1]
        return low.value + (high.value - low.value) * (sparsity - low.sparsity) / (high.sparsity - low.sparsity)
    }
}

extension Query.Kind {
    package static let sensitivity = Query.Kind("sensitivity")
}

extension Query {
    package static func sensitivity(_ question: SensitivityQuery) -> Query { Query(question) }
}
