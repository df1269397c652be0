import Sparsity
import Testing
import Training

/// Since when weights are there, beside a dictionary that says the same.
@Suite struct ChangeMemoryTests {
    @Test func birthsFollowWhatGoesAndComes() {
        var memory = ChangeMemory(), expected: [Int: Int] = [:]
        var live = Set(stride(from: 0, to: 60, by: 3))
        for step in 1...8 {
            let drop = live.filter { ($0 * 7 + step) % 4 == 0 }.sorted()
            live.subtract(drop)
            // What has just gone may come back, as a weight that is new.
            let grow = (0..<60).filter { !live.contains($0) && ($0 * 5 + step) % 6 == 0 }
            live.formUnion(grow)
            memory.note([MaskChange(layer: 2, drop: drop, grow: grow.map { .init($0) })], step: step, event: 0)
            for position in drop { expected[position] = nil }
            for position in grow { expected[position] = step }
            #expect(memory.lost[2] ?? [] == drop && memory.grew[2] ?? [] == grow)
            #expect((0..<60).map { memory.births[2]?[$0] } == (0..<60).map { expected[$0] })
        }
        #expect(!expected.isEmpty && memory.births[0] == nil)
    }
}
