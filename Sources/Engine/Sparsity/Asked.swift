/// One ranking's share of a target: zeros that some layers are to have together.
package struct Asked: Sendable, Equatable {
    /// Numbers of the layers.
    package let layers: [Int]
    package let zeros: Int
    package let weights: Int
    /// Zeros that each of the layers may have; nil: any.
    package var most: [Int]?

    /// Zeros that are not there yet.
    /// - Parameter live: weights that each layer of the network has.
    package func missing(_ live: [Int]) -> Int { max(0, zeros - (weights - layers.reduce(0) { $0 + live[$1] })) }
}

extension Masker {
    /// Whether scores of different layers can be compared.
    private var ranksTogether: Bool {
        switch type(of: criterion).scope {
        case .asDistributed, .network: true
        case .layer, .row: false
        }
    }

    /// What the distribution makes of a target: the zeros that each ranking asks for.
    /// - Throws: `SparsityError.noSuchLayer` from the distribution.
    package func asked(_ sparsity: Double, final: Double? = nil, layers: [LiveWeights]) throws -> [Asked] {
        func asked(_ target: Double, _ numbers: [Int]) -> Asked {
            let weights = numbers.reduce(0) { $0 + layers[$1].total }
            return Asked(layers: numbers, zeros: Int((target * Double(weights)).rounded()), weights: weights)
        }
        switch try allocation(sparsity, final: final, layers: layers) {
        case .together(let target):
            guard ranksTogether else { return layers.indices.map { asked(target, [$0]) } }
            let all = asked(target, Array(layers.indices))
            guard limits != .none else { return [all] }
            let most = try zip(limits.most(layers), layers).map {
                $0.map { [total = $1.total] in Int($0 * Double(total)) } ?? $1.total
            }
            return [
                Asked(layers: all.layers, zeros: min(all.zeros, most.reduce(0, +)), weights: all.weights, most: most)
            ]
        case .perLayer(let targets): return layers.indices.map { asked(targets[$0], [$0]) }
        }
    }

    /// What the distribution says, within the limits of the layers.
    func allocation(_ sparsity: Double, final: Double?, layers: [LiveWeights]) throws -> Allocation {
        let allocation = try distribution.allocate(target: sparsity, final: final ?? sparsity, layers: layers)
        guard limits != .none else { return allocation }
        let targets: [Double]
        switch allocation {
        case .perLayer(let given): targets = given
        case .together(let target):
            if ranksTogether { return allocation }
            targets = layers.map { _ in target }
        }
        guard type(of: distribution) != Distributions.ByHand.self else {
            return .perLayer(zip(targets, try limits.most(layers)).map { min($0, $1 ?? 1) })
        }
        return .perLayer(try limits.applied(to: targets, layers, own: distribution.namedLayers))
    }

    /// The sparsity of the whole network that a target asks for.
    package func askedSparsity(_ sparsity: Double, final: Double? = nil, layers: [LiveWeights]) throws -> Double {
        switch try allocation(sparsity, final: final, layers: layers) {
        case .together(let target):
            guard limits != .none else { return target }
            let asked = try asked(sparsity, final: final, layers: layers)[0]
            return min(target, Double(asked.zeros) / Double(max(1, asked.weights)))
        case .perLayer(let targets):
            // Where all are equal it is exactly that figure, whatever the rounding of a mean.
            guard let first = targets.first else { return sparsity }
            let total = layers.reduce(0.0) { $0 + Double($1.total) }
            return first + zip(targets, layers).reduce(0) { $0 + ($1.0 - first) * Double($1.1.total) / total }
        }
    }
}
