import Graph
import Kernels

/// Counts zeros behind one activation.
package struct ActivityCounter {
    private let node: String
    private let layer: String?
    private let tensor: PanelTensor
    /// By unit.
    private var zeros: [Int]
    /// Of each unit.
    private var total = 0

    /// - Parameter network: one that is trained: of another the values of most nodes are written over.
    package static func all(of network: Network) -> [ActivityCounter] {
        network.graph.nodes.enumerated().compactMap { number, node in
            guard node.op.traits.contains(.makesZeros), let source = node.inputs.first, source >= 0 else { return nil }
            var producer = network.graph.nodes[source]
            if producer.op.traits.contains(.normalizesBatch), producer.inputs[0] >= 0 {
                producer = network.graph.nodes[producer.inputs[0]]
            }
            let isWeighted = producer.op.weightShape(producer.inputShapes) != nil
            return ActivityCounter(
                node: node.name, layer: isWeighted ? producer.name : nil, tensor: network.tensors[number + 1])
        }
    }

    private init(node: String, layer: String?, tensor: PanelTensor) {
        self.node = node
        self.layer = layer
        self.tensor = tensor
        zeros = [Int](repeating: 0, count: tensor.layout.channels)
    }

    package mutating func add(samples: Int, network: Network) {
        let layout = tensor.layout, tensor = tensor
        let lanes = layout.lanes
        let panels = network.panels(samples)
        let channels = layout.channels
        // Blocks, because a wide layer has more channels than a region may have tasks.
        let width = (channels + 4095) / 4096
        zeros.withUnsafeMutableBufferPointer { counts in
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
                    counts[channel] += zeros
                }
            }
        }
        total += samples * layout.height * layout.width
    }

    package var activity: UnitActivity {
        let all = total * zeros.count
        return UnitActivity(
            node: node, layer: layer,
            rates: zeros.map { total == 0 ? 0 : Float(Double(total - $0) / Double(total)) },
            zeroShare: all == 0 ? 0 : Double(zeros.reduce(0, +)) / Double(all))
    }
}
