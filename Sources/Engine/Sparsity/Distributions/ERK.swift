import Descriptors

extension Distributions {
    /// Erdős–Rényi with the sides of the kernel: density ∝ (inputs + outputs + height + width) / (inputs · outputs · height ·
    /// width), of a linear layer (inputs + outputs) / (inputs · outputs).
    ///
    /// Reference: Evci et al. 2020, arXiv:1911.11134
    package struct ERK: Distribution {
        package static let descriptor = Descriptor(
            name: "erk", summary: "Erdős–Rényi with the sides of kernels: small layers and thin kernels keep more",
            citation: "Evci et al. 2020, arXiv:1911.11134", parameters: [DensityShares.ownLayers])

        private let shares: DensityShares

        package init(_ arguments: Arguments) { shares = DensityShares(arguments) }

        package var namedLayers: [String] { shares.namedLayers }

        package func allocate(target: Double, final: Double, layers: [LiveWeights]) throws -> Allocation {
            try shares.allocate(target: target, final: final, layers: layers) { layer in
                let sides = layer.isConvolution ? layer.kernelHeight + layer.kernelWidth : 0
                return Double(layer.fanIn + layer.rows + sides) / Double(layer.total)
            } densities: {
                DensityShares.scaled($0, sizes: $1, density: 1 - target)
            }
        }
    }
}
