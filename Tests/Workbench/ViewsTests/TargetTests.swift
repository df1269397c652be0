import Testing
import Training
import Views

@Suite struct TargetTests {
    @Test(arguments: [
        ("90%", Target.percent(90)), (" 99.5 %", .percent(99.5)), (".062", .threshold(0.062)), ("0.5", .threshold(0.5)),
        ("20x", .compression(20)), ("12000w", .kept(12000)), ("12,000w", .kept(12000)), ("3σ", .deviations(3)),
        ("1.5s", .deviations(1.5)),
    ])
    func reads(text: String, target: Target) throws { #expect(try Target(text) == target) }

    @Test(arguments: ["", "%", "abc", "-3%", "100%", "0.5x", "1.5w", "0w", "90", "1e3w", "nan", "inf%", "3q", "..5"])
    func refuses(text: String) { #expect(throws: Target.Problem.self) { try Target(text) } }

    @Test func anchors() throws {
        #expect(try Target("90%").anchor(total: 266_200, deviation: nil) == .kept(26_620))
        #expect(try Target("20x").anchor(total: 266_200, deviation: nil) == .kept(13_310))
        #expect(try Target("2s").anchor(total: 10, deviation: 0.25) == .threshold(0.5))
        #expect(throws: Target.Problem.self) { try Target("2s").anchor(total: 10, deviation: nil) }
        #expect(throws: Target.Problem.self) { try Target("11w").anchor(total: 10, deviation: nil) }
    }

    @Test func lineStopsCloserWhereItCosts() {
        var stops = [0.0]
        while let last = stops.last, last < 99.5 { stops.append(LineSteps.next(from: last, up: true)) }
        #expect(stops == LineSteps.coarse)
        #expect(LineSteps.next(from: 99.5, up: true) == 99.5)
        #expect(LineSteps.next(from: 82.7, up: false) == 80)
        #expect(LineSteps.next(from: 0, up: false) == 0)
        #expect(LineSteps.fine(from: 80, up: true) == 80.1)
        #expect(LineSteps.fine(from: 80.05, up: false) == 80)
        #expect(LineSteps.fine(from: 99, up: true) == 99.01)
        #expect(LineSteps.fine(from: 99, up: false) == 98.9)
        #expect(LineSteps.fine(from: 99.99, up: true) == 99.99)
    }
}
