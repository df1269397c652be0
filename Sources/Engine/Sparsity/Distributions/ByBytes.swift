import Descriptors

extension Distributions {
    /// Every layer ends at one sparsity, the smallest at which the saved network takes no more than so many bytes: a bit for
    /// each weight, four bytes for each that is left and for each bias. The schedule says how far it is on the way.
    package struct ByBytes: Distribution {
        package static let descriptor = Descriptor(
            name: "bytes", summary: "One sparsity for all layers, at which the saved network takes so many bytes",
            parameters: [
                Parameter(
                    "budget", "Bytes of the saved network, bitmasks and biases included, batch norm left out",
                    .integer(1...1 << 48))
            ])

        package let budget: Int

        package init(_ arguments: Arguments) { budget = arguments.integer("budget") }

        package func allocate(target: Double, final: Double, layers: [LiveWeights]) throws -> Allocation {
            // What no cut saves: bitmasks, biases, layers that are never cut.
            let fixed = layers.reduce(0) { sum, layer in
                sum + 4 * layer.rows + (layer.isProtected ? 4 * layer.total : (layer.total + 7) / 8)
            }
            let weights = layers.reduce(0) { $0 + ($1.isProtected ? 0 : $1.total) }
            guard budget - fixed >= 4 * layers.count else {
                throw SparsityError.tooFewBytes(budget, least: fixed + 4 * layers.count)
            }
            let end = max(0, 1 - Double((budget - fixed) / 4) / Double(max(1, weights)))
            let progress = final > 0 ? min(1, target / final) : 0
            return .perLayer(layers.map { $0.isProtected ? 0 : end * progress })
        }
    }
}
