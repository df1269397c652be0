import Graph
import Kernels

/// What is known of the units of a layer: its rows.
extension Calibration {
    /// Share of samples and points at which a unit is not zero behind the operators that follow it by itself: normalisation and
    /// the first that makes zeros.
    func activationRates(_ samples: Int) -> [[Float]] {
        let watched = owners().map { unit(of: $0) }
        var counts = watched.map { [Int](repeating: 0, count: network.tensors[$0 + 1].layout.channels) }
        let indices = chosen(samples)
        let parts = Calibration.parts(indices, atMost: network.capacity)
        for (place, part) in parts.enumerated() {
            guard goesOn(place, of: parts.count) else { break }
            answer(part)
            for (layer, node) in watched.enumerated() {
                counts[layer] = zip(counts[layer], nonzeros(node, samples: part.count)).map { $0 + $1 }
            }
        }
        return zip(watched, counts).map { node, counts in
            let layout = network.tensors[node + 1].layout
            let all = Double(max(1, indices.count * layout.height * layout.width))
            return counts.map { Float(Double($0) / all) }
        }
    }

    /// |scale| of the batch norm that alone reads a layer; nil where none does.
    func normScales() -> [[Float]?] {
        owners().map { owner in
            let readers = plan.graph.readers(of: owner)
            guard readers.count == 1, plan.graph.nodes[readers[0]].op.traits.contains(.normalizesBatch) else {
                return nil
            }
            let name = plan.graph.nodes[readers[0]].name
            return network.parameters.first { $0.node == name && $0.shape.name == "weight" }?.values.array.map(abs)
        }
    }

    /// The node of each layer.
    func owners() -> [Int] { plan.graph.nodes.indices.filter { plan.graph.nodes[$0].ownWeights != nil } }

    /// The node whose value is a layer's activation.
    private func unit(of owner: Int) -> Int {
        let graph = plan.graph
        var number = owner
        while graph.readers(of: number).count == 1, let reader = graph.readers(of: number).first {
            let traits = graph.nodes[reader].op.traits
            guard graph.nodes[reader].inputs.count == 1 else { break }
            if traits.contains(.makesZeros) { return reader }
            guard traits.contains(.normalizesBatch) else { break }
            number = reader
        }
        return owner
    }

    private func nonzeros(_ node: Int, samples: Int) -> [Int] {
        let tensor = network.tensors[node + 1]
        let layout = tensor.layout, lanes = layout.lanes
        var counts = [Int](repeating: 0, count: layout.channels)
        counts.withUnsafeMutableBufferPointer { counts in
            nonisolated(unsafe) let counts = counts  // Each task writes its own channels.
            network.team.run(tasks: (layout.channels + 63) / 64) { task in
                for channel in task * 64..<min((task + 1) * 64, layout.channels) {
                    for sample in 0..<samples {
                        let start = sample / lanes * layout.panelFloats + sample % lanes
                        for y in 0..<layout.height {
                            let row = tensor.values.pointer + start + layout.offset(channel, y)
                            for x in 0..<layout.width where row[x * lanes] != 0 { counts[channel] += 1 }
                        }
                    }
                }
            }
        }
        return counts
    }
}
