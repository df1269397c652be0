import Devices
import Graph
import Kernels
import Models

/// Where a network that is trained under quantisation is rounded: behind the nodes whose values integers round, so that what is
/// trained is what is exported.
///
/// Batch normalisations stay nodes of their own, and go on as in all training, by the statistics of each batch. Integers have them
/// folded into the layers before them, by the running ones: a row's slope changes its scale, not its steps.
package struct QuantizationPlan: Sendable {
    package let choice: QuantizationChoice
    package let beginStep: Int
    /// Of the tensors that have ranges.
    package let tensorNames: [String]
    /// By tensor, as `Quantizer.rangeGroups`.
    private let groups: [Int?]
    /// The nodes of the plan's graph, each with its tensor; −1 is the input.
    private let places: [(node: Int, tensor: Int)]
    /// The tensor that is the answer.
    private let output: Int
    /// What integers answer in, where that is not what the network is trained in.
    private let units: TargetScale
    /// By layer with weights; nil where they are no terms of sums.
    private let layers: [RoundedLayer?]

    private struct RoundedLayer {
        /// The tensors that it reads, several where nodes share its weights.
        var inputs: [Int]
        /// The normalisation that integers have in its weights.
        var norm: Graph.Node?
        /// Its rows are the outputs, in other units.
        let isLast: Bool
    }

    /// - Parameters:
    ///   - arrays: of the graph; only constants count.
    ///   - scale: of the targets.
    /// - Throws: `DeviceProblem` with every node that has no rule.
    init(
        _ choice: QuantizationChoice, _ graph: Graph, _ arrays: ModelArrays, scale: TargetScale, beginStep: Int
    ) throws {
        self.choice = choice
        self.beginStep = beginStep
        units = graph.answers(in: scale) ? scale : .none
        let quantizer = try Quantizer(graph, arrays)
        tensorNames = quantizer.tensorNames
        groups = quantizer.rangeGroups
        output = quantizer.output
        let folded = quantizer.float.graph
        let left = Set(folded.nodes.map(\.name))
        var numbers = [Graph.inputName: -1], norms: [Int: Graph.Node] = [:]
        for (number, node) in graph.nodes.enumerated() {
            numbers[node.name] = number
            // What was folded away has the value that its layer has now.
            if !left.contains(node.name), node.op.traits.contains(.normalizesBatch), node.inputs[0] >= 0 {
                numbers[graph.nodes[node.inputs[0]].name] = number
                norms[node.inputs[0]] = node
            }
        }
        layers = graph.nodes.indices.filter { graph.nodes[$0].ownWeights != nil }.map { number in
            let inputs = graph.users(ofWeightsOf: number).compactMap { quantizer.layerInputs[graph.nodes[$0].name] }
            guard !inputs.isEmpty else { return nil }
            return RoundedLayer(inputs: inputs, norm: norms[number], isLast: number == graph.nodes.count - 1)
        }
        places = quantizer.roundedNodes.map { place in
            (numbers[place.node < 0 ? Graph.inputName : folded.nodes[place.node].name]!, place.tensor)
        }
    }

    /// The graph that is trained.
    package func graph(_ graph: Graph) -> (graph: Graph, roundings: [RoundingSteps]) {
        // A node with a copy of its value behind it makes the same graph.
        try! graph.rounding(places.map(\.node))
    }

    /// What each rounding does, in their order: the steps of all channels, or of each where outputs are trained in other units than
    /// the integers answer in.
    /// - Precondition: `fits(ranges)`.
    func steps(_ ranges: [TensorRange]) -> [(all: ValueSteps, ofChannels: [ValueSteps])] {
        places.map { place in
            let (scale, zero) = ranges[place.tensor].steps
            let all = ValueSteps(scale: scale, least: Float(-128 - zero), most: Float(127 - zero))
            guard place.tensor == output, ranges[output].isInOwnUnits == true else { return (all, []) }
            return (
                all,
                zip(units.means, units.deviations).map { mean, deviation in
                    ValueSteps(
                        scale: scale / deviation, least: all.least, most: all.most, offset: mean / deviation)
                }
            )
        }
    }

    /// Ranges of tensors as integers will have them.
    func measured(_ graph: Graph, _ arrays: ModelArrays, _ images: [[Float]]) throws -> [TensorRange] {
        guard !units.isNone else { return try Quantizer(graph, arrays).ranges(images, choice.range) }
        var ranges = try Quantizer(graph, arrays.answering(in: units, graph)).ranges(images, choice.range)
        ranges[output].isInOwnUnits = true
        return ranges
    }

    /// What the sums of each layer are made of besides its weights.
    /// - Parameter network: of the graph that is trained.
    /// - Precondition: `fits(ranges)`.
    func sums(_ ranges: [TensorRange], _ network: Network) -> [LayerSums?] {
        layers.map { layer in
            guard let layer else { return nil }
            var sums = LayerSums(inputScale: layer.inputs.map { ranges[$0].steps.scale }.min()!)
            if let norm = layer.norm {
                let states = network.parameters.filter { $0.node == norm.name }.map { $0.state(withSlots: false) }
                if let scale = norm.op.planeScale(states) {
                    sums.shifts = zip(scale.slopes, scale.shifts).map { $0 == 0 ? 0 : $1 / $0 }
                }
            } else if layer.isLast, !units.isNone {
                sums.shifts = zip(units.means, units.deviations).map { $0 / $1 }
            }
            return sums
        }
    }

    /// Ranges after a step of training: an end moves against what the values beyond it pull, at most by a share of the range.
    ///
    /// Only ends on their own side of 0 move, and none crosses it.
    /// - Parameter pulls: of each rounding, −1…1.
    /// - Precondition: `fits(ranges)`.
    package func moved(_ ranges: [TensorRange], _ pulls: [(low: Double, high: Double)], share: Double) -> [TensorRange]
    {
        var sums = [SIMD4<Double>](repeating: .zero, count: ranges.count)
        for (place, pull) in zip(places, pulls) {
            guard let group = groups[place.tensor] else { continue }
            sums[group] += SIMD4(pull.low, pull.low == 0 ? 0 : 1, pull.high, pull.high == 0 ? 0 : 1)
        }
        return zip(ranges, groups).map { range, group in
            guard let group else { return range }
            let sum = sums[group], step = share * Double(range.high - range.low)
            var moved = range
            // With several roundings of one range the mean of those that pull.
            if range.low < 0, sum[1] > 0 {
                moved.low = min(Float(Double(range.low) - step * sum[0] / sum[1]), 0)
            }
            if range.high > 0, sum[3] > 0 {
                moved.high = max(Float(Double(range.high) - step * sum[2] / sum[3]), 0)
            }
            return moved
        }
    }

    func fits(_ ranges: [TensorRange]) -> Bool { Quantizer.fit(ranges, tensorNames) }
}
