import Terminal
import Testing
import Training
import Views

@Suite struct CompareTests {
    private func bench(_ width: Int = 80, _ height: Int = 24) -> Bench {
        Bench(FakePort(FakePort.mnist), width, height, view: .compare)
    }

    @Test func theHistoryIsToldWithItsFigures() {
        let bench = bench()
        let text = bench.grid.text
        #expect(bench.rows[1].hasPrefix("┌ accuracy against zeros ─") && bench.rows[1].contains("x: file"))
        #expect(text.contains("history (3)") && text.contains("#0 dense") && text.contains("#1 cut 80 %"))
        #expect(text.contains("▸ #2 +430 steps") && text.contains("◆ now"))
        #expect(text.contains("other runs (1)") && text.contains("a lenet-2") && !text.contains("auc-1"))
        // Of the network as it is: exact, by the kept weights of each layer.
        #expect(bench.rows.first { $0.contains("#2 +430") }?.contains("80.0") == true)
    }

    @Test func whatIsBetterInBothIsTheFront() {
        var bench = bench(120, 40)
        bench.port.edit { snapshot in
            // As many zeros as now, and a worse figure.
            snapshot.history[1].figure = 88
            snapshot.history[2].figure = 90.8
        }
        bench.press(.character("g"))
        #expect(bench.rows.first { $0.contains("#0 dense") }?.contains("● front") == true)
        #expect(bench.rows.first { $0.contains("#1 cut 80 %") }?.contains("  ○") == true)
    }

    @Test func twoMarksShowWhatLiesBetween() {
        var bench = bench()
        bench.press(.enter)
        #expect(bench.rows[22].hasPrefix(" mark two entries first"))
        bench.press(.character("g"), .character(" "), .character("G"), .character(" "))
        #expect(bench.state.compare.marked == [0, 2])
        #expect(bench.rows[22].contains("#0 → #2") && bench.rows[22].contains("file −"))
        bench.press(.enter)
        #expect(bench.grid.text.contains("zeros, #0 → #2") && bench.grid.text.contains("▸fc1"))
        bench.press(.enter, .character(" "))
        #expect(bench.state.compare.marked == [0] && bench.grid.text.contains("history (3)"))
    }

    @Test func goingBackAsksAndSaysWhere() {
        var bench = bench()
        bench.press(.character("R"))
        #expect(bench.effects.isEmpty && bench.grid.text.contains("the network is there already"))
        bench.press(.character("k"), .character("R"))
        #expect(bench.grid.text.contains("no state of #1 was saved"))
        bench.press(.character("k"), .character("R"))
        #expect(bench.rows[22].hasPrefix(" Go back to #0 dense?"))
        bench.press(.enter)
        #expect(bench.effects.isEmpty)
        bench.press(.character("R"), .character("y"))
        #expect(bench.effects == [.send(.undo)])
    }

    @Test func aBranchBeginsAtTheEntry() {
        var bench = bench()
        bench.press(.character("b"))
        #expect(bench.effects == [.send(.branch(undos: 0))])
        bench.press(.character("g"), .character("b"))
        #expect(bench.effects == [.send(.branch(undos: 1))])
    }

    @Test func anotherRunIsDrawnByItsLetter() {
        var bench = bench()
        func letters(_ bench: Bench) -> Int { bench.rows[2..<12].joined().count { $0 == "a" } }
        let before = letters(bench)
        bench.press(.tab, .character(" "))
        #expect(bench.state.compare.shown == ["lenet-2"] && letters(bench) > before)
        bench.press(.character(" "))
        #expect(bench.state.compare.shown == [] && letters(bench) == before)
    }

    @Test func axesGoThroughWhatCosts() {
        var bench = bench(200, 60)
        for title in ["file", "multiply-adds", "zeros"] {
            bench.press(.character("x"))
            #expect(bench.rows[1].hasPrefix("┌ accuracy against \(title) ─"))
        }
        bench.press(.character("m"), .character("+"), .character("+"))
        #expect(bench.rows[1].contains("accuracy against multiply-adds") && bench.state.compare.zoom == 2)
    }

    @Test func aClickChoosesAnEntry() {
        var bench = bench()
        let row = bench.rows.firstIndex { $0.contains("#0 dense") }!
        bench.press(.mouse(MouseEvent(x: 5, y: row, kind: .press)))
        #expect(bench.state.compare.selected == 0)
    }
}
