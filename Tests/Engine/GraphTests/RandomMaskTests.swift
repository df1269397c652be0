import Foundation
import Graph
import Kernels
import Testing

@Suite struct RandomMaskTests {
    @Test(arguments: [
        (7, 13, 0), (7, 13, 5), (7, 13, 30), (7, 13, 90), (7, 13, 91), (1, 1, 1), (3, 64, 64), (5, 200, 31),
        (64, 1000, 700), (9, 4096, 9 * 4000),
    ])
    func positionsAscendAndRowsAreEven(rows: Int, columns: Int, count: Int) {
        let positions = RandomMask.positions(rows: rows, columns: columns, count: count, seed: 3, layer: 0)
        #expect(positions.count == count)
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
        #expect(positions.allSatisfy { (0..<rows * columns).contains($0) })
        var held = [Int](repeating: 0, count: rows)
        for position in positions { held[position / columns] += 1 }
        #expect(held == (0..<rows).map { RandomMask.count(ofRow: $0, rows: rows, count: count) })
        #expect(held.max()! - held.min()! <= 1)
    }

    @Test func seedLayerAndNothingElseChooseTheMask() {
        func draw(_ seed: UInt64, _ layer: Int) -> [Int] {
            RandomMask.positions(rows: 20, columns: 50, count: 100, seed: seed, layer: layer)
        }
        #expect(draw(1, 0) == draw(1, 0))
        #expect(draw(1, 0) != draw(2, 0) && draw(1, 0) != draw(1, 1))
    }

    /// 20,000 draws of 3 among 10: each column 6,000 times, give or take five deviations of 65.
    @Test func columnsAreEquallyLikely() {
        var counts = [Int](repeating: 0, count: 10)
        for position in RandomMask.positions(rows: 20_000, columns: 10, count: 60_000, seed: 7, layer: 2) {
            counts[position % 10] += 1
        }
        #expect(counts.allSatisfy { abs($0 - 6000) < 325 }, "\(counts)")
    }

    /// 2⁴⁴ positions, of which 3,000 are held: an array, bit or step for each would not end.
    @Test func nothingGrowsWithTheZeros() {
        let positions = RandomMask.positions(rows: 1 << 20, columns: 1 << 24, count: 3000, seed: 1, layer: 0)
        #expect(positions.count == 3000 && positions.last! > 1 << 43)
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
    }
}

/// Masks of receptive fields, against the formula written a second time.
@Suite struct ReceptiveFieldTests {
    @Test func withoutSpreadTheNearestAreTaken() {
        // Centres 0, 2 and 4 on a ring of six; of two that are as near the first.
        #expect(
            ReceptiveField.positions(rows: 3, columns: 6, count: 6, spread: 0, seed: 1, layer: 0)
                == [0, 1, 6 + 1, 6 + 2, 12 + 3, 12 + 4])
        // By columns where they are fewer: the same, turned.
        #expect(
            ReceptiveField.positions(rows: 6, columns: 3, count: 6, spread: 0, seed: 1, layer: 0)
                == [0, 3, 4, 7, 11, 14])
        #expect(ReceptiveField.positions(rows: 2, columns: 2, count: 0, spread: 0.5, seed: 1, layer: 0).isEmpty)
    }

    @Test func unitsHaveAsManyAsTheyShould() {
        let positions = ReceptiveField.positions(rows: 7, columns: 20, count: 40, spread: 0.3, seed: 3, layer: 2)
        #expect(positions == positions.sorted() && Set(positions).count == 40)
        let counts = (0..<7).map { row in positions.count { $0 / 20 == row } }
        #expect(counts == (0..<7).map { RandomMask.count(ofRow: $0, rows: 7, count: 40) })
    }

    /// The first of one draw comes with its probability; of two, one after the other without the first.
    @Test func distancesCountAsTheFormulaSays() {
        let spread = 0.4, places = 6, draws = 4000
        let alpha = (1 - spread) / spread
        let weights = (0..<places).map { pow(1 + Double(min($0, places - $0)), -alpha) }
        let sum = weights.reduce(0, +)
        var pair = [Double](repeating: 0, count: places)
        for first in 0..<places {
            pair[first] += weights[first] / sum
            for second in 0..<places where second != first {
                pair[second] += weights[first] / sum * weights[second] / (sum - weights[first])
            }
        }
        for (count, wanted) in [(1, weights.map { $0 / sum }), (2, pair)] {
            var found = [Int](repeating: 0, count: places)
            for draw in 0..<draws {
                for place in ReceptiveField.positions(
                    rows: 1, columns: places, count: count, spread: spread, seed: UInt64(draw), layer: 1)
                { found[place] += 1 }
            }
            for (found, share) in zip(found, wanted) {
                let deviation = (Double(draws) * share * (1 - share)).squareRoot()
                #expect(abs(Double(found) - Double(draws) * share) < 4 * deviation)
            }
        }
    }
}
