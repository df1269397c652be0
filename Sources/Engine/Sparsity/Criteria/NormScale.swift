import Descriptors

extension Criteria {
    /// |γ| of the batch norm that reads the unit which a weight leads to. Layers without one are cut last.
    ///
    /// Reference: Liu et al. 2017, arXiv:1708.06519
    package struct NormScale: Criterion {
        package static let descriptor = Descriptor(
            name: "norm-scale", summary: "Scale of the batch norm behind the unit; layers without one go last",
            citation: "Liu et al. 2017, arXiv:1708.06519")

        package let needs: [Need] = [.normScales]

        package init(_ arguments: Arguments) {}

        package func scores(of layer: ScoredLayer) -> [Float] {
            let weights = layer.weights
            guard let scales = layer.facts.normScales else {
                return [Float](repeating: .infinity, count: weights.values.count)
            }
            return weights.values.indices.map { scales[weights.position($0) / weights.columns] }
        }
    }
}
