import Graph
import Interchange
import Kernels

/// Runs samples through a network, without training: what the figure is made of, and which activations were zero.
struct Evaluation {
    private(set) var scores = FigureScores()
    /// Sum over samples.
    private(set) var loss = 0.0
    /// By layer name, where a ReLU follows it.
    private(set) var activity: [String: Progress.Activity] = [:]

    /// - Parameter isCancelled: looked at before each batch of the network's capacity; nil is returned if it says so.
    init?(
        _ network: Network, filler: PanelFiller, targets: TargetFiller, plan: TrainingPlan, samples: Samples,
        indices: ArraySlice<Int32>, countsActivity: Bool = false, isCancelled: () -> Bool = { false }
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
            network.forward(samples: part.count)
            plan.loss.evaluate(network.output, targets: targets.batch, wantsGradient: false, into: &result)
            plan.figure.score(network.output, targets: targets.batch, result: result, into: &scores)
            loss += result.sum
            for index in counters.indices { counters[index].add(samples: part.count, network: network) }
            first = end
        }
        for counter in counters { activity[counter.layer] = counter.activity }
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

/// Counts zeros behind the ReLU of one layer.
private struct ActivityCounter {
    let layer: String
    private let tensor: PanelTensor
    private var zeros = 0
    private var total = 0
    private var alive: [Bool]

    static func all(of network: Network) -> [ActivityCounter] {
        network.graph.nodes.enumerated().compactMap { number, node in
            guard node.op.traits.contains(.makesZeros), let source = node.inputs.first, source >= 0 else { return nil }
            var producer = network.graph.nodes[source]
            if producer.op.traits.contains(.normalizesBatch), producer.inputs[0] >= 0 {
                producer = network.graph.nodes[producer.inputs[0]]
            }
            guard producer.op.weightShape(producer.inputShapes) != nil else { return nil }
            return ActivityCounter(layer: producer.name, tensor: network.tensors[number + 1])
        }
    }

    private init(layer: String, tensor: PanelTensor) {
        self.layer = layer
        self.tensor = tensor
        alive = [Bool](repeating: false, count: tensor.shape.channels)
    }

    mutating func add(samples: Int, network: Network) {
        let layout = tensor.layout
        let lanes = layout.lanes
        let panels = network.panels(samples)
        let channels = layout.channels
        // One slot a channel, so that no two tasks write the same.
        var counts = [Int](repeating: 0, count: channels)
        // Blocks, because a wide layer has more channels than a region may have tasks.
        let width = (channels + 4095) / 4096
        counts.withUnsafeMutableBufferPointer { counts in
            nonisolated(unsafe) let counts = counts  // Each task writes its own channels.
            network.team.run(tasks: (channels + width - 1) / width) { task in
                for channel in task * width..<min((task + 1) * width, channels) {
                    var zeros = 0
                    for panel in 0..<panels {
                        let held = min(lanes, samples - panel * lanes)
                        for y in 0..<layout.height {
                            let row = tensor.values.pointer + panel * layout.panelFloats + layout.offset(channel, y)
                            for x in 0..<layout.width {
                                var here: Int32 = 0
                                for lane in 0..<held { here &+= row[x &* lanes &+ lane] == 0 ? 1 : 0 }
                                zeros += Int(here)
                            }
                        }
                    }
                    counts[channel] = zeros
                }
            }
        }
        let perChannel = samples * layout.height * layout.width
        for channel in 0..<channels {
            zeros += counts[channel]
            if counts[channel] < perChannel { alive[channel] = true }
        }
        total += perChannel * channels
    }

    var activity: Progress.Activity {
        Progress.Activity(
            deadUnits: alive.reduce(0) { $0 + ($1 ? 0 : 1) }, zeroShare: total == 0 ? 0 : Double(zeros) / Double(total))
    }
}

extension TrainingPlan {
    /// The figure of a network on this plan's validation or test samples.
    ///
    /// - Parameter normalization: of a kept network, which may come from other data than the plan's.
    package func measure(
        _ network: Network, onTest: Bool, normalization: Normalization? = nil
    ) throws -> Reading {
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
            targets: TargetFiller(network, comparison), plan: self, samples: samples, indices: indices[...])!
        return figure.reading(evaluation.scores, step: 0)
    }
}
