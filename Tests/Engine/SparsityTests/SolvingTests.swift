import Foundation
import Sparsity
import Testing

/// Criteria that give weights new values, and refinements of masks, against second implementations by plain elimination.
@Suite struct SolvingTests {
    /// Inputs that depend on each other, and weights.
    private func problem(rows: Int, columns: Int, samples: Int = 60, dead: Int? = nil) -> RowGroup {
        var state: UInt64 = 7
        func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 33) / Double(1 << 31) - 0.5
        }
        var gram = [Double](repeating: 0, count: columns * columns), means = [Double](repeating: 0, count: columns)
        for _ in 0..<samples {
            let common = next()
            var x = [Double](repeating: 0, count: columns)
            for column in 0..<columns where column != dead {
                let shared = Double(1 + column % 3) * common
                x[column] = next() + shared + 0.1 * Double(column % 2)
            }
            for i in 0..<columns {
                means[i] += x[i] / Double(samples)
                for j in 0..<columns { gram[i * columns + j] += x[i] * x[j] }
            }
        }
        return RowGroup(
            rows: rows, columns: columns, weights: (0..<rows * columns).map { _ in next() },
            isLive: [Bool](repeating: true, count: rows * columns),
            products: InputProducts(size: columns, values: gram), means: means, count: samples)
    }

    /// Gauss and Jordan.
    private func inverse(_ matrix: [[Double]]) -> [[Double]] {
        let size = matrix.count
        var rows = matrix.enumerated().map { number, row in row + (0..<size).map { $0 == number ? 1.0 : 0 } }
        for pivot in 0..<size {
            let best = (pivot..<size).max { abs(rows[$0][pivot]) < abs(rows[$1][pivot]) }!
            rows.swapAt(pivot, best)
            let head = rows[pivot][pivot]
            rows[pivot] = rows[pivot].map { $0 / head }
            for row in 0..<size where row != pivot {
                let factor = rows[row][pivot]
                for column in 0..<2 * size { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        return rows.map { Array($0[size...]) }
    }

    private func error(_ group: RowGroup, _ values: [Double]) -> Double {
        var sum = 0.0
        for row in 0..<group.rows {
            for i in 0..<group.columns {
                for j in 0..<group.columns {
                    let (a, b) = (row * group.columns + i, row * group.columns + j)
                    sum += (group.weights[a] - values[a]) * group.products[i, j] * (group.weights[b] - values[b])
                }
            }
        }
        return sum
    }

    /// Optimal brain surgeon as its paper has it: the inverse of what is left of H, for each column anew.
    private func surgeon(_ group: RowGroup, keeping count: Int, block: Int) -> (keep: [Bool], values: [Double]) {
        let columns = group.columns
        var h = (0..<columns).map { i in
            (0..<columns).map { j in 2 / Double(group.count) * group.products[i, j] }
        }
        for i in 0..<columns where h[i][i] == 0 { h[i][i] = 1 }
        let mean = (0..<columns).reduce(0.0) { $0 + h[$1][$1] } / Double(columns)
        for i in 0..<columns { h[i][i] += 0.01 * mean }
        let inverses = (0..<columns).map { first in inverse((first..<columns).map { Array(h[$0][first...]) }) }
        var weights = group.weights
        var keep = group.isLive
        var live = keep.count, leaving = live - count
        for first in stride(from: 0, to: columns, by: block) {
            let end = min(columns, first + block)
            var places: [(Double, Int)] = []
            for row in 0..<group.rows {
                for column in first..<end {
                    let w = weights[row * columns + column]
                    places.append((w * w / inverses[column][0][0], row * columns + column))
                }
            }
            let share = Int((Double(leaving) * Double(places.count) / Double(live)).rounded())
            live -= places.count
            leaving -= share
            for entry in places.sorted(by: { $0 < $1 }).prefix(share) { keep[entry.1] = false }
            for row in 0..<group.rows {
                for column in first..<end where !keep[row * columns + column] {
                    let of = inverses[column]
                    let error = weights[row * columns + column] / of[0][0]
                    for later in column..<columns { weights[row * columns + later] -= error * of[0][later - column] }
                    weights[row * columns + column] = 0
                }
            }
        }
        return (keep, weights)
    }

    private func solver(_ name: String) throws -> any SolvingCriterion {
        try #require(try Criteria.make(name) as? any SolvingCriterion)
    }

    @Test(arguments: [3, 8]) func optimalBrainSurgeon(block: Int) throws {
        let group = problem(rows: 5, columns: 8)
        let criterion = try #require(
            try Criteria.make("sparsegpt", ["block": .integer(block)]) as? any SolvingCriterion)
        for count in [30, 20, 9] {
            let found = criterion.solve(group, .count(count)), expected = surgeon(group, keeping: count, block: block)
            #expect(found.keep == expected.keep && found.keep.count { $0 } == count)
            for (value, known) in zip(found.values, expected.values) { #expect(abs(value - known) < 1e-9) }
        }
    }

    @Test func deadInputsGoFirst() throws {
        let group = problem(rows: 4, columns: 6, dead: 2)
        for name in ["sparsegpt", "alps"] {
            let found = try solver(name).solve(group, .count(20))
            #expect((0..<4).allSatisfy { !found.keep[$0 * 6 + 2] }, "\(name)")
            #expect(found.values.allSatisfy { $0.isFinite })
        }
    }

    /// What is not live stays away, whatever is pushed towards it.
    @Test func zerosStayZeros() throws {
        let full = problem(rows: 3, columns: 8)
        let live = full.isLive.indices.map { $0 % 3 != 0 }
        let group = RowGroup(
            rows: 3, columns: 8, weights: full.weights.indices.map { live[$0] ? full.weights[$0] : 0 }, isLive: live,
            products: full.products, count: full.count)
        for name in ["sparsegpt", "alps"] {
            let found = try solver(name).solve(group, .count(9))
            #expect(found.keep.count { $0 } == 9)
            #expect(found.keep.indices.allSatisfy { !found.keep[$0] || live[$0] }, "\(name)")
            #expect(found.keep.indices.allSatisfy { found.keep[$0] || found.values[$0] == 0 }, "\(name)")
        }
    }

    /// On a given mask ALPS ends at the least squares of that mask: the normal equations of the damped problem.
    @Test func weightsOfAMaskAreTheLeastSquares() throws {
        let group = problem(rows: 4, columns: 8)
        let keep = group.isLive.indices.map { $0 * 7 % 11 < 5 }
        let found = try solver("alps").solve(group, .given(keep))
        #expect(found.keep == keep)
        let added = 0.01 * group.products.meanDiagonal
        for row in 0..<4 {
            let places = (0..<8).filter { keep[row * 8 + $0] }
            let h = places.map { i in places.map { j in group.products[i, j] + (i == j ? added : 0) } }
            let target = places.map { i in
                (0..<8).reduce(0.0) {
                    $0 + (group.products[i, $1] + (i == $1 ? added : 0)) * group.weights[row * 8 + $1]
                }
            }
            let expected = inverse(h).map { line in zip(line, target).reduce(0) { $0 + $1.0 * $1.1 } }
            for (place, value) in zip(places, expected) {
                #expect(abs(found.values[row * 8 + place] - value) < 1e-6)
            }
        }
    }

    @Test func whatChangesOutputsLess() throws {
        let group = problem(rows: 12, columns: 24)
        for share in [0.5, 0.6, 0.7, 0.8] {
            let count = Int((1 - share) * 288)
            let alps = error(group, try solver("alps").solve(group, .count(count)).values)
            let surgeon = error(group, try solver("sparsegpt").solve(group, .count(count)).values)
            let order = group.weights.indices.sorted { abs(group.weights[$0]) > abs(group.weights[$1]) }
            var magnitude = group.weights
            for place in order.dropFirst(count) { magnitude[place] = 0 }
            #expect(alps <= surgeon && surgeon < error(group, magnitude), "\(share)")
        }
    }

    // MARK: Refinements

    private func masked(_ group: RowGroup, _ keep: [Bool]) -> [Double] {
        group.weights.indices.map { keep[$0] ? group.weights[$0] : 0 }
    }

    @Test func swapsEndWhereNoneHelps() throws {
        let group = problem(rows: 3, columns: 10)
        let before = group.isLive.indices.map { $0 % 2 == 0 }
        var keep = before
        try Refinements.make("sparse-swaps").refine(&keep, of: group)
        #expect(error(group, masked(group, keep)) < error(group, masked(group, before)))
        for row in 0..<3 {
            #expect((0..<10).count { keep[row * 10 + $0] } == 5)
            for out in 0..<10 where keep[row * 10 + out] {
                for back in 0..<10 where !keep[row * 10 + back] {
                    var other = keep
                    other[row * 10 + out] = false
                    other[row * 10 + back] = true
                    #expect(error(group, masked(group, other)) >= error(group, masked(group, keep)) - 1e-9)
                }
            }
        }
    }

    /// Two inputs that are the same: of weights 1 and −1 both must go, or neither.
    @Test func aLiteralSwap() throws {
        let group = RowGroup(
            rows: 1, columns: 3, weights: [1, -1, 0.5], isLive: [true, true, true],
            products: InputProducts(size: 3, values: [4, 4, 0, 4, 4, 0, 0, 0, 1]), count: 4)
        var keep = [true, false, false]
        try Refinements.make("sparse-swaps").refine(&keep, of: group)
        #expect(keep == [false, false, true])
    }

    @Test func expectedErrors() throws {
        // Shares w E[x]: 2, −1, 1, 0.5; of what goes, 2 + 1, the first has the larger one over its variance (1 each).
        let group = RowGroup(
            rows: 1, columns: 4, weights: [2, -1, 1, 0.5], isLive: [true, true, true, true],
            products: InputProducts(size: 4, values: [4, 2, 2, 2, 2, 4, 2, 2, 2, 2, 4, 2, 2, 2, 2, 4]),
            means: [1, 1, 1, 1], count: 2)
        var keep = [false, true, false, true]
        try Refinements.make("dsnot").refine(&keep, of: group)
        // For the first the second goes, which lessens the error by one more: 3 − 2 − 1 is zero and would be no progress in sign.
        #expect(keep == [false, true, false, true])
        // Of 2.5 + 1 there is left 3.5 − 2.5 − 0.5, by the only weight below zero.
        let other = RowGroup(
            rows: 1, columns: 4, weights: [2.5, -0.5, 1, 0.5], isLive: [true, true, true, true],
            products: group.products, means: [1, 1, 1, 1], count: 2)
        keep = [false, true, false, true]
        try Refinements.make("dsnot").refine(&keep, of: other)
        #expect(keep == [true, false, false, true])
    }

    // MARK: In a cut

    private struct Given: FactSource {
        let facts: LayerFacts
        func facts(_ needs: [Need], keeping: [[Bool]]?, samples: Int) -> [LayerFacts] { [facts] }
    }

    private func cut(
        _ criterion: String, granularity: String = "weight", refine: String? = nil
    ) throws -> (cut: Masker.Cut, group: RowGroup) {
        let group = problem(rows: 4, columns: 8)
        var facts = LayerFacts()
        facts.inputGram = group.products.values.map(Float.init)
        facts.inputMeans = group.means.map(Float.init)
        facts.gramCount = group.count
        let layer = LiveWeights(
            name: "fc", rows: 4, columns: 8, values: group.weights.map(Float.init), mayVanish: true)
        let masker = Masker(
            criterion: try Criteria.make(criterion), granularity: try Granularities.make(granularity),
            distribution: try Distributions.make("global"), refinement: try refine.map { try Refinements.make($0) })
        return (
            try masker.cut(sparsity: 0.5, layers: [layer], seed: 1, step: 0, facts: Given(facts: facts)), group
        )
    }

    @Test func aCutCarriesNewValues() throws {
        let (cut, group) = try cut("sparsegpt")
        let expected = try solver("sparsegpt").solve(group, .count(16))
        #expect(cut.keep[0] == expected.keep)
        let values = zip(expected.values, expected.keep).filter(\.1).map(\.0)
        #expect(cut.values[0]!.count == 16)
        for (value, known) in zip(cut.values[0]!, values) { #expect(abs(Double(value) - known) < 1e-4) }
    }

    @Test func coarserMasksAreChosenByScoresAndSolved() throws {
        let (cut, _) = try cut("alps", granularity: "n-of-m")
        for start in stride(from: 0, to: 32, by: 4) { #expect((start..<start + 4).count { cut.keep[0][$0] } == 2) }
        #expect(cut.values[0]?.count == 16)
    }

    @Test func aRefinedCutHasAsManyZeros() throws {
        let plain = try cut("magnitude").cut, refined = try cut("magnitude", refine: "sparse-swaps").cut
        let group = problem(rows: 4, columns: 8)
        #expect(refined.keep[0].count { $0 } == 16)
        #expect(error(group, masked(group, refined.keep[0])) < error(group, masked(group, plain.keep[0])))
        #expect(try cut("alps", refine: "dsnot").cut.values[0]?.count == 16)
    }
}
