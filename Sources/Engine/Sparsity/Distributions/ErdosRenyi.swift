import Descriptors

extension Distributions {
    /// Density ∝ (inputs + outputs) / (inputs · outputs), so that small layers keep more.
    ///
    /// With ε the densities are ε · (inputs + outputs) / (inputs · outputs), at most 1, whatever the schedule's final figure;
    /// the schedule says how far they are on the way.
    ///
    /// Reference: Mocanu et al. 2018, arXiv:1707.04780
    package struct ErdosRenyi: Distribution {
        package static let descriptor = Descriptor(
            name: "erdos-renyi", summary: "Density by inputs + outputs over inputs × outputs: small layers keep more",
            citation: "Mocanu et al. 2018, arXiv:1707.04780",
            parameters: [
                Parameter(
                    "epsilon", "ε: the densities are ε times that, in place of the schedule's final figure",
                    .number(0.0001...1e9), isOptional: true),
                DensityShares.ownLayers,
            ])

        private let shares: DensityShares
        package let epsilon: Double?

        package init(_ arguments: Arguments) {
            shares = DensityShares(arguments)
            epsilon = arguments.values["epsilon"] == nil ? nil : arguments.number("epsilon")
        }

        package var namedLayers: [String] { shares.namedLayers }

        package func allocate(target: Double, final: Double, layers: [LiveWeights]) throws -> Allocation {
            try shares.allocate(target: target, final: final, layers: layers) { layer in
                Double(layer.fanIn + layer.rows) / (Double(layer.fanIn) * Double(layer.rows))
            } densities: { shares, sizes in
                guard let epsilon else { return DensityShares.scaled(shares, sizes: sizes, density: 1 - target) }
                let progress = final > 0 ? min(1, target / final) : 0
                return shares.map { 1 - (1 - min(1, epsilon * $0)) * progress }
            }
        }
    }
}
