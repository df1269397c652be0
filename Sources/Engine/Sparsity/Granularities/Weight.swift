import Descriptors

extension Granularities {
    package struct Weight: Granularity {
        package static let descriptor = Descriptor(
            name: "weight", summary: "Each weight on its own (unstructured)")

        package static let isSingleWeights = true

        package init(_ arguments: Arguments) {}

        package func groups(of layer: LiveWeights) -> [Int32] {
            layer.values.indices.map { Int32($0) }
        }

        package func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] { scores }
    }
}
