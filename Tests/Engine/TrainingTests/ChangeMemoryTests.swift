import Foundation
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

    /// What went and is not back, by bits and as a list, and read again in the middle.
    @Test(arguments: [60, 1 << 40]) func whatWasExploredStays(total: Int) throws {
        var explored = Explored(), ever = Set<Int>(), live = Set(stride(from: 0, to: 60, by: 3))
        for step in 1...8 {
            let drop = live.filter { ($0 * 7 + step) % 4 == 0 }.sorted()
            let grow = (0..<60).filter { !live.contains($0) && ($0 * 5 + step) % 6 == 0 }
            live = live.subtracting(drop).union(grow)
            ever.formUnion(drop)
            explored.change(drop: drop, grow: grow, total: total, nnz: live.count)
            #expect(explored.places == ever.subtracting(live).sorted() && explored.count == explored.places.count)
            let read = try JSONDecoder().decode([Explored].self, from: try JSONEncoder().encode([explored]))
            #expect(read == [explored])
            if step == 4 { explored = read[0] }
        }
        #expect(explored.count > 10)
    }

    @Test(arguments: [#"["gA=="]"#, #"["//////////8B"]"#, #"["BQA="]"#, #"["?"]"#])
    func damagedPlacesAreRefused(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Explored].self, from: Data(text.utf8)) }
    }
}
