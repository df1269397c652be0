import Descriptors

extension Criteria {
    /// Reference: Han et al. 2015, arXiv:1506.02626
    package struct Magnitude: Criterion {
        package static let descriptor = Descriptor(
            name: "magnitude", summary: "The absolute value of the weight",
            citation: "Han et al. 2015, arXiv:1506.02626")

        package init(_ arguments: Arguments) {}

        package func scores(of layer: ScoredLayer) -> [Float] {
            layer.weights.values.map(abs)
        }
    }
}
