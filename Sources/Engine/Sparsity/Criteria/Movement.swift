import Descriptors

extension Criteria {
    /// How far training has moved a weight away from zero, summed over the steps: −Σ weight × gradient, which method
    /// `movement` keeps.
    ///
    /// Reference: Sanh, Wolf & Rush 2020, arXiv:2005.07683
    package struct Movement: Criterion {
        package static let descriptor = Descriptor(
            name: "movement", summary: "How far training moves a weight away from zero; with method movement",
            citation: "Sanh, Wolf & Rush 2020, arXiv:2005.07683")

        package static let isSigned = true
        /// Of the array that the method keeps.
        package static let slot = "movement"
        package let needs: [Need] = [.kept(slot)]

        package init(_ arguments: Arguments) {}

        package func scores(of layer: ScoredLayer) -> [Float] { layer.facts.kept[Self.slot]! }
    }
}
