import Descriptors

extension Distributions {
    /// Layers that are not named keep what they have.
    ///
    /// The given figures are where the layers end. A schedule says how far they are: at its target t on the way to its
    /// final one, a layer's target is given × t / final, so that all layers arrive together at their own figures.
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

        package var namedLayers: [String] { given.filter { $0.value > 0 }.keys.sorted() }

        package func allocate(target: Double, final: Double, layers: [LiveWeights]) throws -> Allocation {
            let names = Set(layers.map(\.name))
            for name in given.keys.sorted() where !names.contains(name) {
                throw SparsityError.noSuchLayer(name, layers: layers.map(\.name))
            }
            let finals = layers.map { given[$0.name] ?? 0 }
            let progress = final > 0 ? min(1, target / final) : 0
            return .perLayer(finals.map { $0 * progress })
        }
    }
}
