/// One ranking's share of a target: zeros that some layers are to have together.
package struct Asked: Sendable, Equatable {
    /// Numbers of the layers.
    package let layers: [Int]
    package let zeros: Int
    package let weights: Int

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
        return switch try distribution.allocate(target: sparsity, final: final ?? sparsity, layers: layers) {
        case .together(let target):
            ranksTogether ? [asked(target, Array(layers.indices))] : layers.indices.map { asked(target, [$0]) }
        case .perLayer(let targets): layers.indices.map { asked(targets[$0], [$0]) }
        }
    }

    /// The sparsity of the whole network that a target asks for.
    package func askedSparsity(_ sparsity: Double, final: Double? = nil, layers: [LiveWeights]) throws -> Double {
        switch try distribution.allocate(target: sparsity, final: final ?? sparsity, layers: layers) {
        case .together(let target): return target
        case .perLayer(let targets):
            // Where all are equal it is exactly that figure, whatever the rounding of a mean.
            guard let first = targets.first else { return sparsity }
            let total = layers.reduce(0.0) { $0 + Double($1.total) }
            return first + zip(targets, layers).reduce(0) { $0 + ($1.0 - first) * Double($1.1.total) / total }
        }
    }
}
