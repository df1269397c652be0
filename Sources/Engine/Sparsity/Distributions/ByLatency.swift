import Descriptors

extension Distributions {
    /// The target is a share of the measured time of the layers, not of the weights: layers whose weights cost more time give
    /// more of them, density ∝ 1/√(time of a weight), at most 1, so that the time that is left is as asked.
    package struct ByLatency: Distribution {
        package static let descriptor = Descriptor(
            name: "latency",
            summary: "The target is a share of measured time; layers whose weights cost more time give more",
            parameters: [
                Parameter(
                    "file", "sensitivity.json of a run, with times; read with the recipe, which then has 'times'",
                    .text,
                    isOptional: true),
                Parameter(
                    "times", "Time of each layer while dense, in any unit", .numbersByName(0...1e12), isOptional: true),
            ])

        package let times: [String: Double]

        package init(_ arguments: Arguments) throws {
            times = arguments.values["times"] == nil ? [:] : arguments.numbersByName("times")
            guard times.values.contains(where: { $0 > 0 }) else {
                throw ArgumentError.missing(
                    name: "times", of: Self.descriptor.name,
                    accepted: "a time above 0 for one layer or more, or 'file'")
            }
        }

        package var namedLayers: [String] { times.filter { $0.value > 0 }.keys.sorted() }

        package func allocate(target: Double, final: Double, layers: [LiveWeights]) throws -> Allocation {
            let names = Set(layers.map(\.name))
            for name in times.keys.sorted() where !names.contains(name) {
                throw SparsityError.noSuchLayer(name, layers: layers.map(\.name))
            }
            let members = layers.indices.filter { !layers[$0].isProtected && times[layers[$0].name] ?? 0 > 0 }
            let given = members.map { times[layers[$0].name]! }
            // As whole numbers, a billion together.
            let unit = 1e9 / given.reduce(0, +)
            let shares = zip(members, given).map { (Double(layers[$0].total) / $1).squareRoot() }
            let densities = DensityShares.scaled(
                shares, sizes: given.map { max(1, Int(($0 * unit).rounded())) }, density: 1 - target)
            var sparsities = layers.map { _ in 0.0 }
            for (member, density) in zip(members, densities) { sparsities[member] = max(0, 1 - density) }
            return .perLayer(sparsities)
        }
    }
}
