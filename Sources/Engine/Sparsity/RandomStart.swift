import Graph

extension Masker {
    /// How many weights of each layer a mask keeps that is drawn before there are any weights: scores that are random
    /// numbers of single weights say nothing that a draw does not, so a network can start sparse and never be dense.
    /// nil where criterion or granularity look at weights.
    ///
    /// One ranking over all layers (`global`) gives each layer its share of the weights, which with random scores it does
    /// on average; shares are rounded so that the total is exact. A layer that may not vanish keeps at least one weight.
    ///
    /// Where the layers that have weights would not join input and output, those of a path get one each, in one ranking over
    /// all layers from the largest.
    ///
    /// - Parameters:
    ///   - layers: without live weights; only names, sizes and `mayVanish` are read.
    ///   - graph: of these layers; nil: paths are not looked for.
    ///   - isRandom: whatever the criterion.
    /// - Throws: `SparsityError.noSuchLayer` from the distribution.
    package func drawnCounts(
        sparsity: Double, layers: [LiveWeights], graph: Graph? = nil, isRandom: Bool = false
    ) throws -> [Int]? {
        guard isRandom || type(of: criterion).isRandom, type(of: granularity).isSingleWeights else { return nil }
        func kept(_ sparsity: Double, of total: Int) -> Int { total - Int((sparsity * Double(total)).rounded()) }
        let counts: [Int]
        var isTogether = false
        var allocation = try allocation(sparsity, final: sparsity, layers: layers)
        if limits != .none, case .together(let target) = allocation {
            // With random scores each layer gives its share.
            allocation = .perLayer(try limits.applied(to: layers.map { _ in target }, layers))
        }
        switch allocation {
        case .together(let target):
            isTogether = true
            // What is protected stays whole, and the others give way.
            let whole = layers.reduce(0) { $0 + ($1.isProtected ? $1.total : 0) }
            let total = layers.reduce(0) { $0 + $1.total } - whole
            let all = max(0, kept(target, of: total + whole) - whole)
            var before = 0, given = 0
            counts = layers.map { layer in
                if layer.isProtected { return layer.total }
                before += layer.total
                // ⌊all · before / total⌋, in full width: both may be beyond 2³².
                let end = total.dividingFullWidth(all.multipliedFullWidth(by: before)).quotient
                defer { given = end }
                return end - given
            }
        case .perLayer(let targets):
            counts = zip(targets, layers).map { $1.isProtected ? $1.total : kept($0, of: $1.total) }
        }
        var held = zip(counts, layers).map { max($0, $1.mayVanish ? 0 : min(1, $1.total)) }
        for layer in graph.map({ Paths($0).layersToOpen(counts: held) }) ?? [] {
            held[layer] = 1
            let largest = held.indices.max { held[$0] < held[$1] }!
            if isTogether, held[largest] > 1 { held[largest] -= 1 }
        }
        return held
    }
}
