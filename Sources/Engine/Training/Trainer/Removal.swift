import Graph

/// Weights that a cut took away, with the values they had: what lowering the line brings back. Kept in a file of the
/// run, never in the training memory.
package struct Removal: Sendable, Equatable {
    package struct Layer: Sendable, Equatable {
        package var name: String
        /// Ascending row-major positions.
        package var indices: [Int]
        package var values: [Float]
    }
    package var id: Int
    /// History number and step of the cut.
    package var event: Int
    package var step: Int
    package var layers: [Layer]

    var count: Int { layers.reduce(0) { $0 + $1.indices.count } }

    /// By number of their removal: the weights that can still come back after a cut. Of the others some live, and some were
    /// taken again by a later cut, which has the value that they had then.
    static func parts(of removals: [Removal], after cut: DraftCut, _ candidates: [Candidates]) -> [Int: Removal] {
        var parts = Dictionary(
            removals.map { ($0.id, Removal(id: $0.id, event: $0.event, step: $0.step, layers: [])) },
            uniquingKeysWith: { first, _ in first })
        for (number, layer) in candidates.enumerated() {
            var held: [Int: Layer] = [:]
            var returns = cut.layers[number].returns[...]
            for (place, lost) in layer.lost.enumerated() {
                if returns.first == place {
                    returns.removeFirst()
                } else {
                    held[lost.removal, default: Layer(name: layer.name, indices: [], values: [])].take(lost)
                }
            }
            for (id, layer) in held { parts[id]?.layers.append(layer) }
        }
        return parts
    }
}

extension Removal.Layer {
    fileprivate mutating func take(_ lost: Candidates.Lost) {
        indices.append(lost.index)
        values.append(lost.value)
    }
}

/// A layer's weights in row-major order, with its name.
package struct LayerState: Sendable, Equatable {
    package var name: String
    package var arrays: LayerArrays
    /// All weights of the layer, live or cut.
    package var total: Int
    /// Never cut, as the recipe says.
    package var isProtected = false

    package init(name: String, arrays: LayerArrays, total: Int, isProtected: Bool = false) {
        self.name = name
        self.arrays = arrays
        self.total = total
        self.isProtected = isProtected
    }
}

/// The weights of one layer that a person can choose among: those that are there, and those that can come back.
struct Candidates: Sendable {
    let name: String
    let total: Int
    let isProtected: Bool
    /// Live positions (nil: all) and values.
    let indices: [Int]?
    let values: [Float]
    /// |w| of the live weights and of those that can come back: what a threshold is compared with.
    let magnitudes: [Float]
    let lostMagnitudes: [Float]
    /// Cut weights that can come back: ascending positions, the value when cut, the removal that has it.
    let lost: [Lost]

    struct Lost: Sendable {
        let index: Int
        let value: Float
        let removal: Int
    }

    /// Of all layers.
    /// - Complexity: O(layers + weights), however many cuts there were of how few layers each.
    static func all(_ layers: [LayerState], removals: [Removal]) -> [Candidates] {
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

    func position(_ live: Int) -> Int { indices?[live] ?? live }
}
