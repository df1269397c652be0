import Graph
import Interchange
import Kernels

/// Runs samples through a network, without training: what the figure is made of, and which activations were zero.
struct Evaluation {
    private(set) var scores = FigureScores()
    /// Sum over samples, and what it is divided by.
    private(set) var loss = 0.0, weight = 0.0
    /// Of each activation that makes zeros, in the order of the graph.
    private(set) var activations: [UnitActivity] = []
    /// By layer name, where one follows it.
    var activity: [String: Progress.Activity] {
        activations.reduce(into: [:]) { found, activity in
            guard let layer = activity.layer else { return }
            found[layer] = Progress.Activity(deadUnits: activity.deadUnits, zeroShare: activity.zeroShare)
        }
    }

    /// - Parameters:
    ///   - isCancelled: looked at before each batch of the network's capacity; nil is returned if it says so.
    ///   - answer: fills the network's output from its input for some samples; nil: the network does.
    init?(
        _ network: Network, filler: PanelFiller, targets: TargetFiller, plan: TrainingPlan, samples: Samples,
        indices: ArraySlice<Int32>, countsActivity: Bool = false, isCancelled: () -> Bool = { false },
        answer: ((_ samples: Int) -> Void)? = nil
    ) {
        var counters = countsActivity ? ActivityCounter.all(of: network) : []
        var first = indices.startIndex
        var result = LossResult()
        scores.scores.reserveCapacity(indices.count * plan.figure.width)
        while first < indices.endIndex {
            if isCancelled() { return nil }
            let end = min(first + network.capacity, indices.endIndex)
            let part = indices[first..<end]
            filler.fill(from: samples, indices: part)
            targets.fill(from: samples, indices: part)
            if let answer { answer(part.count) } else { network.forward(samples: part.count) }
            plan.loss.evaluate(network.output, targets: targets.batch, wantsGradient: false, into: &result)
            plan.figure.score(network.output, targets: targets.batch, result: result, into: &scores)
            loss += result.sum
            weight += result.weight
            for index in counters.indices { counters[index].add(samples: part.count, network: network) }
            first = end
        }
        activations = counters.map(\.activity)
    }
}

extension Figure {
    /// - Parameter step: of the weights that the scores are of.
    func reading(_ scores: FigureScores, step: Int) -> Reading {
        reading(judge(scores), count: scores.scores.count / width, step: step)
    }

    func reading(_ judged: Judgement?, count: Int, step: Int) -> Reading {
        guard let judged else {
            // Nothing is known: half of what it may be, give or take that.
            let half = (format.most ?? 0) / 2
            return format.isAccuracy
                ? Reading(percent: 0, count: 0, step: step)
                : Reading(value: half, margin: half, count: count, step: step)
        }
        return format.isAccuracy
            ? Reading(percent: judged.value, count: count, step: step)
            : Reading(value: judged.value, margin: judged.margin, count: count, step: step)
    }
}

extension TrainingPlan {
    /// The figure of a network on this plan's validation or test samples.
    ///
    /// - Parameters:
    ///   - normalization: of a kept network, which may come from other data than the plan's.
    ///   - answer: answers in the network's place, as `Evaluation` has it.
    package func measure(
        _ network: Network, onTest: Bool, normalization: Normalization? = nil,
        answer: ((_ samples: Int) -> Void)? = nil
    ) throws -> Reading {
        try measured(network, onTest: onTest, normalization: normalization, answer: answer).reading
    }

    /// The same, and the mean loss: two networks that answer alike may differ in how sure they are.
    package func measured(
        _ network: Network, onTest: Bool, normalization: Normalization? = nil,
        answer: ((_ samples: Int) -> Void)? = nil
    ) throws -> (reading: Reading, loss: Double) {
        let samples = onTest ? data.test : data.train
        guard samples.shape == network.graph.input else {
            throw FileProblem(
                path: data.name, place: "images", found: "a size of \(samples.shape)",
                expected: "\(network.graph.input), which the network was trained on")
        }
        guard comparison != .classes || loss.hasOutputs(network.graph.output, classes: data.classes) else {
            throw DataError.shape(
                network: recipe.networkName, found: "\(network.graph.output)", expected: "\(data.classes)")
        }
        let indices = onTest ? (0..<Int32(samples.count)).map { $0 } : split.validation
        let evaluation = Evaluation(
            network, filler: PanelFiller(data, network: network, normalization: normalization),
            targets: TargetFiller(network, comparison, scale: data.targetScale), plan: self, samples: samples,
            indices: indices[...], answer: answer)!
        return (figure.reading(evaluation.scores, step: 0), evaluation.loss / evaluation.weight)
    }
}
