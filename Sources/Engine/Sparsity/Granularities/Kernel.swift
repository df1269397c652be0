import Descriptors

extension Granularities {
    /// Reference: Mao et al. 2017, arXiv:1705.08922
    package struct Kernel: Granularity {
        package static let descriptor = Descriptor(
            name: "kernel", summary: "The weights from one input channel to one output channel",
            citation: "Mao et al. 2017, arXiv:1705.08922", parameters: [GroupNorm.parameter])

        package let norm: GroupNorm

        package init(_ arguments: Arguments) {
            norm = GroupNorm(arguments)
        }

        package func groups(of layer: LiveWeights) -> [Int32] {
            layer.groups(ofRows: 1, columns: layer.kernelArea)
        }

        package func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] {
            norm.groupScores(scores, groups: groups)
        }
    }
}
