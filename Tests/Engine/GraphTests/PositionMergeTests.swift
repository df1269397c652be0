import Graph
import Kernels
import Testing

@Suite struct PositionMergeTests {
    @Test func dropsAndGrows() {
        let merge = PositionMerge([1, 3, 4, 7], drop: [3, 7], grow: [0, 5, 9])
        #expect(merge.positions == [0, 1, 4, 5, 9])
        #expect(merge.origins == [-1, 0, 2, -2, -3] && merge.places == [0, 3, 4])
        let nothing = PositionMerge([2], drop: [2], grow: [])
        #expect(nothing.positions.isEmpty && nothing.origins.isEmpty && nothing.places.isEmpty)
    }

    /// Parts that threads merge are the whole.
    @Test(arguments: [1, 2, 3]) func aTeamMergesTheSame(threads: Int) {
        let random = CounterRandom(seed: 4, purpose: .test), places = 60_000
        let kind = (0..<places).map { random.integer(below: 4, $0) }
        let live = (0..<places).filter { kind[$0] < 2 }
        // All of the first places go, and of the last ones all come.
        let drop = live.filter { kind[$0] == 0 || $0 < 9000 }
        let grow = (0..<places).filter { kind[$0] == 2 || kind[$0] == 3 && $0 > 50_000 }
        let merge = PositionMerge(live, drop: drop, grow: grow, team: Team(size: threads))
        let left = Set(live).subtracting(drop)
        #expect(merge.positions == left.union(grow).sorted())
        let placeOf = Dictionary(uniqueKeysWithValues: zip(live, live.indices))
        let numberOf = Dictionary(uniqueKeysWithValues: zip(grow, grow.indices))
        let origins = merge.positions.map { left.contains($0) ? placeOf[$0]! : -1 - numberOf[$0]! }
        #expect(merge.origins.map(Int.init) == origins)
        #expect(merge.places.map { merge.positions[Int($0)] } == grow)
    }
}
