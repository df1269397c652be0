import Training
import Testing
import Views

@Suite struct HeldMapTests {
    private let query = MapQuery(
        layer: "fc1", quantity: .kept, region: .matrix(rows: 0..<1, columns: 0..<3), cellRows: 1, cellColumns: 3)

    private func state(_ phase: Snapshot.Phase) -> (WorkbenchState, Snapshot) {
        let snapshot = FakePort([FakePort.linear("fc1", 8, 8)], phase: phase).latestSnapshot()!
        var state = WorkbenchState()
        state.observe(snapshot)
        return (state, snapshot)
    }

    private func answer(_ values: [Float]) -> Answer {
        Answer(
            MapAnswer(
                query: query, rows: 1, columns: 3, weightsPerCellRow: 1, weightsPerCellColumn: 1, values: values,
                states: values.map { $0.isNaN ? .notANumber : .value }, p99: 1, step: 1), to: query)
    }

    private func shown(_ state: WorkbenchState) -> [Float] { state.answers.map(query)!.answer.values }

    @Test func aCellMovesWhenItsLevelMovedAndStayed() {
        var (state, _) = state(.training)
        state.receive(answer([0.2, 0.5, 0.5]), to: .map(query))
        state.receive(answer([0.8, 0.6, 0.5001]), to: .map(query))
        #expect(shown(state) == [0.2, 0.5, 0.5], "moved, but not yet stayed")
        state.receive(answer([0.9, 0.5, 0.5]), to: .map(query))
        #expect(shown(state) == [0.9, 0.5, 0.5], "the second went back")
        state.receive(answer([0.9, 0.4, 0.5]), to: .map(query))
        state.receive(answer([0.9, 0.6, 0.5]), to: .map(query))
        #expect(shown(state) == [0.9, 0.5, 0.5], "to the other side is no staying")
    }

    @Test func whatIsNoNumberIsToldAtOnce() {
        var (state, _) = state(.training)
        state.receive(answer([0.2, 0.5, 0.5]), to: .map(query))
        state.receive(answer([.nan, 0.5, 0.5]), to: .map(query))
        #expect(shown(state)[0].isNaN)
        state.receive(answer([0.2, 0.5, 0.5]), to: .map(query))
        #expect(shown(state)[0] == 0.2)
    }

    @Test func atRestAMapIsExact() {
        var (state, snapshot) = state(.training)
        state.receive(answer([0.2, 0.5, 0.5]), to: .map(query))
        state.receive(answer([0.8, 0.5, 0.5]), to: .map(query))
        #expect(shown(state)[0] == 0.2)
        snapshot.phase = .paused
        state.observe(snapshot)
        #expect(shown(state)[0] == 0.8)
        state.receive(answer([0.1, 0.5, 0.5]), to: .map(query))
        #expect(shown(state)[0] == 0.1)
    }

    @Test func aCutShowsAtOnce() {
        var (state, snapshot) = state(.training)
        state.receive(answer([0.2, 0.5, 0.5]), to: .map(query))
        snapshot.undoDepth += 1
        state.observe(snapshot)
        state.receive(answer([0.8, 0.1, 0.5]), to: .map(query))
        #expect(shown(state) == [0.8, 0.1, 0.5])
    }

    @Test func mapsAreAskedLessOftenWhenThereIsNoRoom() {
        var inquiry = Inquiry()
        var (state, _) = state(.training)
        _ = inquiry.next([.map(query)], state.answers, stamp: 1, now: 0)
        let first = answer([0.2, 0.5, 0.5])
        state.receive(first, to: .map(query))
        inquiry.received(first, to: .map(query), now: 0)
        #expect(inquiry.next([.map(query)], state.answers, stamp: 2, now: 1, mapInterval: 4).due == 4)
        #expect(inquiry.next([.map(query)], state.answers, stamp: 2, now: 1).ask == [.map(query)])
    }
}
