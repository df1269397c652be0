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
