import Testing
import Training
import Views

@Suite struct TargetTests {
    @Test(arguments: [
        ("90%", Target.percent(90)), (" 99.5 %", .percent(99.5)), (".062", .threshold(0.062)), ("0.5", .threshold(0.5)),
        ("20x", .compression(20)), ("12000w", .kept(12000)), ("12000 w", .kept(12000)), ("1.", .threshold(1)),
        ("3σ", .deviations(3)),
        ("1.5s", .deviations(1.5)),
    ])
    func reads(text: String, target: Target) throws { #expect(try Target(text) == target) }

    @Test(arguments: [
        "", "%", "abc", "-3%", "100%", "0.5x", "1.5w", "0w", "90", "1e3w", "nan", "inf%", "3q", "..5", "2 5x", "0x10",
        "+5%", "5_0%", "٥%",
    ])
    func refuses(text: String) { #expect(throws: Target.Problem.self) { try Target(text) } }

    /// What is larger than any number is refused, and never becomes a draft that cannot be kept.
    @Test(arguments: [40, 400], ["", ".", "%", "x", "w", "s", "σ"])
    func noTargetIsInfinite(digits: Int, unit: String) {
        let typed = "1" + String(repeating: "0", count: digits) + unit
        if let anchor = try? Target(typed).anchor(total: 1000, deviation: 10) {
            #expect(digits == 40 && unit == "x" && anchor == .kept(1), "\(anchor)")
        }
        var bench = Bench(view: .threshold)
        bench.press(.character("e"))
        bench.type(typed)
        bench.press(.enter)
        #expect(bench.state.draft == nil || digits == 40 && unit == "x")
    }

    /// To one reader `2,5` is 2.5, to another 25: it is asked, not guessed.
    @Test(arguments: [
        ("2,5x", "“2.5x” or “25x”"), ("12,000w", "“12.000w” or “12000w”"), ("99,5%", "“99.5%” or “995%”"),
        (",062", "“.062” or “062”"), ("1,5s", "“1.5s” or “15s”"), ("90,%", "“90.%” or “90%”"),
    ])
    func aCommaIsRefused(text: String, words: String) {
        let problem = #expect(throws: Target.Problem.self) { try Target(text) }
        #expect(problem?.sentence == "a comma is not read: \(words)?")
    }

    @Test func aCommaIsRefusedWhereverANumberIsTyped() {
        for (view, command) in [
            (ViewID.session, "floor 88,5"), (.session, "floor 1,0%"), (.threshold, "target 2,5x"),
            (.heat, "goto 1,2 3"),
            (.heat, "goto 1,2"), (.heat, "goto fc2 1,2 3"),
        ] {
            var bench = Bench(view: view)
            bench.press(.character(":"))
            bench.type(command)
            bench.press(.enter)
            #expect(bench.effects.isEmpty, "\(command)")
            #expect(bench.rows[22].hasPrefix(" a comma is not read: "), "\(command): \(bench.rows[22])")
        }
        var bench = Bench()
        bench.port.edit { $0.phase = .outOfSteps }
        bench.press(.character(":"))
        bench.type("train 1,000")
        bench.press(.enter)
        #expect(bench.effects.isEmpty)
        #expect(bench.rows[22].hasPrefix(" a comma is not read: “1.000” or “1000”?"), "\(bench.rows[22])")
    }

    @Test func anchors() throws {
        #expect(try Target("90%").anchor(total: 266_200, deviation: nil) == .kept(26_620))
        #expect(try Target("20x").anchor(total: 266_200, deviation: nil) == .kept(13_310))
        #expect(try Target("2s").anchor(total: 10, deviation: 0.25) == .threshold(0.5))
        #expect(throws: Target.Problem.self) { try Target("2s").anchor(total: 10, deviation: nil) }
        #expect(throws: Target.Problem.self) {
            try Target("9" + String(repeating: "0", count: 37) + "s").anchor(total: 10, deviation: 90)
        }
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

    /// From one end to the other and back, in scopes of any size: no key may leave the line where it was.
    @Test(arguments: [2, 3, 72, 728, 1_000, 11_900, 266_200]) func theLineNeverStandsStill(total: Int) {
        let steps: [(Bool, (Double) -> Double)] = [true, false].flatMap { up in
            [(up, { LineSteps.next(from: $0, up: up) }), (up, { LineSteps.fine(from: $0, up: up) })]
        }
        for (up, step) in steps {
            var kept = up ? total : 1
            while true {
                let percent = 100 * (1 - Double(kept) / Double(total))
                let next = LineSteps.kept(from: percent, of: total, step)
                if next == kept { break }
                #expect(up ? next < kept : next > kept)
                guard up ? next < kept : next > kept else { break }
                kept = next
            }
            // Up to the last stop that leaves a weight, down to all of them.
            #expect(up ? Double(kept) <= 0.005 * Double(total) + 1 : kept == total, "\(total), up \(up)")
        }
    }
}
