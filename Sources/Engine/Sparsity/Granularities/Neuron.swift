import Descriptors

extension Granularities {
    /// Reference: Li et al. 2017, arXiv:1608.08710
    package struct Neuron: Granularity {
        package static let descriptor = Descriptor(
            name: "neuron", summary: "All weights into one output neuron or output channel, except the classes",
            citation: "Li et al. 2017, arXiv:1608.08710", parameters: [GroupNorm.parameter])

        package let norm: GroupNorm

        package init(_ arguments: Arguments) {
            norm = GroupNorm(arguments)
        }

        package func groups(of layer: LiveWeights) -> [Int32] {
            if !canCut(layer) { return [Int32](repeating: -1, count: layer.values.count) }
            // Positions ascend, so a new row means the next group; rows without live weights get no number.
            var group: Int32 = -1
            var lastRow = -1
            return layer.values.indices.map { live in
                let row = layer.position(live) / layer.columns
                if row != lastRow {
                    lastRow = row
                    group += 1
                }
                return group
            }
        }

        package func canCut(_ layer: LiveWeights) -> Bool { !layer.isOutput }

        package func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] {
            norm.groupScores(scores, groups: groups)
        }
    }
}
