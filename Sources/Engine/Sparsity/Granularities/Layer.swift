import Descriptors

extension Granularities {
    package struct Layer: Granularity {
        package static let descriptor = Descriptor(
            name: "layer", summary: "A whole layer, where another path leads around it",
            parameters: [GroupNorm.parameter])

        package let norm: GroupNorm

        package init(_ arguments: Arguments) {
            norm = GroupNorm(arguments)
        }

        package func groups(of layer: LiveWeights) -> [Int32] {
            [Int32](repeating: canCut(layer) ? 0 : -1, count: layer.values.count)
        }

        package func canCut(_ layer: LiveWeights) -> Bool { layer.mayVanish }

        package func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] {
            norm.groupScores(scores, groups: groups)
        }
    }
}
