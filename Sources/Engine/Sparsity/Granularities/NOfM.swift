import Descriptors

extension Granularities {
    /// Single weights, of which the best N of every M consecutive inputs are never cut: a target of 1 − N/M or more leaves
    /// exactly N of M.
    ///
    /// Reference: Mishra et al. 2021, arXiv:2104.08378
    package struct NOfM: Granularity {
        package static let descriptor = Descriptor(
            name: "n-of-m", summary: "Single weights; the best N of every M inputs stay, so sparsity ends at 1 - N/M",
            citation: "Mishra et al. 2021, arXiv:2104.08378",
            parameters: [
                Parameter("n", "Weights that stay", .integer(1...16), default: .integer(2)),
                Parameter("m", "Consecutive inputs (times kernel area)", .integer(2...16), default: .integer(4)),
            ])

        package static let ranksWeights = true

        package let kept: Int
        package let of: Int

        package init(_ arguments: Arguments) throws {
            kept = arguments.integer("n")
            of = arguments.integer("m")
            guard kept < of else {
                throw ArgumentError.outOfRange(
                    name: "n", of: "n-of-m", value: "\(kept)", accepted: "a whole number below m, which is \(of)")
            }
        }

        package func groups(of layer: LiveWeights) -> [Int32] { layer.values.indices.map { Int32($0) } }

        package func groups(of layer: LiveWeights, scores: [Float]) -> [Int32] {
            var groups = [Int32](repeating: 0, count: scores.count)
            var next: Int32 = 0
            var first = 0
            while first < scores.count {
                // The live weights of one row's M columns.
                func place(_ live: Int) -> (Int, Int) {
                    let (row, column) = layer.position(live).quotientAndRemainder(dividingBy: layer.columns)
                    return (row, column / of)
                }
                var end = first + 1
                while end < scores.count, place(end) == place(first) { end += 1 }
                // Among equal scores the earlier is cut first, as in every ranking.
                let best = (first..<end).sorted { (scores[$0], $0) > (scores[$1], $1) }.prefix(kept)
                for live in best { groups[live] = -1 }
                for live in first..<end where groups[live] == 0 {
                    groups[live] = next
                    next += 1
                }
                first = end
            }
            return groups
        }

        package func groupScores(_ scores: [Float], groups: [Int32]) -> [Float] {
            zip(scores, groups).filter { $1 >= 0 }.map(\.0)
        }
    }
}
