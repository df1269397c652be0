import Graph

/// Proves, step by step, that nothing pruned came back: it keeps its own copy of every mask, made when the mask was
/// decided, and compares what the layers hold with it.
struct Auditor {
    /// Allowed positions by layer, nil where all are.
    private var allowed: [String: [Int]?] = [:]

    mutating func allow(_ layers: [LayerState]) {
        for layer in layers { allowed[layer.name] = .some(layer.arrays.indices) }
    }

    /// - Throws: `AuditError` naming the layer, the step and what is outside its mask.
    func check(_ network: Network, step: Int) throws {
        for layer in network.layers {
            guard let mask = allowed[layer.name] else { continue }
            let live = layer.live()
            if live.indices != mask {
                let allowed = mask.map(Set.init)
                let outside = (live.indices ?? Array(0..<layer.map.weights)).first { allowed?.contains($0) == false }
                throw AuditError(layer: layer.name, step: step, culprit: "weights", position: outside)
            }
            let held = layer.isDense ? layer.values.count : (mask?.count ?? layer.map.weights)
            for (name, count) in [("gradient", layer.gradient.count), ("values", layer.values.count)]
                + layer.slots.map({ ("optimizer state", $0.count) })
            where count != held {
                throw AuditError(layer: layer.name, step: step, culprit: name, position: nil)
            }
            // What lies between the packed rows of a dense layer is outside every mask.
            if layer.isDense {
                func nonzeros(_ array: [Float]) -> Int { array.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } }
                let pairs =
                    [("weights", layer.values, live.values), ("gradient", layer.gradient, layer.liveGradient())]
                    + zip(layer.slots, live.slots).map { ("optimizer state", $0, $1) }
                for (name, packed, inside) in pairs where nonzeros(packed.array) != nonzeros(inside) {
                    throw AuditError(layer: layer.name, step: step, culprit: name, position: nil)
                }
            }
        }
    }
}

package struct AuditError: Error, Equatable, CustomStringConvertible {
    package let layer: String
    package let step: Int
    package let culprit: String
    package let position: Int?

    package init(layer: String, step: Int, culprit: String, position: Int?) {
        self.layer = layer
        self.step = step
        self.culprit = culprit
        self.position = position
    }

    package var description: String {
        "audit: after step \(step) the \(culprit) of layer \(layer) are outside its mask"
            + (position.map { ", first at weight \($0)" } ?? "")
    }
}
