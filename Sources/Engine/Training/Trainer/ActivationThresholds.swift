import Dispatch
import Descriptors
import Graph
import Kernels

/// Finds thresholds for the ReLUs of a network, from samples that it was trained on: what a FATReLU makes zero besides. Or lets the
/// largest values of each alone stay, where that saves time.
package final class ActivationThresholds {
    private let plan: TrainingPlan
    private let nodes: NodeList
    private let layers: [LayerState]
    private let parameters: [ParameterState]
    private let normalization: Normalization?
    private let team: Team
    /// The operators that may have one, in the order of the graph.
    package let names: [String]
    /// Those of them whose values a linear layer reads, which skips zeros where one image is answered.
    package let namesBeforeLinear: [String]

    /// - Parameters:
    ///   - layers: of the graph, with or without optimizer state.
    ///   - normalization: of a kept network, which may come from other data than the plan's.
    package init(
        _ plan: TrainingPlan, graph: Graph, layers: [LayerState], parameters: [ParameterState],
        normalization: Normalization? = nil, team: Team
    ) {
        self.plan = plan
        self.layers = layers
        self.parameters = parameters
        self.normalization = normalization
        self.team = team
        let nodes = NodeList(graph)
        self.nodes = nodes
        let names = nodes.nodes.filter { ["relu", "fat-relu"].contains($0.operator) }.map(\.name)
        self.names = names
        namesBeforeLinear = names.filter { name in
            graph.isReadByLinear(graph.nodes.firstIndex { $0.name == name }!)
        }
    }

    /// By name; one of 0 is a ReLU.
    package typealias Thresholds = [String: Float]

    /// - Parameter share: of the values of each activation before a linear layer those that stay, the largest; nil: all.
    package func graph(_ thresholds: Thresholds, keeping share: Double? = nil) throws -> Graph {
        var nodes = nodes
        for (number, node) in nodes.nodes.enumerated() {
            guard let threshold = thresholds[node.name] else { continue }
            nodes.nodes[number].operator = threshold > 0 ? "fat-relu" : "relu"
            nodes.nodes[number].arguments =
                threshold > 0 ? ["threshold": WrittenValue(.number(Double(threshold)))] : nil
        }
        if let share {
            nodes.nodes = nodes.nodes.flatMap { node -> [NodeList.Node] in
                guard namesBeforeLinear.contains(node.name) else { return [node] }
                // Who reads it reads what stays, by the same name.
                var inner = node, outer = node
                inner.name += ".all"
                outer.operator = TopK.descriptor.name
                outer.inputs = [inner.name]
                outer.arguments = ["keep": WrittenValue(.number(share)), "over": WrittenValue(.text("layer"))]
                return [inner, outer]
            }
        }
        return try nodes.graph()
    }

    /// - Parameter looks: whether the values of all nodes stay after a pass.
    package func network(
        _ thresholds: Thresholds, keeping share: Double? = nil, looks: Bool, capacity: Int = 128
    ) throws -> Network {
        let graph = try graph(thresholds, keeping: share)
        let network = Network(graph, capacity: capacity, team: team, trains: looks)
        for (layer, state) in zip(network.layers, layers) {
            var arrays = state.arrays
            (arrays.slots, arrays.biasSlots) = ([], [])
            layer.set(arrays)
        }
        for (parameter, state) in zip(network.parameters, parameters) { parameter.set(state) }
        return network
    }

    /// The figure of the validation samples, and what was zero.
    package func measure(
        _ thresholds: Thresholds, keeping share: Double? = nil
    ) throws -> (figure: Reading, activations: [UnitActivity]) {
        let network = try network(thresholds, keeping: share, looks: true)
        let evaluation = Evaluation(
            network, filler: PanelFiller(plan.data, network: network, normalization: normalization),
            targets: TargetFiller(network, plan.comparison, scale: plan.data.targetScale), plan: plan,
            samples: plan.data.train,
            indices: plan.split.validation[...], countsActivity: true)!
        return (plan.figure.reading(evaluation.scores, step: 0), evaluation.activations)
    }

    // MARK: Finding them

    /// Thresholds below which a share of each activation's values lies, of some training samples; each is found behind those
    /// before it. Where a ReLU makes as many zeros by itself it is 0.
    package func thresholds(zeroing share: Double, samples: Int = 512) throws -> Thresholds {
        var found = Thresholds()
        for name in names {
            let network = try network(found, looks: true)
            let number = network.graph.nodes.firstIndex { $0.name == name }!
            let filler = PanelFiller(plan.data, network: network, normalization: normalization)
            var values = PositiveValues(network.tensors[number + 1])
            let taken = plan.split.train.prefix(samples)
            for first in stride(from: 0, to: taken.count, by: network.capacity) {
                let part = taken[first..<min(first + network.capacity, taken.count)]
                filler.fill(from: plan.data.train, indices: part)
                network.forward(samples: part.count)
                values.add(samples: part.count, panels: network.panels(part.count))
            }
            found[name] = values.threshold(zeroing: share)
        }
        return found
    }

    /// The thresholds that make most zeros while the figure of the validation samples loses no more than a budget: of shares by
    /// hundredths, halving what is left.
    /// - Parameter budget: in units of the figure, as percent of an accuracy.
    package func thresholds(losing budget: Double) throws -> (thresholds: Thresholds, share: Double) {
        let format = plan.figure.format
        let before = try measure([:]).figure.value
        var best = (thresholds: Thresholds(), share: 0.0)
        var low = 0, high = 100
        while high - low > 1 {
            let middle = (low + high) / 2
            let tried = try thresholds(zeroing: Double(middle) / 100)
            let value = try measure(tried).figure.value
            let lost = format.isHigherBetter ? before - value : value - before
            if lost <= budget {
                low = middle
                best = (tried, Double(middle) / 100)
            } else {
                high = middle
            }
        }
        return best
    }

    // MARK: What it saves

    /// Seconds for an answer to one image, of two networks in turns: each the best of some rounds over the same images. nil
    /// where the network is too large to be answered one image at a time.
    /// - Parameter share: of the second network, as `graph` has it.
    package func secondsPerImage(
        _ first: Thresholds, _ second: Thresholds, keeping share: Double? = nil
    ) throws -> (first: Double, second: Double)? {
        let answerings = try [(first, nil), (second, share)].map {
            Answering(try network($0, keeping: $1, looks: false, capacity: 16), samples: 1)
        }
        guard answerings.allSatisfy(\.mayAnswerImages) else { return nil }
        let images = try images()
        var best = [Double.infinity, .infinity]
        for _ in 0..<7 {
            for (number, answering) in answerings.enumerated() {
                let start = DispatchTime.now().uptimeNanoseconds
                for image in images {
                    answering.images.pointer.update(from: image, count: image.count)
                    answering.forward(samples: 1, .images)
                }
                let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 / Double(images.count)
                best[number] = min(best[number], seconds)
            }
        }
        return (best[0], best[1])
    }

    /// Some training samples as (channels, y, x).
    private func images() throws -> [[Float]] {
        let network = try network([:], looks: true, capacity: 64)
        let taken = plan.split.train.prefix(64)
        PanelFiller(plan.data, network: network, normalization: normalization)
            .fill(from: plan.data.train, indices: taken[...])
        let layout = network.input.layout, values = network.input.values.pointer
        return (0..<taken.count).map { sample in
            let panel = values + (sample / layout.lanes * layout.panelFloats + sample % layout.lanes)
            var image: [Float] = []
            for channel in 0..<layout.channels {
                for row in 0..<layout.height {
                    for x in 0..<layout.width { image.append(panel[layout.offset(channel, row) + x * layout.lanes]) }
                }
            }
            return image
        }
    }
}

extension Graph {
    /// Whether a layer makes sums of a node's single values, reshaped or not.
    fileprivate func isReadByLinear(_ number: Int) -> Bool {
        readers(of: number).contains { reader in
            let node = nodes[reader]
            if node.op.traits.contains(.reshapes) { return isReadByLinear(reader) }
            return node.summedWeights != nil && node.inputShapes[0].isFlat
        }
    }
}

/// How many values of an activation lie where: in bins of 256 to a power of two, whose edges are numbers, so that a threshold
/// at an edge makes exactly so many zeros.
private struct PositiveValues {
    private let tensor: PanelTensor
    private var zeros = 0
    private var total = 0
    private var bins = [Int](repeating: 0, count: 1 << 16)

    init(_ tensor: PanelTensor) { self.tensor = tensor }

    mutating func add(samples: Int, panels: Int) {
        let layout = tensor.layout
        for panel in 0..<panels {
            let held = min(layout.lanes, samples - panel * layout.lanes)
            for channel in 0..<layout.channels {
                for row in 0..<layout.height {
                    let line = tensor.values.pointer + panel * layout.panelFloats + layout.offset(channel, row)
                    for x in 0..<layout.width {
                        for lane in 0..<held {
                            let value = line[x * layout.lanes + lane]
                            if value > 0 { bins[Int(value.bitPattern >> 15)] += 1 } else { zeros += 1 }
                        }
                        total += held
                    }
                }
            }
        }
    }

    /// The smallest edge with at least this share below.
    func threshold(zeroing share: Double) -> Float {
        let wanted = Int((share * Double(total)).rounded(.up))
        var below = zeros
        guard below < wanted else { return 0 }
        for (number, count) in bins.enumerated() {
            below += count
            if below >= wanted {
                let edge = Float(bitPattern: UInt32(number + 1) << 15)
                return edge.isFinite ? min(edge, 1e30) : 1e30
            }
        }
        return 0
    }
}
