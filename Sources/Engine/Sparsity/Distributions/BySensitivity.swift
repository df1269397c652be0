import Descriptors

extension Distributions {
    /// Each layer's sparsity follows the largest one at which the figure, with that layer alone cut, stays within a budget.
    ///
    /// The targets are the largest ones times one factor while the network's target is within their sum; beyond it the
    /// densities that they leave are multiplied by one factor. Layers without a largest one keep what they have.
    package struct BySensitivity: Distribution {
        package static let descriptor = Descriptor(
            name: "sensitivity",
            summary: "Layers that the figure feels less give more, by the curves that 'espalier sensitivity' measures",
            parameters: [
                Parameter(
                    "file", "sensitivity.json of a run; read with the recipe, which then has 'layers'", .text,
                    isOptional: true),
                Parameter(
                    "budget", "With 'file': what the figure may lose by one layer alone, in its units",
                    .number(0...1e9), isOptional: true),
                Parameter(
                    "layers", "Largest sparsity of each layer within the budget", .numbersByName(0...0.9999),
                    isOptional: true),
            ])

        package let largest: [String: Double]

        package init(_ arguments: Arguments) throws {
            largest = arguments.values["layers"] == nil ? [:] : arguments.numbersByName("layers")
            guard largest.values.contains(where: { $0 > 0 }) else {
                throw ArgumentError.missing(
                    name: "layers", of: Self.descriptor.name,
                    accepted: "a largest sparsity above 0 for one layer or more, or 'file' with 'budget'")
            }
        }

        package var namedLayers: [String] { largest.filter { $0.value > 0 }.keys.sorted() }

        package func allocate(target: Double, final: Double, layers: [LiveWeights]) throws -> Allocation {
            let names = Set(layers.map(\.name))
            for name in largest.keys.sorted() where !names.contains(name) {
                throw SparsityError.noSuchLayer(name, layers: layers.map(\.name))
            }
            let most = layers.map { $0.isProtected ? 0 : largest[$0.name] ?? 0 }
            let members = layers.indices.filter { most[$0] > 0 }
            let sizes = layers.map { Double($0.total) }
            let wanted = target * sizes.reduce(0, +)
            let within = members.reduce(0) { $0 + most[$1] * sizes[$1] }
            let all = members.reduce(0) { $0 + sizes[$1] }
            return .perLayer(
                most.map { most in
                    guard most > 0 else { return 0 }
                    if wanted <= within { return most * wanted / within }
                    return 1 - (1 - most) * max(0, all - wanted) / (all - within)
                })
        }
    }
}
