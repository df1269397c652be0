import Graph
import Interchange
import Kernels

/// Runs images through a network, without training: who was right, and which activations were zero.
struct Evaluation {
    private(set) var correct: [Bool] = []
    private(set) var loss = 0.0
    /// By layer name, where a ReLU follows it.
    private(set) var activity: [String: Progress.Activity] = [:]

    var percent: Double {
        correct.isEmpty ? 0 : 100 * Double(correct.reduce(0) { $0 + ($1 ? 1 : 0) }) / Double(correct.count)
    }

    /// - Parameter isCancelled: looked at before each batch of the network's capacity; nil is returned if it says so.
    init?(
        _ network: Network, filler: PanelFiller, loss: any Loss, images: Samples, indices: ArraySlice<Int32>,
        countsActivity: Bool = false, isCancelled: () -> Bool = { false }
    ) {
        var counters = countsActivity ? ActivityCounter.all(of: network) : []
        var first = indices.startIndex
        correct.reserveCapacity(indices.count)
        while first < indices.endIndex {
            if isCancelled() { return nil }
            let end = min(first + network.capacity, indices.endIndex)
            let part = indices[first..<end]
            filler.fill(from: images, indices: part)
            network.forward(samples: part.count)
            let labels = part.map { images.labels[Int($0)] }
            let result = loss.evaluate(network.output, labels: labels, wantsGradient: false)
            correct += result.correct
            self.loss += result.sum
            for index in counters.indices { counters[index].add(samples: part.count, network: network) }
            first = end
        }
        for counter in counters { activity[counter.layer] = counter.activity }
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
    /// Accuracy of a network on this plan's validation or test images.
    ///
    /// - Parameter normalization: of a kept network, which may come from other data than the plan's.
    package func measure(
        _ network: Network, onTest: Bool, normalization: Normalization? = nil
    ) throws -> Accuracy {
        let images = onTest ? data.test : data.train
        guard images.shape == network.graph.input else {
            throw FileProblem(
                path: data.name, place: "images", found: "a size of \(images.shape)",
                expected: "\(network.graph.input), which the network was trained on")
        }
        guard network.graph.output.isFlat, network.graph.output.channels >= data.classes else {
            throw DataError.shape(
                network: recipe.networkName, found: "\(network.graph.output)", expected: "\(data.classes)")
        }
        let indices = onTest ? (0..<Int32(images.count)).map { $0 } : split.validation
        let filler = PanelFiller(data, network: network, normalization: normalization)
        let evaluation = Evaluation(
            network, filler: filler, loss: parts.loss, images: images, indices: indices[...])!
        return Accuracy(percent: evaluation.percent, count: indices.count, step: 0)
    }
}
