import Descriptors

extension Criteria {
    /// The share of a weight in what flows from input to output of the network of absolute weights. It sees no data. One round
    /// would empty whole layers; many keep the flow.
    ///
    /// Reference: Tanaka et al. 2020, arXiv:2006.05467
    package struct SynFlow: Criterion {
        package static let descriptor = Descriptor(
            name: "synflow",
            summary: "Magnitude × what flows through it, cut in many rounds: keeps paths, sees no data",
            citation: "Tanaka et al. 2020, arXiv:2006.05467",
            parameters: [
                Parameter(
                    "rounds", "Rounds of scoring and cutting, each keeping the same share", .integer(1...1000),
                    default: .integer(100))
            ])

        package static let scope = RankingScope.network
        package let needs: [Need] = [.synapticFlow]
        package let rounds: Int

        package init(_ arguments: Arguments) { rounds = arguments.integer("rounds") }

        package func scores(of layer: ScoredLayer) -> [Float] { layer.facts.synapticFlow!.map(abs) }
    }
}
