import Descriptors

/// Layers that are left as they are, or not cut beyond a sparsity of their own, whatever the distribution. The other layers
/// make up for it, so that the network has its target all the same; a layer that would have to go beyond 99 % for that does
/// not, and the network then has fewer zeros.
package struct LayerLimits: Sendable, Equatable {
    static let parameters = [
        Parameter(
            "keep", "Layers that are left as they are; the others make up for it", .texts(count: 1...Int.max),
            isOptional: true),
        Parameter(
            "cap", "Largest sparsity of layers by name; the others make up for it", .numbersByName(0...0.9999),
            isOptional: true),
    ]

    /// Largest sparsity by name.
    package let caps: [String: Double]

    package static let none = LayerLimits(caps: [:])

    private init(caps: [String: Double]) { self.caps = caps }

    /// - Parameter values: of a distribution's choice; others than these two are passed over.
    /// - Throws: `ArgumentError` where a layer is named in both.
    package init(_ values: [String: Value]) throws {
        var caps: [String: Double] = [:]
        if case .numbersByName(let given)? = values["cap"] { caps = given }
        let names: [String] =
            switch values["keep"] {
            case .texts(let names)?: names
            case .text(let name)?: [name]
            default: []
            }
        for name in names {
            guard caps[name] == nil else {
                throw ArgumentError.outOfRange(
                    name: "keep", of: "distribution", value: name, accepted: "layers that have no 'cap'")
            }
            caps[name] = 0
        }
        self.caps = caps
    }

    static func names(_ parameter: String) -> Bool { parameters.contains { $0.name == parameter } }

    /// Largest sparsity of each layer; nil: any.
    /// - Throws: `SparsityError` where a named layer does not exist.
    package func most(_ layers: [LiveWeights]) throws -> [Double?] {
        let names = Set(layers.map(\.name))
        for name in caps.keys.sorted() where !names.contains(name) {
            throw SparsityError.noSuchLayer(name, layers: layers.map(\.name))
        }
        return layers.map { caps[$0.name] }
    }

    /// - Parameter own: layers that a person has said the sparsity of; they make up for others only where all are such.
    func applied(to targets: [Double], _ layers: [LiveWeights], own: [String] = []) throws -> [Double] {
        let most = try most(layers)
        var sparsities = zip(targets, most).map { $1.map { [target = $0] in min(target, $0) } ?? $0 }
        let sizes = layers.map { Double($0.total) }
        func zeros(_ sparsities: [Double]) -> Double { zip(sparsities, sizes).reduce(0) { $0 + $1.0 * $1.1 } }
        let wanted = zeros(targets)
        // The densities of all others go down by one factor; who reaches the end stays there.
        let all = layers.indices.filter { most[$0] == nil && !layers[$0].isProtected && targets[$0] > 0 }
        let named = Set(own)
        var free = all.filter { !named.contains(layers[$0].name) }
        if free.isEmpty { free = all }
        while !free.isEmpty {
            let missing = wanted - zeros(sparsities)
            guard missing > 0.5 else { break }
            let kept = free.reduce(0) { $0 + (1 - sparsities[$1]) * sizes[$1] }
            let factor = max(0, 1 - missing / max(kept, 1e-9))
            var left: [Int] = []
            for layer in free {
                let limit = max(0.99, targets[layer]), next = 1 - (1 - sparsities[layer]) * factor
                sparsities[layer] = min(next, limit)
                if next < limit { left.append(layer) }
            }
            if left.count == free.count { break }
            free = left
        }
        return sparsities
    }
}
