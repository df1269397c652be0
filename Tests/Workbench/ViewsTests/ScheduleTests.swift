import Terminal
import Testing
import Training
import Views

@Suite struct ScheduleTests {
    /// In the middle of a schedule: two of its points are over.
    private func bench(_ width: Int = 80, _ height: Int = 24) -> Bench {
        let port = FakePort(FakePort.mnist)
        port.edit { snapshot in
            (snapshot.step, snapshot.totalSteps, snapshot.method) = (3100, 6000, "gradual-magnitude")
            snapshot.curve = stride(from: 0, through: 3100, by: 50).map { step in
                var point = FakePort.point(step, 0)
                point.scheduledSparsity = max(0, min(0.6, Double(step - 1000) * 0.0003))
                return point
            }
            let points = [(1000, 0), (3000, 0.6), (4500, 0.85), (5500, 0.9)].map {
                SchedulePoint(step: $0.0, sparsity: $0.1)
            }
            snapshot.schedule = ScheduleStatus(name: "cubic", isDrawn: false, points: points, curve: points, every: 100)
        }
        var bench = Bench(port, width, height, view: .schedule)
        bench.state.observe(bench.snapshot)
        bench.settle()
        return bench
    }

    @Test func theTargetIsDrawnAndItsPointsAreListed() {
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            let bench = bench(width, height)
            let text = bench.grid.text
            #expect(bench.rows[1].hasPrefix("┌ zeros %  ─ target  ┄ now") && bench.rows[1].contains("cubic ┊ now"))
            #expect(text.contains("▸①     1,000     0.0 %  over") && text.contains(" ④     5,500    90.0 %"))
            #expect(text.contains("zeros 90.0 %   kept 26,620") && text.contains("500 steps follow the last point"))
            #expect(text.contains("masks change every 100 steps"))
            #expect(bench.rows[height - 2].hasPrefix(" cubic, of the recipe."))
        }
        #expect(bench(120, 40).grid.text.contains("zeros by layer"))
    }

    @Test func whatIsOverIsLocked() {
        var bench = bench()
        for key in [Key.left, .character("k"), .character("d")] {
            bench.press(key)
            #expect(bench.rows[22].contains("what is over is locked"))
        }
        #expect(bench.state.schedule.draft == nil)
        bench.press(.character("e"))
        bench.type("4000")
        bench.press(.enter)
        #expect(bench.rows[22].contains("what is over is locked"))
    }

    @Test func pointsAheadAreMovedAndApplied() {
        var bench = bench()
        bench.press(.character("]"), .character("]"), .right, .character("k"))
        #expect(bench.state.schedule.draft?[2] == SchedulePoint(step: 4600, sparsity: 0.9))
        #expect(
            bench.rows[22].hasPrefix(" DRAFT: the run follows the old line until a.") && bench.rows[1].contains("draft")
        )
        #expect(bench.port.commands.isEmpty)
        bench.press(.character("a"))
        // The line goes on from where the schedule stands.
        #expect(
            bench.port.commands == [
                .choose(
                    part: "schedule",
                    value:
                        "{name: points, points: [[1000, 0.0], [3000, 0.6], [3100, 0.6], [4600, 0.9], [5500, 0.9]], every: 100}"
                )
            ])
        // The point that was moved is the fourth now, and stays held.
        #expect(bench.state.schedule.draft == nil && bench.state.schedule.point == 3)
    }

    @Test func whatWasDrawnForStepsThatWentByIsNotThePast() {
        var bench = bench()
        bench.press(.character("]"), .character("]"), .left, .character("k"))
        #expect(bench.state.schedule.draft?[2] == SchedulePoint(step: 4400, sparsity: 0.9))
        // Training goes on by the old line, past the point.
        bench.port.edit { $0.step = 4450 }
        bench.state.observe(bench.snapshot)
        bench.settle()
        bench.press(.character("a"))
        guard case .choose(_, let value)? = bench.port.commands.last else { fatalError() }
        #expect(value.hasPrefix("{name: points, points: [[1000, 0.0], [3000, 0.6], [4450, 0.6], [5500, 0.9]]"))
    }

    @Test func aPointStaysBetweenItsNeighbours() {
        var bench = bench()
        bench.press(.character("G"), .character("["))
        for _ in 0..<40 { bench.press(.left) }
        #expect(bench.state.schedule.draft?[2].step == 3101)
        bench.press(.character("r"))
        #expect(bench.state.schedule.draft == nil)
        bench.press(.shiftRight, .shiftUp)
        #expect(bench.state.schedule.draft?[2] == SchedulePoint(step: 4501, sparsity: 0.851))
    }

    @Test func pointsAreTyped() {
        var bench = bench()
        bench.press(.character("G"), .character("e"))
        bench.type("5800 92.5%")
        bench.press(.enter)
        #expect(bench.state.schedule.draft?.last == SchedulePoint(step: 5800, sparsity: 0.925))
        for (typed, problem) in [
            ("2000", "between its neighbours and ahead of now: steps 4,501 to any"), ("4,9", "a comma is not read"),
            ("lots", "steps are a whole number"), ("100%", "zeros are 0 to 99.99 %"), ("1 2 3", "step and zeros"),
        ] {
            bench.press(.character("e"))
            bench.type(typed)
            bench.press(.enter)
            #expect(bench.rows[22].contains(problem), "\(typed)")
            bench.press(.escape)
        }
    }

    @Test func pointsComeAndGo() {
        var bench = bench()
        bench.press(.character("]"), .character("]"), .character("i"))
        #expect(bench.state.schedule.draft?.count == 5 && bench.state.schedule.point == 3)
        #expect(bench.state.schedule.draft?[3] == SchedulePoint(step: 5000, sparsity: 0.875))
        bench.press(.character("d"), .character("d"), .character("d"))
        // One ahead stays.
        #expect(bench.state.schedule.draft?.map(\.step) == [1000, 3000, 4500])
        #expect(bench.rows[22].contains("the last point ahead stays"))
    }

    @Test func presetsBeginWhereTheScheduleStands() {
        var bench = bench()
        bench.press(.character("P"))
        #expect(
            bench.state.schedule.draft?.map(\.step) == [1000, 3000, 3101, 5500]
                && bench.state.schedule.draft?.last?.sparsity == 0.9)
        bench.press(.character("P"))
        #expect(bench.state.schedule.draft?.count == 9 && bench.grid.text.contains("cubic from here on"))
        bench.press(.character("P"), .character("P"), .character("P"))
        #expect(bench.state.schedule.draft?.last?.sparsity == 0.6)
    }

    @Test func aPointIsDragged() {
        var bench = bench()
        var place: (x: Int, y: Int)?
        for y in 2..<14 {
            for x in 0..<80 where bench.grid[x, y].glyph == "③" { place = (x, y) }
        }
        guard let place else {
            Issue.record("no point to drag")
            return
        }
        bench.press(.mouse(MouseEvent(x: place.x, y: place.y, kind: .press)))
        #expect(bench.state.schedule.point == 2 && bench.state.schedule.draft == nil)
        bench.press(.mouse(MouseEvent(x: place.x - 3, y: place.y + 2, kind: .drag)))
        let moved = bench.state.schedule.draft?[2]
        #expect(moved.map { $0.step < 4500 && $0.sparsity < 0.85 } == true)
    }

    @Test func withoutAScheduleItSaysSo() {
        var bench = Bench(FakePort(FakePort.mnist), view: .schedule)
        bench.press(.right, .character("i"), .character("P"), .character("a"))
        #expect(bench.effects.isEmpty && bench.grid.text.contains("follows no schedule"))
    }

    @Test func draftsSurvive() throws {
        var bench = bench()
        bench.press(.character("G"), .character("j"))
        let data = try SavedLayout.encoder.encode(bench.state.saved)
        #expect(WorkbenchState(restoring: data)?.schedule.draft == bench.state.schedule.draft)
    }

    @Test func aCurveIsToldByItsCorners() {
        let curve = stride(from: 0, through: 100, by: 10).map {
            SchedulePoint(step: $0, sparsity: $0 < 50 ? 0.01 * Double($0) : 0.5)
        }
        #expect(SchedulePoint.corners(of: curve, within: 1e-9).map(\.step) == [0, 50, 100])
        #expect(SchedulePoint.corners(of: [], within: 0.1).isEmpty)
    }
}
