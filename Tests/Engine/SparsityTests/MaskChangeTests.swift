import Graph
import Sparsity
import Testing

@Suite struct MaskChangeTests {
    private let held = LayerArrays(
        indices: [1, 3, 4, 7], values: [10, 30, 40, 70], slots: [[1, 3, 4, 7]], bias: [0, 0], biasSlots: [[0, 0]])

    @Test func dropsAndGrows() {
        let change = MaskChange(layer: 0, drop: [3, 7], grow: [.init(0, 5), .init(5)])
        let after = held.applying(change, total: 8)
        #expect(after.indices == [0, 1, 4, 5])
        #expect(after.values == [5, 10, 40, 0])
        #expect(after.slots == [[0, 1, 4, 0]])
    }

    @Test func givesValuesToWhatStays() {
        let after = held.applying(MaskChange(layer: 0, drop: [1], values: [3, 4, 7]), total: 8)
        #expect(after.indices == [3, 4, 7])
        #expect(after.values == [3, 4, 7] && after.slots == [[3, 4, 7]])
    }

    @Test func aMaskOfAllWeightsIsNone() {
        let change = MaskChange(layer: 0, grow: [0, 2, 5, 6].map { MaskChange.Weight($0) })
        let after = held.applying(change, total: 8)
        #expect(after.indices == nil)
        #expect(after.values == [0, 10, 0, 30, 40, 0, 0, 70])
    }

    @Test func whatIsDroppedMayComeBackAtZero() {
        let after = held.applying(MaskChange(layer: 0, drop: [3], grow: [.init(3)]), total: 8)
        #expect(after.indices == [1, 3, 4, 7] && after.values == [10, 0, 40, 70] && after.slots == [[1, 0, 4, 7]])
    }

    @Test func flagsBecomePositions() {
        let layer = LiveWeights(name: "a", rows: 2, columns: 4, indices: [1, 3, 4, 7], values: [1, 2, 3, 4])
        #expect(MaskChange(layer: 2, keep: [true, false, true, false], of: layer)?.drop == [3, 7])
        #expect(MaskChange(layer: 2, keep: [true, true, true, true], of: layer) == nil)
    }
}

/// A journal of an earlier version must be read by a later one.
@Suite struct JournalNameTests {
    @Test func namesOfDecisionsStay() {
        let names: [(Decision, String)] = [
            (.cut(sparsity: 0.5), "cut"), (.shrink(1), "shrink"), (.dropZeros, "dropZeros"), (.change([]), "change"),
            (.densify, "densify"), (.remember, "remember"), (.rewind, "rewind"), (.shrinkGroups(1), "shrinkGroups"),
        ]
        for (decision, name) in names { #expect(decision.name == name) }
    }
}
