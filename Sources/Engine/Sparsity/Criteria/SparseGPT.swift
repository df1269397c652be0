import Descriptors

extension Criteria {
    /// Optimal brain surgeon by columns: U is the upper Cholesky factor of H⁻¹, a weight's score w² / U_jj²; what goes is made up
    /// for by the weights of its row in columns that come later. The weights that go are chosen in blocks of columns.
    ///
    /// Reference: Frantar & Alistarh 2023, arXiv:2301.00774
    package struct SparseGPT: SolvingCriterion {
        package static let descriptor = Descriptor(
            name: "sparsegpt", summary: "Optimal brain surgeon: what goes is made up for by weights that stay",
            citation: "Frantar & Alistarh 2023, arXiv:2301.00774",
            parameters: [
                Calibrated.samples(1024),
                Parameter(
                    "damping", "Added to the diagonal, as a share of its mean", .number(1e-6...1),
                    default: .number(0.01)),
                Parameter(
                    "block", "Columns of which a share goes together", .integer(1...65_536), default: .integer(128)),
            ])

        package let samples: Int
        private let damping: Double
        private let block: Int

        package init(_ arguments: Arguments) {
            samples = arguments.integer("samples")
            damping = arguments.number("damping")
            block = arguments.integer("block")
        }

        private func factor(_ group: RowGroup) -> [Double] {
            // Damped, it is positive definite whatever the samples are.
            group.products.scaled(by: 2 / Double(max(1, group.count))).damped(damping).upperFactorOfInverse!
        }

        package func scores(of layer: ScoredLayer) -> [Float] {
            layer.ofLive(
                layer.rowGroups.map { group in
                    let upper = factor(group)
                    return group.weights.indices.map { place in
                        Float(score(group.weights[place], place % group.columns, group, upper))
                    }
                })
        }

        private func score(_ weight: Double, _ column: Int, _ group: RowGroup, _ upper: [Double]) -> Double {
            if group.products.isDead(column) { return 0 }
            let pivot = upper[column * group.columns + column]
            return weight * weight / (pivot * pivot)
        }

        package func solve(_ group: RowGroup, _ choice: WeightChoice) -> (keep: [Bool], values: [Double]) {
            let (rows, columns) = (group.rows, group.columns)
            let upper = factor(group)
            var weights = group.weights
            var keep = group.isLive
            var live = keep.count { $0 }, leaving = 0
            switch choice {
            case .count(let count): leaving = live - count
            case .given(let given): keep = given
            }
            var errors = [Double](repeating: 0, count: columns)
            for first in stride(from: 0, to: columns, by: block) {
                let end = min(first + block, columns)
                if case .count = choice {
                    choose(&keep, weights, group, upper, columns: first..<end, live: &live, leaving: &leaving)
                }
                for row in 0..<rows {
                    let start = row * columns
                    for column in first..<end {
                        let error =
                            keep[start + column] ? 0 : weights[start + column] / upper[column * columns + column]
                        errors[column] = error
                        if error == 0 { continue }
                        for later in column..<end { weights[start + later] -= error * upper[column * columns + later] }
                        weights[start + column] = 0
                    }
                    for column in first..<end where errors[column] != 0 {
                        for later in end..<max(end, columns) {
                            weights[start + later] -= errors[column] * upper[column * columns + later]
                        }
                    }
                }
            }
            for place in keep.indices where !keep[place] { weights[place] = 0 }
            return (keep, weights)
        }

        /// Of a block of columns its share of what is still to go: the lowest scores of all rows, ties by position.
        private func choose(
            _ keep: inout [Bool], _ weights: [Double], _ group: RowGroup, _ upper: [Double], columns: Range<Int>,
            live: inout Int, leaving: inout Int
        ) {
            var places: [(score: Double, place: Int)] = []
            for row in 0..<group.rows {
                for column in columns where keep[row * group.columns + column] {
                    let place = row * group.columns + column
                    places.append((score(weights[place], column, group, upper), place))
                }
            }
            let share = live == 0 ? 0 : Int((Double(leaving) * Double(places.count) / Double(live)).rounded())
            live -= places.count
            leaving -= share
            places.sort { $0 < $1 }
            for entry in places.prefix(share) { keep[entry.place] = false }
        }
    }
}
