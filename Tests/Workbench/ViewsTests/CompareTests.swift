import Foundation
import Terminal
import Testing
import Training
import Views

@Suite struct CompareTests {
    @Test func noAxisHasFewerThanNoZeros() {
        for (values, zoom) in [([0.0], 0), ([0], 3), ([0, 0.3], 0), ([2, 40], 0), ([98, 99.5], 2)] {
            let range = Cost.zeros.axis(values, zoom: zoom).range
            #expect(range.lowerBound >= 0 && range.upperBound >= values.max()! && range.upperBound > range.lowerBound)
        }
    }

    private func bench(_ width: Int = 80, _ height: Int = 24) -> Bench {
        Bench(FakePort(FakePort.mnist), width, height, view: .compare)
    }

    @Test func theHistoryIsToldWithItsFigures() {
        let bench = bench()
        let text = bench.grid.text
        #expect(bench.rows[1].hasPrefix("┌ accuracy against zeros ─") && bench.rows[1].contains("x: file"))
        #expect(text.contains("history (3)") && text.contains("#0 dense") && text.contains("#1 cut 80 %"))
        #expect(text.contains("▸ #2 +430 steps") && text.contains("◆ now"))
        #expect(text.contains("other runs (2)") && text.contains("a lenet-2") && !text.contains("auc-1"))
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
        for title in ["file", "multiply-adds", "one image", "zeros"] {
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

    @Test func aRunOnOtherDataIsMarkedAndNotDrawn() {
        for pressesKeys in [true, false] {
            var bench = bench()
            #expect(bench.grid.text.contains("≠b digits-1") && bench.grid.text.contains("≠ other data"))
            if pressesKeys {
                bench.press(.tab, .character("G"), .character(" "))
            } else {
                let row = bench.rows.firstIndex { $0.contains("digits-1") }!
                bench.press(.mouse(MouseEvent(x: 70, y: row, kind: .press)))
            }
            #expect(
                bench.grid.text.contains("digits-1 is on other data, not to be compared: 9000 training images, not"))
            #expect(bench.state.compare.shown.isEmpty && !bench.grid.text.contains("✓b"))
        }
        // Chosen while it was another run's name, as a layout that was saved may have it.
        var bench = bench()
        let before = bench.rows
        bench.state.compare.shown = ["digits-1"]
        bench.press(.character("0"))
        #expect(Array(bench.rows[1...10]) == Array(before[1...10]))
    }

    @Test func whatIsNearlyAllOrNearlyNothingIsNotShownAsSuch() {
        #expect(Cost.zeros.text(99.9999) == "99.99" && Cost.zeros.text(0.2) == "1" && Cost.zeros.text(100) == "100.00")
        #expect(FigureFormat.accuracy.number(99.9999) == "99.99" && FigureFormat.accuracy.number(0.0001) == "0.01")
        // A difference is no share.
        #expect(FigureFormat.accuracy.difference(-0.0001) == "−0.00" && FigureFormat.accuracy.difference(3) == "+3.00")
    }

    @Test func oneImageIsTimedWhereItIsAskedFor() {
        var bench = bench(120, 40)
        #expect(!bench.port.asked.contains { $0.kind == .historyTimes })
        bench.press(.character("x"), .character("x"), .character("x"))
        #expect(bench.rows[1].hasPrefix("┌ accuracy against one image ─"))
        // The network itself; of what it was only the counts are known.
        #expect(bench.rows.first { $0.contains("#2 +430") }?.contains("  63.2 µs") == true)
        #expect(bench.rows.first { $0.contains("#0 dense") }?.contains("~276 µs") == true)
        #expect(bench.port.asked.count { $0.kind == .historyTimes } == 1)
    }

    @Test func nothingIsDeletedUnasked() {
        var bench = bench()
        bench.press(.character("d"))
        #expect(bench.effects.isEmpty && bench.rows[22].contains("nothing is saved of #2"))
        bench.press(.character("k"), .character("d"))
        #expect(bench.rows[22].hasPrefix(" Delete the state before #1? Undo ends there then."))
        bench.press(.enter)
        #expect(bench.effects.isEmpty)
        bench.press(.character("d"), .character("y"))
        #expect(bench.effects == [.send(.forget(event: 1))])
        bench.press(.tab, .character(" "), .character("d"))
        #expect(bench.rows[22].hasPrefix(" Delete the run lenet-2 from the disk?"))
        bench.press(.character("y"))
        #expect(bench.effects == [.ask(.deleteRun("lenet-2")), .ask(.runs)] && bench.state.compare.shown.isEmpty)
        #expect(bench.rows[22].contains("lenet-2 is deleted; notes.txt of its folder stay"))
    }

    @Test func theTableIsWrittenAndNothingWrittenOver() throws {
        var bench = bench()
        let folder = NSTemporaryDirectory() + "espalier-compare-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        bench.press(.tab, .character(" "), .character("E"))
        #expect(bench.rows[23].hasPrefix(" write to: runs/lenet-1/compare"))
        bench.press(.escape, .character(":"))
        bench.type("export \(folder)/a,b.csv")
        bench.press(.enter)
        guard case .export(let export)? = bench.effects.last else { fatalError() }
        #expect(export.write() == .written([folder + "/a,b.json", folder + "/a,b.csv"]))
        let csv = try String(contentsOfFile: folder + "/a,b.csv", encoding: .utf8)
        let lines = csv.components(separatedBy: "\r\n")
        #expect(lines[0].hasPrefix("run,event,label,step,accuracy,sparsity,file_bytes"))
        #expect(lines[1].hasPrefix("lenet-1,0,dense,5160,91.02,0.0,") && lines[4].hasPrefix("lenet-2,,,0,91.1,0.0,"))
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder + "/a,b.json")))
        let table = try #require(json as? [String: Any])
        #expect(table["format"] as? String == "espalier-compare-1" && (table["entries"] as? [Any])?.count == 3)
        // What is there is asked about.
        let again = export.write()
        #expect(again == .wouldReplace([folder + "/a,b.json", folder + "/a,b.csv"]))
        bench.state.told(again, of: export)
        #expect(bench.grid.text.contains("Write over "))
        bench.press(.enter)
        #expect(bench.effects.isEmpty)
    }
}
