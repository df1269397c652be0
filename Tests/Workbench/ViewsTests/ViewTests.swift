import Foundation
import Sparsity
import Terminal
import Testing
import Training
import Views

@Suite struct ViewTests {
    @Test(arguments: [(80, 24), (120, 40), (200, 60), (81, 25), (119, 37), (130, 36), (400, 100), (20, 5), (1, 1)])
    func everySizeIsDrawnWhole(width: Int, height: Int) {
        for view in ViewID.allCases {
            for hasColour in [false, true] {
                var bench = Bench(Bench.small, width, height, view: view)
                bench.press(.right, .character("m"), .tab, .character("+"))
                let grid = Workbench.draw(bench.state, bench.snapshot, size: bench.size, hasColour: hasColour)
                #expect(grid.width == width && grid.height == height)
            }
        }
    }

    @Test func tooSmallIsOneSentenceAndNothingIsLost() {
        var bench = Bench(Bench.small, 80, 24, view: .threshold)
        bench.press(.right)
        let before = bench.grid
        bench.size = Size(40, 5)
        #expect(bench.rows[0] == "espalier needs 80×24, here are 40×5")
        bench.press(.character("a"))
        #expect(bench.effects.isEmpty)
        bench.size = Size(80, 24)
        #expect(bench.grid == before)
    }

    @Test func beforeTheFirstSnapshotNoFigureIsShown() {
        let grid = Workbench.draw(WorkbenchState(), .blank, size: Size(80, 24))
        #expect(grid.text.contains("… PREPARING"))
        #expect(!grid.text.contains("val"))
    }

    @Test func sessionTellsTheNetwork() {
        let bench = Bench(FakePort(FakePort.mnist))
        let rows = bench.rows
        #expect(rows[0] == " [1 Session] 2 Heat  3 Thresh  4 Sched  5 Compare           ‖ PAUSED step 5,590")
        #expect(rows[1] == "┌ accuracy %  dense ·· ─ m: loss speed ┐┌ zeros % ─────────────────────────────┐")
        #expect(rows[14] == "│▸fc1    300×784   45,792 / 235,200    80.5 █████████░░     0   71.3  .029 #1  │")
        #expect(rows[17] == "│ all              53,240 / 266,200    80.0 █████████░░  + 410 biases: kept    │")
        #expect(rows[20] == " val 90.80 ±.8 of 5,000   train 92.46   gap 1.7   loss .231   floor 90.0 ok")
        #expect(rows[21] == " file 248 kB (bitmask + values; dense 1,066 kB)   checkpoint at 5,160")
        #expect(rows[22] == " Next: p trains on; 3 or Enter cuts fc1; K keeps this network; F finishes.")
    }

    /// An error is no percent, its floor is a limit from above, and what a draft changes is told as a share of it.
    @Test func aFigureThatIsNoShareIsTold() {
        let port = FakePort(FakePort.mnist)
        port.edit { snapshot in
            snapshot.figure = FigureFormat(
                name: "error", title: "squared error", unit: "", decimals: nil, isHigherBetter: false, most: nil)
            snapshot.validation = Reading(value: 0.0612, margin: 0.0031, count: 5000, step: 5590)
            (snapshot.denseParent, snapshot.trainFigure) = (nil, 0.052)
            (snapshot.floor, snapshot.floorVerdict) = (0.05, .under)
            for index in snapshot.history.indices { snapshot.history[index].figure = 0.07 - 0.01 * Double(index) }
        }
        var bench = Bench(port)
        #expect(bench.rows[1].hasPrefix("┌ squared error ─") && bench.rows[1].contains("m: loss speed"))
        #expect(
            bench.rows[20] == " val .0612 ±.0031 of 5,000   train .0520   gap .00920   limit 0.05 over")
        bench = Bench(port, 80, 24, view: .threshold)
        bench.press(.right, .right)
        func pane(_ row: Int) -> String { String(bench.rows[row].dropFirst(53)) }
        #expect(pane(10) == "│val    .0612  of 5,000   │")
        #expect(pane(11) == "│ at once .0631 +3.1±1.5% │")
        #expect(pane(13) == "│limit 0.05 untried       │")
        #expect(bench.grid.text.contains("val squared error so far") && bench.grid.text.contains("#1 cut 80 %"))
        bench.press(.character("t"))
        #expect(pane(13) == "│limit 0.05 over          │")
        #expect(
            bench.rows[22].hasPrefix(
                " DRAFT: network untouched. ± 95 %, same 5,000 val samples: .0612 → "))
        bench.press(.character(":"))
        bench.type("floor 250")
        bench.press(.enter)
        #expect(port.commands.last == .setFloor(250))
    }

    @Test func undoTellsItsStepsAndWhatTheyTake() {
        let bench = Bench(FakePort(FakePort.mnist))
        for (depth, bytes, words) in [
            (1, 2_130_000, "undo 1 step, 2.1 of 512 MB"), (12, 34_400_000, "undo 12 steps, 34 of 512 MB"),
        ] {
            var snapshot = bench.snapshot
            (snapshot.undoDepth, snapshot.undoBytes, snapshot.mostUndoBytes) = (depth, bytes, 512_000_000)
            let rows = Workbench.draw(bench.state, snapshot, size: bench.size).text.split(separator: "\n")
            #expect(rows[21] == " file 248 kB (bitmask + values; dense 1,066 kB)   \(words)")
        }
    }

    @Test func headerSaysEachPhase() {
        for (phase, words) in [
            (Snapshot.Phase.training, "▶ TRAINING step 5,590"),
            (.retraining(done: 120, of: 430), "↻ RETRAINING 120/430"),
            (.outOfSteps, "■ OUT OF STEPS"), (.notANumber(layer: "fc2"), "✗ NaN in fc2"), (.finished, "✔ FINISHED"),
        ] {
            let bench = Bench(FakePort(FakePort.mnist, phase: phase))
            #expect(bench.rows[0].contains(words))
        }
        // A long name covers no tab.
        let long = Bench(FakePort(FakePort.mnist, phase: .notANumber(layer: String(repeating: "x", count: 70))))
        #expect(long.rows[0].contains("5 Compare ") && long.rows[0].contains("✗ NaN in xx"), "\(long.rows[0])")
        #expect(long.rows[0].contains("… step "), "\(long.rows[0])")
    }

    @Test func layersAreFound() {
        var bench = Bench()
        bench.press(.character("/"))
        bench.type("c3")
        bench.press(.enter)
        #expect(bench.state.layer == "fc3")
        #expect(bench.grid.text.contains("layers with “c3”"))
        bench.press(.escape)
        #expect(bench.grid.text.contains("3 of 3"))
    }

    @Test func enterOpensTheThresholdOfTheLayer() {
        var bench = Bench()
        bench.press(.character("j"), .enter)
        #expect(bench.state.view == .threshold)
        #expect(bench.rows[1].hasPrefix("┌ fc2 |w|  2,400 "))
    }

    // MARK: Heat

    @Test func heatFoldsAndInspects() {
        var bench = Bench(FakePort(FakePort.mnist), 80, 24, view: .heat)
        bench.press(.character("/"))
        bench.type("178 373")
        bench.press(.enter)
        let rows = bench.rows
        #expect(rows[1].hasPrefix("┌ fc1 300×784  kept  fold 28×28 ─"))
        #expect(rows[1].contains(" 1 cell = 1×2 ┐"))
        #expect(rows[2].hasPrefix("│all 300 outputs, mean       │output 178 "))
        #expect(rows[2].contains("out 178 ← in 373"))
        #expect(rows[3].contains("pixel row 13 col 9"))
        #expect(rows[22].hasPrefix(" share kept: blank 0 · ░ <"))
        bench.press(.character(">"))
        #expect(bench.rows[2].contains("out 179 ← in 373"))
        bench.press(.character("/"))
        bench.type("300 0")
        bench.press(.enter)
        #expect(bench.rows[22].hasPrefix(" outputs are 0 to 299"))
    }

    @Test func zoomEndsAtOneWeightAndZeroShowsAll() {
        var bench = Bench(FakePort(FakePort.mnist), 80, 24, view: .heat)
        bench.press(.character("f"))
        #expect(bench.rows[1].contains("1 cell = 14×19"))
        for _ in 0..<12 { bench.press(.enter) }
        #expect(bench.rows[1].contains("1 cell = 1×1"))
        bench.press(.character("G"))
        #expect(bench.rows[2].contains("out 299 ← in 783"))
        bench.press(.character("0"))
        #expect(bench.rows[1].contains("1 cell = 14×19"))
    }

    @Test func convolutionZoomsByKernels() {
        let port = FakePort([FakePort.convolution("conv2", 64, 32, 5)])
        var bench = Bench(port, 80, 24, view: .heat)
        bench.press(.character("f"))
        var seen: [Int] = []
        for _ in 0..<8 {
            let answer = bench.state.answers.maps.last!.answer
            seen.append(answer.weightsPerCellColumn)
            bench.press(.character("+"))
        }
        #expect(seen.allSatisfy { $0 == 1 || $0 == 5 || $0 % 25 == 0 })
        #expect(seen.contains(25) && seen.contains(5) && seen.last == 1)
    }

    /// Kernels with gaps between them, outputs down and inputs across.
    @Test func convolutionIsDrawnAsItsKernels() {
        let port = FakePort([FakePort.convolution("conv1", 6, 2, 3)], sparsity: 0)
        var bench = Bench(port, 80, 24, view: .heat)
        #expect(bench.rows[1].hasPrefix("┌ conv1 6×2×3×3  kept  kernels ─"))
        #expect(bench.rows[2].hasPrefix("│6 outputs down, 2 inputs across, kernels 3×3"))
        // Three rows of weights, two columns each, then a gap; the cursor is on the first.
        #expect(bench.rows[3].hasPrefix("│██████ ██████ ") && bench.rows[6].hasPrefix("│              "))
        #expect(bench.rows[7].hasPrefix("│██████ ██████ "))
        bench.press(.right, .right, .right, .down, .down, .down)
        #expect(bench.rows[2].contains("out 1 ← in 9") && bench.rows[3].contains("ch 1 ky 0 kx 0"))
        bench.press(.mouse(MouseEvent(x: 1, y: 4, kind: .press)))
        #expect(bench.rows[2].contains("out 0 ← in 3"))
        bench.press(.character("f"))
        #expect(!bench.rows[1].contains("kernels"))
    }

    @Test func gradientOfACutWeightIsNotKnown() {
        var bench = Bench(Bench.small, 80, 24, view: .heat)
        bench.press(.character("m"), .character("m"), .character("m"))
        #expect(bench.rows[1].contains("|gradient|"))
        #expect(bench.grid.text.contains("╱"))
        #expect(bench.rows[22].contains("╱ cut: not known"))
    }

    @Test(arguments: [(1, 1), (1, 10_000), (10_000, 1), (3, 7)])
    func oddShapes(rows: Int, columns: Int) {
        for view in ViewID.allCases {
            var bench = Bench(FakePort([FakePort.linear("odd", rows, columns)]), 80, 24, view: view)
            for key in "jjllJLHhk++-mxG<>g0" { bench.press(.character(key)) }
            bench.press(.enter, .escape)
            #expect(bench.grid.width == 80)
        }
    }

    // MARK: Threshold

    @Test func theLineShowsBothAccuracies() {
        var bench = Bench(FakePort(FakePort.mnist), 80, 24, view: .threshold)
        #expect(bench.rows[22] == " No draft: ← → move the line, e takes a target such as 90%.")
        bench.press(.right, .right)
        #expect(bench.state.draft == Draft(scope: .global, anchor: .kept(26_620)))
        func pane(_ row: Int) -> String { String(bench.rows[row].dropFirst(53)) }
        #expect(pane(4) == "│zeros    80.0 → 90.0 %   │")
        #expect(pane(6) == "│kept   53,240 → 26,620   │")
        #expect(pane(8) == "│file      248 → 141 kB   │")
        #expect(pane(9) == "│1 image  84.0 → 42.0 µs  │")
        #expect(pane(10) == "│val    90.80  of 5,000   │")
        #expect(pane(11) == "│ at once 87.70 −3.1±0.7  │")
        #expect(pane(12) == "│ +100 st t tries it      │")
        #expect(pane(13) == "│floor 90.0 untried       │")
        bench.press(.character("t"))
        #expect(pane(12) == "│ +100 st 89.80 −1.0±0.6  │")
        #expect(pane(13) == "│floor 90.0 unsure        │")
        #expect(bench.rows[22].hasPrefix(" DRAFT: network untouched. ± 95 %, same 5,000 val images: 1"))
        #expect(bench.grid.text.contains("○"))
        bench.press(.character("a"))
        #expect(bench.port.commands == [.cut(Draft(scope: .global, anchor: .kept(26_620)))])
        #expect(bench.state.draft == nil)
        #expect(pane(4) == "│zeros    90.0 %          │")
    }

    @Test func locksGoWithTheDraft() {
        var bench = Bench(FakePort(FakePort.mnist), 120, 40, view: .threshold)
        bench.press(.character(" "), .right)
        #expect(bench.state.draft?.locked == ["fc1"] && bench.state.draft?.total == nil)
        #expect(bench.grid.text.contains("lock 80.5") && bench.grid.text.contains("draft, 1 locked"))
        bench.press(.character("j"), .character("s"), .character("B"), .right)
        #expect(bench.state.draft?.scope == .layer("fc2") && bench.state.draft?.total == 53_240)
        #expect(bench.grid.text.contains("draft, 1 locked, total"))
        bench.press(.character("k"), .character(" "), .character("j"))
        #expect(bench.state.threshold.locked.isEmpty)
    }

    @Test func oldFiguresAreDim() {
        var bench = Bench(FakePort(FakePort.mnist, phase: .training), 80, 24, view: .threshold)
        bench.press(.right)
        #expect(!bench.grid[63, 11].style.dim && !bench.grid[63, 9].style.dim)
        bench.port.edit { $0.step += 1 }
        #expect(bench.grid[63, 11].style.dim && bench.grid[63, 9].style.dim)
    }

    @Test func consecutiveMovesAreOneEntry() {
        var bench = Bench(FakePort(FakePort.mnist), 80, 24, view: .threshold)
        bench.press(.right, .right, .right, .character("e"))
        bench.type("95%")
        bench.press(.enter)
        #expect(bench.state.draft?.anchor == .kept(13_310))
        bench.press(.character("u"))
        #expect(bench.state.draft?.anchor == .kept(21_296))
        bench.press(.character("u"))
        #expect(bench.state.draft == nil)
        bench.press(.control("r"))
        #expect(bench.state.draft?.anchor == .kept(21_296))
        #expect(bench.port.commands.isEmpty)
    }

    @Test func aCutThatIsRefusedLeavesTheDraft() {
        var bench = Bench(Bench.small, 80, 24, view: .threshold)
        bench.press(.right)
        let draft = bench.state.draft
        var snapshot = bench.snapshot
        _ = bench.state.handle(.character("a"), snapshot, size: bench.size)
        #expect(bench.state.draft == nil)
        snapshot.messages.append(Message(kind: .error, text: "not cut: fc3 would lose its last weight", step: 1))
        bench.state.observe(snapshot)
        #expect(bench.state.draft == draft)
        #expect(bench.rows[22] == " ✗ not cut: fc3 would lose its last weight")
    }

    @Test func anErrorStaysUntilAKey() {
        var bench = Bench()
        var snapshot = bench.snapshot
        snapshot.messages.append(Message(kind: .error, text: "not saved: the disk is full", step: 1))
        bench.state.observe(snapshot)
        snapshot.messages.append(Message(kind: .warning, text: "something else", step: 2))
        bench.state.observe(snapshot)
        #expect(bench.rows[22] == " ✗ not saved: the disk is full")
        #expect(bench.grid[1, 22].style == Style(.bad, bold: true))
        bench.press(.mouse(MouseEvent(x: 40, y: 12, kind: .drag)))
        #expect(bench.rows[22] == " ✗ not saved: the disk is full")
        bench.press(.character("m"))
        #expect(bench.rows[22].hasPrefix(" Next:"))
    }

    @Test func speedStandsDimWhileNothingTrains() {
        var bench = Bench()
        bench.port.edit { $0.samplesPerSecond = nil }
        #expect(bench.rows[19].contains("13.4k img/s (dense 8.8k)"))
        let column = bench.rows[19].distance(
            from: bench.rows[19].startIndex, to: bench.rows[19].range(of: "img/s")!.lowerBound)
        #expect(bench.grid[column, 19].style.dim)
        bench.press(.character("p"))
        #expect(!bench.grid[column, 19].style.dim)
    }

    /// The machine may have been freer then.
    @Test func theSpeedOfTheDenseNetworkIsDimWhenItIsOld() {
        var bench = Bench()
        bench.press(.character("p"))
        for (age, isDim) in [(nil, false), (29.0, false), (31.0, true)] as [(Double?, Bool)] {
            bench.port.edit { $0.denseSpeedAgeSeconds = age }
            let row = bench.rows[19]
            func isDimAt(_ text: String) -> Bool {
                bench.grid[row.distance(from: row.startIndex, to: row.range(of: text)!.lowerBound), 19].style.dim
            }
            #expect(isDimAt("dense") == isDim && !isDimAt("img/s"), "\(age ?? -1)")
        }
    }

    /// One word, or one for each pass, by its first letter where there is no room.
    @Test func theKernelsThatRunAreShownByPass() {
        var bench = Bench(Bench.small, 200, 60)
        bench.port.edit { snapshot in
            snapshot.layers[0].kernel = "sparse"
            snapshot.layers[1].kernel = "dense/–/sparse"
        }
        // Of the layers' pane, for other panes name layers too.
        func row(_ shape: String) -> String { bench.rows.first { $0.contains(shape) && $0.contains(" / ") } ?? "" }
        #expect(row("60×64").contains("  sparse") && row("40×60").contains("  dense/–/sparse"), "\(bench.rows)")
        bench.size = Size(120, 40)
        #expect(!row("40×60").contains("dense/–"), "whole or not at all")
    }

    @Test(arguments: [
        (ViewID.session, "step 5,590, val 90.80 % ±0.8 of 5,000 images"), (.heat, "fc1 out 0 in 0: "),
        (.threshold, "80.0 % zeros, "),
    ])
    func whatIsSelectedIsCopied(view: ViewID, beginning: String) {
        var bench = Bench(Bench.small, view: view)
        bench.press(.character("y"))
        #expect(bench.effects.isEmpty, "no clipboard")
        #expect(bench.grid.text.contains("⚠ not copied, the terminal takes no copies: \(beginning.prefix(8))"))
        bench.options.canCopy = true
        bench.press(.character("y"))
        guard case .copy(let text)? = bench.effects.first else {
            Issue.record("nothing copied")
            return
        }
        #expect(text.hasPrefix(beginning))
        #expect(Help.rows(for: view).contains { $0.keys == "y" })
    }

    @Test func aWrongTargetStaysInThePrompt() {
        var bench = Bench(Bench.small, 80, 24, view: .threshold)
        bench.press(.character("e"))
        bench.type("lots")
        bench.press(.enter)
        #expect(bench.rows[22].hasPrefix(" “lots” is no target"))
        #expect(bench.rows[23].hasPrefix(" zeros: lots"))
    }

    @Test func scopeKeepsItsOwnDraft() {
        var bench = Bench(Bench.small, 80, 24, view: .threshold)
        bench.press(.right, .character("s"))
        #expect(bench.state.draft == nil)
        bench.press(.right, .character("j"))
        #expect(bench.state.draft == nil)
        bench.press(.character("k"))
        #expect(bench.state.draft?.scope == .layer("fc1"))
        bench.press(.character("s"))
        #expect(bench.state.draft?.scope == .global)
    }

    @Test func draggingMovesTheLine() {
        var bench = Bench(Bench.small, 80, 24, view: .threshold)
        bench.press(.mouse(MouseEvent(x: 30, y: 6, kind: .press)))
        guard case .threshold = bench.state.draft?.anchor else {
            Issue.record("no threshold")
            return
        }
        #expect(bench.grid.text.contains("┃"))
    }

    // MARK: The rest

    @Test func layoutSurvives() throws {
        var bench = Bench(Bench.small, 80, 24, view: .threshold)
        bench.press(.right, .character("m"), .character("x"))
        let data = try JSONEncoder().encode(bench.state.saved)
        let restored = try #require(WorkbenchState(restoring: data))
        #expect(restored.saved == bench.state.saved)
        #expect(restored.draft == bench.state.draft)
        #expect(WorkbenchState(restoring: Data("{}".utf8)) == nil)
    }

    @Test func nothingIsAskedWhileNothingChanges() {
        var bench = Bench(Bench.small, 120, 40, view: .heat)
        let turn = bench.inquiry.next(
            bench.state.wants(bench.snapshot, size: bench.size), bench.state.answers,
            stamp: bench.snapshot.weightsStamp, now: 1e6)
        #expect(turn.ask.isEmpty && turn.cancel.isEmpty && turn.due == nil)
    }

    @Test func renderAsksWaitsAndDraws() {
        for view in ViewID.allCases {
            let grid = Workbench.render(view, size: Size(120, 40), port: Bench.small)
            #expect(grid.text.contains("‖ PAUSED"))
            #expect(!grid.text.contains("│…"))
        }
    }
}
