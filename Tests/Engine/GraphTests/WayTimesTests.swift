import Graph
import Testing

/// Which way of answering is chosen by the times that both took.
@Suite struct WayTimesTests {
    @Test(arguments: AnswerWay.allCases) func theFasterOneIsChosen(faster: AnswerWay) {
        var times = WayTimes()
        var tried: [AnswerWay: Int] = [:]
        for _ in 0..<Answering.callsToChoose {
            let way = times.next
            tried[way, default: 0] += 1
            times.took(way == faster ? 1 : 2, way)
        }
        #expect(times.chosen == faster)
        #expect(AnswerWay.allCases.allSatisfy { tried[$0] ?? 0 >= 3 }, "both were tried")
    }

    /// One call beside another process decides nothing.
    @Test func aSlowCallDoesNotDecide() {
        var times = WayTimes()
        for call in 0..<200 {
            let way = times.next
            times.took(way == .images ? (call % 7 == 1 ? 9 : 1) : 2, way)
        }
        #expect(times.chosen == .images)
    }

    /// The other way is looked at again, and taken where it has become the faster one.
    @Test func whatHasChangedIsSeen() {
        var times = WayTimes()
        for _ in 0..<20 {
            let way = times.next
            times.took(way == .panels ? 1 : 2, way)
        }
        #expect(times.chosen == .panels)
        for _ in 0..<300 {
            let way = times.next
            times.took(way == .panels ? 5 : 2, way)
        }
        #expect(times.chosen == .images)
    }
}
