import Descriptors

extension Recoveries {
    /// Statistics of batch normalisation, measured again: the mean over batches.
    package struct NormStatistics: Recovery {
        package static let descriptor = Descriptor(
            name: "norm-statistics", summary: "Measures the statistics of batch normalisation again",
            citation: "Li et al. 2020, arXiv:2007.02491", parameters: [Recoveries.samples])
        private let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func recover(_ network: any Recoverable) throws {
            network.parameters = network.normStatistics(samples)
        }
    }
}
