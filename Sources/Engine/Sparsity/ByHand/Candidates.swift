import Graph

/// The weights of one layer that a person can choose among: those that are there, and those that can come back.
package struct Candidates: Sendable {
    package let name: String
    package let total: Int
    package let isProtected: Bool
    /// Live positions (nil: all) and values.
    package let indices: [Int]?
    package let values: [Float]
    /// |w| of the live weights and of those that can come back: what a threshold is compared with.
    package let magnitudes: [Float]
    package let lostMagnitudes: [Float]
    /// Cut weights that can come back: ascending positions, the value when cut, the removal that has it.
    package let lost: [Lost]

    package struct Lost: Sendable {
        package let index: Int
        package let value: Float
        package let removal: Int
    }

    /// Of all layers.
    /// - Complexity: O(layers + weights), however many cuts there were of how few layers each.
    package static func all(_ layers: [LayerState], removals: [Removal]) -> [Candidates] {
        var taken: [String: [(removal: Int, layer: Removal.Layer)]] = [:]
        // The newest removal of a weight has its value; a weight that came back is live.
        for removal in removals.reversed() {
            for layer in removal.layers { taken[layer.name, default: []].append((removal.id, layer)) }
        }
        return layers.map { Candidates($0, taken: taken[$0.name] ?? []) }
    }

    /// - Parameter taken: what removals have of the layer, the newest first.
    private init(_ layer: LayerState, taken: [(removal: Int, layer: Removal.Layer)]) {
        name = layer.name
        total = layer.total
        isProtected = layer.isProtected
        indices = layer.arrays.indices
        values = layer.arrays.values
        magnitudes = layer.arrays.values.map(abs)
        var all: [Lost] = []
        for (removal, held) in taken {
            for (index, value) in zip(held.indices, held.values) {
                all.append(Lost(index: index, value: value, removal: removal))
            }
        }
        if taken.count > 1 {
            let order = all.indices.sorted { (all[$0].index, $0) < (all[$1].index, $1) }
            all = order.map { all[$0] }
        }
        var lost: [Lost] = []
        lost.reserveCapacity(all.count)
        var live = 0
        let liveIndices = layer.arrays.indices ?? []
        for candidate in all where lost.last?.index != candidate.index {
            while live < liveIndices.count, liveIndices[live] < candidate.index { live += 1 }
            if live < liveIndices.count, liveIndices[live] == candidate.index { continue }
            lost.append(candidate)
        }
        self.lost = layer.arrays.indices == nil ? [] : lost
        lostMagnitudes = self.lost.map { abs($0.value) }
    }

    package func position(_ live: Int) -> Int { indices?[live] ?? live }
}
