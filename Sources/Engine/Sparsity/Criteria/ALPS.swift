import Descriptors

extension Criteria {
    /// The mask and the weights that change a layer's outputs least, by operator splitting (ADMM): weights that answer like those
    /// before, and sparse ones, pulled together more and more strongly until the mask stands; then the best weights of that mask
    /// by preconditioned conjugate gradients. Inputs are divided by their norms first.
    ///
    /// Reference: Meng et al. 2024, arXiv:2406.07831
    package struct ALPS: SolvingCriterion {
        package static let descriptor = Descriptor(
            name: "alps", summary: "Mask and weights that change a layer's outputs least, by operator splitting",
            citation: "Meng et al. 2024, arXiv:2406.07831",
            parameters: [
                Calibrated.samples(1024),
                Parameter(
                    "damping", "Added to the diagonal, as a share of its mean", .number(1e-6...1),
                    default: .number(0.01)),
                Parameter("steps", "Most steps until the mask stands", .integer(1...10_000), default: .integer(300)),
            ])

        package let samples: Int
        private let damping: Double
        private let steps: Int

        package init(_ arguments: Arguments) {
            samples = arguments.integer("samples")
            damping = arguments.number("damping")
            steps = arguments.integer("steps")
        }

        /// Of an input, with the damping.
        private func norms(_ group: RowGroup) -> [Double] {
            let added = damping * group.products.meanDiagonal
            return (0..<group.columns).map { (group.products[$0, $0] + added).squareRoot() }
        }

        package func scores(of layer: ScoredLayer) -> [Float] {
            layer.ofLive(
                layer.rowGroups.map { group in
                    let norms = norms(group)
                    return group.weights.indices.map { Float(abs(group.weights[$0]) * norms[$0 % group.columns]) }
                })
        }

        package func solve(_ group: RowGroup, _ choice: WeightChoice) -> (keep: [Bool], values: [Double]) {
            let norms = norms(group).map { $0 > 0 ? $0 : 1 }
            let added = damping * group.products.meanDiagonal
            let damped = group.products.adding(added > 0 ? added : 1).divided(by: norms)
            var weights = group.weights
            for place in weights.indices {
                let input = place % group.columns
                // What reads nothing goes first.
                weights[place] *= group.products.isDead(input) ? 0 : norms[input]
            }
            let target = damped.times(weights, count: group.rows)
            var splitting = Splitting(damped, weights: weights, target: target, isLive: group.isLive, rows: group.rows)
            let keep: [Bool]
            switch choice {
            case .given(let given): keep = given
            case .count(let count): keep = splitting.mask(count: count, steps: steps)
            }
            let start = weights.indices.map { keep[$0] ? splitting.weights[$0] : 0 }
            var values = damped.leastSquares(
                target: target, support: keep, from: start, rows: group.rows, iterations: 10 + group.columns,
                accuracy: 1e-8)
            for place in values.indices where keep[place] {
                let input = place % group.columns
                values[place] = group.products.isDead(input) ? group.weights[place] : values[place] / norms[input]
            }
            return (keep, values)
        }
    }
}

/// ADMM between weights that answer like those before and weights of which `count` are not zero.
private struct Splitting {
    private let products: InputProducts
    private let start: [Double]
    private let target: [Double]
    private let isLive: [Bool]
    private let rows: Int
    /// The ones that answer like those before.
    private(set) var weights: [Double]

    init(_ products: InputProducts, weights: [Double], target: [Double], isLive: [Bool], rows: Int) {
        self.products = products
        self.weights = weights
        start = weights
        self.target = target
        self.isLive = isLive
        self.rows = rows
    }

    /// The `count` of the largest magnitude, ties by position: the earlier is cut first.
    private func largest(_ values: [Double], _ count: Int) -> [Bool] {
        let scores = values.indices.map { isLive[$0] ? Float(abs(values[$0])) : -1 }
        return Selection.keep(count: count, scores: [scores]).keep[0]
    }

    mutating func mask(count: Int, steps: Int) -> [Bool] {
        let size = products.size
        let live = isLive.count { $0 }
        guard count > 0, count < live else { return count > 0 ? isLive : isLive.map { _ in false } }
        var penalty = 0.1
        var factor = Cholesky(products.adding(penalty))!
        let first = largest(start, count)
        var mask = first, seen = first
        var sparse = start.indices.map { first[$0] ? start[$0] : 0 }
        var dual = [Double](repeating: 0, count: start.count)
        // Until the mask first moves at all the penalty is too strong.
        var hasMoved = false
        for step in 1...steps {
            // Columns side by side, as the solver takes them: (size, rows).
            var columns = [Double](repeating: 0, count: start.count)
            for row in 0..<rows {
                for column in 0..<size {
                    let place = row * size + column
                    columns[column * rows + row] = target[place] - dual[place] + penalty * sparse[place]
                }
            }
            factor.solve(&columns, count: rows)
            for row in 0..<rows {
                for column in 0..<size { weights[row * size + column] = columns[column * rows + row] }
            }
            let pulled = weights.indices.map { weights[$0] + dual[$0] / penalty }
            mask = largest(pulled, count)
            for place in sparse.indices {
                sparse[place] = mask[place] ? pulled[place] : 0
                dual[place] += penalty * (weights[place] - sparse[place])
            }
            guard step % 3 == 0 else { continue }
            let moved = zip(mask, seen).count { $0 != $1 }
            seen = mask
            let share = Double(moved) / Double(count)
            if share > 0.1 {
                hasMoved = true
                penalty *= 1.3
            } else if share > 0.005 {
                hasMoved = true
                penalty *= 1.2
            } else if moved > 0 {
                if hasMoved {
                    penalty *= 1.1
                } else {
                    // Too strong to move more than a few: from the start with less of it.
                    penalty /= 5
                    weights = start
                    sparse = start.indices.map { first[$0] ? start[$0] : 0 }
                    for place in dual.indices { dual[place] = 0 }
                }
            } else {
                if hasMoved || penalty < 1e-6 { break }
                penalty /= 5
            }
            if step >= 30, hasMoved, share < 0.0003 { break }
            penalty = min(penalty, 1e6)
            factor = Cholesky(products.adding(penalty))!
        }
        return largest(weights, count)
    }
}
