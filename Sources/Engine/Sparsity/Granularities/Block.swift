import Descriptors

extension Granularities {
    /// Reference: Gray et al. 2017, "GPU kernels for block-sparse weights"; Narang et al. 2017, arXiv:1711.02782
    package struct Block: Granularity {
        package static let descriptor = Descriptor(
            name: "block", summary: "Blocks of rows × columns; blocks four or eight rows high run fastest",
            citation: "Narang et al. 2017, arXiv:1711.02782",
            parameters: [
                Parameter("rows", "Outputs of a block", .integer(1...64), default: .integer(4)),
                Parameter("columns", "Inputs (times kernel area) of a block", .integer(1...64), default: .integer(1)),
                GroupNorm.parameter,
            ])

        package let rows: Int
        package let columns: Int
        package let norm: GroupNorm

        package init(_ arguments: Arguments) {
            rows = arguments.integer("rows")
            columns = arguments.integer("columns")
            norm = GroupNorm(arguments)
        }

        package func groups(of layer: LiveWeights) -> [Int32] {
            layer.groups(ofRows: rows, columns: columns)
        }

        package func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] {
            norm.groupScores(scores, groups: groups)
        }
    }
}
