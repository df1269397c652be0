/// Weights that a cut took away, with the values they had: what lowering the line brings back. Kept in a file of the
/// run, never in the training memory.
package struct Removal: Sendable, Equatable {
    package struct Layer: Sendable, Equatable {
        package var name: String
        /// Ascending row-major positions.
        package var indices: [Int]
        package var values: [Float]

        package init(name: String, indices: [Int], values: [Float]) {
            self.name = name
            self.indices = indices
            self.values = values
        }
    }
    package var id: Int
    /// History number and step of the cut.
    package var event: Int
    package var step: Int
    package var layers: [Layer]

    package init(id: Int, event: Int, step: Int, layers: [Layer]) {
        self.id = id
        self.event = event
        self.step = step
        self.layers = layers
    }

    package var count: Int { layers.reduce(0) { $0 + $1.indices.count } }

    /// By number of their removal: the weights that can still come back after a cut. Of the others some live, and some were
    /// taken again by a later cut, which has the value that they had then.
    package static func parts(of removals: [Removal], after cut: DraftCut, _ candidates: [Candidates]) -> [Int: Removal]
    {
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
