import Descriptors

extension Granularities {
    /// In a grouped convolution the channels of the same place in each group go together.
    ///
    /// Reference: He et al. 2017, arXiv:1707.06168
    package struct InputChannel: Granularity {
        package static let descriptor = Descriptor(
            name: "input-channel", summary: "All weights of a layer from one input or input channel",
            citation: "He et al. 2017, arXiv:1707.06168", parameters: [GroupNorm.parameter])

        package let norm: GroupNorm

        package init(_ arguments: Arguments) {
            norm = GroupNorm(arguments)
        }

        package func groups(of layer: LiveWeights) -> [Int32] {
            layer.groups(ofRows: max(1, layer.rows), columns: layer.kernelArea)
        }

        package func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] {
            norm.groupScores(scores, groups: groups)
        }
    }
}
