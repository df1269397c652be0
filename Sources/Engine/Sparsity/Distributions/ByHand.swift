import Descriptors

extension Distributions {
    /// Layers that are not named keep what they have.
    ///
    /// The given figures are where the layers end. Together they imply a total sparsity, Σ given·weights / Σ weights,
    /// and a schedule's target t, which is a figure for the whole network, is read against that total:
    /// a layer's target is given × min(1, t / total). So the layers move in proportion, the whole network has the
    /// scheduled sparsity on the way, and no layer passes its own figure even where the schedule goes on.
    package struct ByHand: Distribution {
        package static let descriptor = Descriptor(
            name: "by-hand", summary: "A final sparsity for each named layer; the others keep what they have",
            parameters: [
                Parameter("layers", "Layer names with their final sparsity", .numbersByName(0...0.9999))
            ])

        package let given: [String: Double]

        package init(_ arguments: Arguments) throws {
            given = arguments.numbersByName("layers")
            if given.isEmpty {
                throw ArgumentError.missing(
                    name: "layers", of: Self.descriptor.name, accepted: "the sparsity of one layer or more")
            }
        }

        package func allocate(target: Double, layers: [LiveWeights]) throws -> Allocation {
            for name in given.keys.sorted() where !layers.contains(where: { $0.name == name }) {
                throw SparsityError.noSuchLayer(name, layers: layers.map(\.name))
            }
            let finals = layers.map { given[$0.name] ?? 0 }
            let weights = layers.reduce(0) { $0 + Double($1.total) }
            let total = zip(finals, layers).reduce(0) { $0 + $1.0 * Double($1.1.total) } / weights
            let progress = total > 0 ? min(1, target / total) : 0
            return .perLayer(finals.map { $0 * progress })
        }
    }
}
