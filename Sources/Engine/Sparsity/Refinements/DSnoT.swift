import Descriptors

extension Refinements {
    /// Exchanges that bring the expected error of a row's output, ε = Σ w E[x] over the weights that go, towards zero: the weight
    /// that comes back has the largest w E[x] / Var[x] of ε's sign, the one that goes for it the least |w| ‖x‖ among those that
    /// would lessen ε, too. A row ends where |ε| is small or would change its sign.
    ///
    /// Reference: Zhang et al. 2024, arXiv:2310.08915
    package struct DSnoT: Refinement {
        package static let descriptor = Descriptor(
            name: "dsnot", summary: "Exchanges that bring the expected error of each output towards zero",
            citation: "Zhang et al. 2024, arXiv:2310.08915",
            parameters: [
                Calibrated.samples(1024),
                Parameter("cycles", "Most exchanges a row", .integer(1...100_000), default: .integer(50)),
                Parameter(
                    "threshold", "Expected error of an output at which its row is left as it is",
                    .number(0...Double.infinity), default: .number(0.1)),
            ])

        package let needs: [Need] = [.inputGram, .inputMeans]
        package let samples: Int
        private let cycles: Int
        private let threshold: Double

        package init(_ arguments: Arguments) {
            samples = arguments.integer("samples")
            cycles = arguments.integer("cycles")
            threshold = arguments.number("threshold")
        }

        package func refine(_ keep: inout [Bool], of group: RowGroup) {
            let size = group.columns, count = Double(max(1, group.count))
            let squares = (0..<size).map { group.products[$0, $0] / count }
            let variances = (0..<size).map { max(squares[$0] - group.means[$0] * group.means[$0], 1e-12) }
            for row in 0..<group.rows {
                let start = row * size
                let share = (0..<size).map { group.weights[start + $0] * group.means[$0] }
                let cost = (0..<size).map { abs(group.weights[start + $0]) * squares[$0].squareRoot() }
                // What was kept or cut at first moves once at most.
                var coming = (0..<size).filter { group.isLive[start + $0] && !keep[start + $0] }
                var leaving = (0..<size).filter { keep[start + $0] }
                var error = coming.reduce(0.0) { $0 + share[$1] }
                let isPositive = error > 0
                coming.sort { (share[$0] / variances[$0], $0) < (share[$1] / variances[$1], $1) }
                leaving.sort { (cost[$0], $0) < (cost[$1], $1) }
                for _ in 0..<cycles {
                    guard abs(error) > threshold, let back = error > 0 ? coming.popLast() : coming.first,
                        let place = leaving.firstIndex(where: { share[$0] != 0 && (share[$0] < 0) == (error > 0) })
                    else { break }
                    let out = leaving[place]
                    let after = error + share[out] - share[back]
                    guard (after > 0) == isPositive, after != 0 else { break }
                    if error < 0 { coming.removeFirst() }
                    leaving.remove(at: place)
                    keep[start + back] = true
                    keep[start + out] = false
                    error = after
                }
            }
        }
    }
}
