import Descriptors

/// Splits a sparsity over layers in proportion to a share that each one has by its sizes. Layers that are given a sparsity of
/// their own, and those that are never cut, stay out of it: the others have the target among themselves.
struct DensityShares: Sendable {
    /// Final sparsities by name.
    let own: [String: Double]

    static let ownLayers = Parameter(
        "layers", "Layers with a final sparsity of their own, left out of the sum", .numbersByName(0...0.9999),
        isOptional: true)

    init(_ arguments: Arguments) {
        own = arguments.values["layers"] == nil ? [:] : arguments.numbersByName("layers")
    }

    var namedLayers: [String] { own.filter { $0.value > 0 }.keys.sorted() }

    /// - Parameters:
    ///   - densities: of the layers that are left, from their shares and sizes.
    ///   - share: of a layer, above zero.
    /// - Throws: `SparsityError` where a named layer does not exist.
    func allocate(
        target: Double, final: Double, layers: [LiveWeights], share: (LiveWeights) -> Double,
        densities: ([Double], [Int]) -> [Double]
    ) throws -> Allocation {
        let names = Set(layers.map(\.name))
        for name in own.keys.sorted() where !names.contains(name) {
            throw SparsityError.noSuchLayer(name, layers: layers.map(\.name))
        }
        let progress = final > 0 ? min(1, target / final) : 0
        let members = layers.indices.filter { !layers[$0].isProtected && own[layers[$0].name] == nil }
        let found = densities(members.map { share(layers[$0]) }, members.map { layers[$0].total })
        var sparsities = layers.map { $0.isProtected ? 0 : (own[$0.name] ?? 0) * progress }
        for (member, density) in zip(members, found) { sparsities[member] = max(0, 1 - density) }
        return .perLayer(sparsities)
    }

    /// ε · share for each layer, so that all together have this density. Where the largest would pass 1, the layers at the
    /// maximum alone are dense, and ε is solved again for the rest: so as many as need be, and no more, are dense.
    static func scaled(_ shares: [Double], sizes: [Int], density: Double) -> [Double] {
        var isDense = [Bool](repeating: false, count: shares.count)
        let wanted = density * Double(sizes.reduce(0, +))
        while true {
            var left = wanted, sum = 0.0, largest = 0.0
            for layer in shares.indices {
                if isDense[layer] {
                    left -= Double(sizes[layer])
                } else {
                    sum += shares[layer] * Double(sizes[layer])
                    largest = max(largest, shares[layer])
                }
            }
            let scale = sum > 0 ? max(0, left) / sum : 0
            guard scale * largest > 1 else {
                return shares.indices.map { isDense[$0] ? 1 : scale * shares[$0] }
            }
            for layer in shares.indices where shares[layer] == largest { isDense[layer] = true }
        }
    }
}

extension LiveWeights {
    /// Inputs that an output has, taps of a kernel counted once.
    var fanIn: Int { columns / max(1, kernelArea) }
}
