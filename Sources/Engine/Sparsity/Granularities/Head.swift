import Descriptors

extension Granularities {
    /// The rows of a head in the projections to queries, keys and values and its columns in the layer behind go together where one
    /// ranking holds all layers. A distribution that gives each layer a target of its own ranks the heads of each layer apart.
    ///
    /// Reference: Michel et al. 2019, arXiv:1905.10650
    package struct Head: Granularity {
        package static let descriptor = Descriptor(
            name: "head",
            summary: "Whole attention heads: their rows of queries, keys and values, and the columns that read them",
            citation: "Michel et al. 2019, arXiv:1905.10650", parameters: [GroupNorm.parameter])

        package static let neverCuts = "outside attentions of two heads or more"

        package let norm: GroupNorm

        package init(_ arguments: Arguments) {
            norm = GroupNorm(arguments)
        }

        package func groups(of layer: LiveWeights) -> [Int32] {
            var numbers: [Int32: Int32] = [:]
            return heads(of: layer).map { head in
                guard head >= 0 else { return -1 }
                let next = numbers[head] ?? Int32(numbers.count)
                numbers[head] = next
                return next
            }
        }

        package func sharedNumbers(of layer: LiveWeights) -> [Int32]? {
            var seen: Set<Int32> = []
            return heads(of: layer).filter { $0 >= 0 && seen.insert($0).inserted }
        }

        /// By live weight.
        private func heads(of layer: LiveWeights) -> [Int32] {
            guard let heads = layer.heads else { return [Int32](repeating: -1, count: layer.values.count) }
            return layer.values.indices.map { live in
                let (row, column) = layer.position(live).quotientAndRemainder(dividingBy: layer.columns)
                return heads.head(row: row, column: column, taps: layer.kernelArea)
            }
        }

        package func canCut(_ layer: LiveWeights) -> Bool { layer.heads != nil }

        package func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] {
            norm.groupScores(scores, groups: groups)
        }
    }
}
