import Graph
import Sparsity
import Testing

/// Layers that stay as they are, and a total that stays while one layer's line moves.
@Suite struct DraftLockTests {
    /// Three layers of four weights: sizes 1 … 4, 5 … 8, 9 … 12.
    private let candidates = Candidates.all(
        (0..<3).map { number in
            LayerState(
                name: "fc\(number + 1)",
                arrays: LayerArrays(
                    indices: nil, values: (1...4).map { Float(4 * number + $0) }, slots: [], bias: [], biasSlots: []),
                total: 4)
        }, removals: [])

    private func keeps(_ draft: Draft) -> [[Bool]] { DraftCut(draft, candidates).layers.map(\.keep) }

    @Test func aLockedLayerStays() {
        let draft = Draft(scope: .global, anchor: .kept(6), locked: ["fc1"])
        // fc1 has four of the six; of the others the two largest stay.
        #expect(
            keeps(draft) == [
                [true, true, true, true], [false, false, false, false], [false, false, true, true],
            ])
        let own = DraftCut(Draft(scope: .layer("fc1"), anchor: .kept(1), locked: ["fc1"]), candidates)
        #expect(own.kept == 12 && own.notice == "locked: it stays as it is")
    }

    @Test func othersGiveWayByTheirSize() {
        // fc3 loses none, fc1 and fc2 lose what is smallest: the total is eight.
        let draft = Draft(scope: .layer("fc3"), anchor: .kept(4), total: 8)
        #expect(
            keeps(draft) == [
                [false, false, false, false], [true, true, true, true], [true, true, true, true],
            ])
        let locked = DraftCut(
            Draft(scope: .layer("fc3"), anchor: .kept(2), locked: ["fc1"], total: 8), candidates)
        #expect(locked.layers.map(\.kept) == [4, 2, 2] && locked.threshold == 11)
        let alone = DraftCut(
            Draft(scope: .layer("fc3"), anchor: .kept(2), locked: ["fc1", "fc2"], total: 8), candidates)
        #expect(alone.layers.map(\.kept) == [4, 4, 2] && alone.notice?.hasPrefix("no other layer") == true)
    }
}
