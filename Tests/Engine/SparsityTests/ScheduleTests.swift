import Descriptors
import Sparsity
import Testing

@Suite struct ScheduleTests {
    @Test func oneShot() throws {
        let schedule = try Schedules.make("one-shot", ["final": .number(0.9), "at": .integer(100)])
        #expect([0, 99, 100, 5000].map(schedule.sparsity) == [0, 0, 0.9, 0.9])
        #expect(updates(schedule) == [100])
    }

    @Test func constant() throws {
        let schedule = try Schedules.make("constant", ["final": .number(0.8)])
        #expect([0, 100].map(schedule.sparsity) == [0.8, 0.8])
        #expect(updates(schedule) == [0])
    }

    @Test func linear() throws {
        let schedule = try Schedules.make(
            "linear",
            [
                "initial": .number(0.25), "final": .number(0.75), "begin": .integer(100), "end": .integer(300),
                "every": .integer(50),
            ])
        #expect(
            [0, 99, 100, 149, 150, 200, 300, .max].map(schedule.sparsity)
                == [0, 0, 0.25, 0.25, 0.375, 0.5, 0.75, 0.75])
        #expect(updates(schedule) == [100, 150, 200, 250, 300])
    }

    @Test func cubic() throws {
        let schedule = try Schedules.make(
            "cubic", ["final": .number(0.8), "begin": .integer(0), "end": .integer(400), "every": .integer(100)])
        // 0.8·(1 − (1 − t/400)³)
        let expected = [0, 0.4625, 0.7, 0.7875, 0.8]
        for (step, value) in zip(stride(from: 0, through: 400, by: 100), expected) {
            #expect(abs(schedule.sparsity(at: step) - value) < 1e-12)
        }
        #expect(schedule.sparsity(at: 400) == 0.8)
        #expect(schedule.sparsity(at: 199) == schedule.sparsity(at: 100))
        #expect(updates(schedule) == [0, 100, 200, 300, 400])
    }

    @Test func cosine() throws {
        let schedule = try Schedules.make(
            "cosine",
            [
                "initial": .number(0.2), "final": .number(0.8), "begin": .integer(100), "end": .integer(500),
                "every": .integer(100),
            ])
        // 0.8 − 0.6 · (1 + cos(π·p)) / 2, for p = 0, 1/4, 1/2, 3/4, 1: cos is 1, √½, 0, −√½, −1.
        let root = 0.5.squareRoot()
        let expected = [0.2, 0.8 - 0.3 * (1 + root), 0.5, 0.8 - 0.3 * (1 - root), 0.8]
        for (step, value) in zip(stride(from: 100, through: 500, by: 100), expected) {
            #expect(abs(schedule.sparsity(at: step) - value) < 1e-12)
        }
        #expect(schedule.sparsity(at: 99) == 0 && schedule.sparsity(at: 100) == 0.2)
        #expect(schedule.sparsity(at: 500) == 0.8 && schedule.sparsity(at: .max) == 0.8)
        #expect(updates(schedule) == [100, 200, 300, 400, 500])
    }

    @Test func exponential() throws {
        let schedule = try Schedules.make(
            "exponential", ["final": .number(0.9375), "end": .integer(40), "every": .integer(10)])
        // Half of what is left, four times.
        for (step, value) in [(0, 0), (10, 0.5), (19, 0.5), (20, 0.75), (30, 0.875), (40, 0.9375)] {
            #expect(abs(schedule.sparsity(at: step) - value) < 1e-12)
        }
        #expect(schedule.sparsity(at: 40) == 0.9375)
        #expect(updates(schedule) == [0, 10, 20, 30, 40])
    }

    @Test func steps() throws {
        let points: [Value] = [
            .points([.init(step: 10, value: 0.5), .init(step: 30, value: 0.8), .init(step: 31, value: 0.9)]),
            .numbersByName(["10": 0.5, "31": 0.9, "30": 0.8]),
        ]
        for points in points {
            let schedule = try Schedules.make("steps", ["points": points])
            #expect([0, 9, 10, 29, 30, 31, 1000].map(schedule.sparsity) == [0, 0, 0.5, 0.5, 0.8, 0.9, 0.9])
            #expect(updates(schedule) == [10, 30, 31] && schedule.lastUpdate == 31 && schedule.final == 0.9)
        }
    }

    @Test func points() throws {
        let schedule = try Schedules.make(
            "points",
            [
                "points": .points([
                    .init(step: 10, value: 0), .init(step: 20, value: 0.5), .init(step: 45, value: 0.75),
                ]),
                "every": .integer(4),
            ])
        // At 10, 14, 18, …; at 20 because it was drawn; at 45 because it is the last.
        #expect(updates(schedule) == [10, 14, 18, 20, 22, 26, 30, 34, 38, 42, 45])
        let expected = [0, 0, 0.2, 0.2, 0.4, 0.5, 0.52, 0.72, 0.75, 0.75]
        for (step, value) in zip([9, 10, 14, 17, 19, 20, 22, 44, 45, 99], expected) {
            #expect(abs(schedule.sparsity(at: step) - value) < 1e-12, "\(step)")
        }
        let one = try Schedules.make("points", ["points": .points([.init(step: 7, value: 0.5)])])
        #expect(updates(one) == [7] && [6, 7, 8].map(one.sparsity) == [0, 0.5, 0.5])
        // Down again is drawn, too.
        let down = try Schedules.make(
            "points", ["points": .points([.init(step: 0, value: 0.8), .init(step: 100, value: 0.4)])])
        #expect(down.final == 0.4 && updates(down) == [0, 100])
    }

    @Test func cyclic() throws {
        func cyclic(end: Int) throws -> any Schedule {
            try Schedules.make(
                "cyclic",
                [
                    "final": .number(0.9), "low": .number(0.1), "begin": .integer(10), "phase": .integer(5),
                    "end": .integer(end),
                ])
        }
        let schedule = try cyclic(end: 27)
        #expect(
            [0, 9, 10, 14, 15, 19, 20, 24, 25, 26, 27, 500].map(schedule.sparsity)
                == [0, 0, 0.9, 0.9, 0.1, 0.1, 0.9, 0.9, 0.1, 0.1, 0.9, 0.9])
        #expect(updates(schedule) == [10, 15, 20, 25, 27] && schedule.lastUpdate == 27)
        // In a sparse phase nothing is left to do at the end; a dense one never begins there.
        #expect(try updates(cyclic(end: 23)) == [10, 15, 20])
        #expect(try updates(cyclic(end: 25)) == [10, 15, 20])
        #expect(try updates(cyclic(end: 30)) == [10, 15, 20, 25, 30])
        #expect(throws: ArgumentError.self) { try cyclic(end: 10) }
    }

    @Test func pointsThatDoNotFitAreRefused() {
        let refused: [Value] = [
            .points([]), .points([.init(step: 5, value: 0.1), .init(step: 5, value: 0.2)]),
            .points([.init(step: 6, value: 0.1), .init(step: 5, value: 0.2)]), .points([.init(step: -1, value: 0.1)]),
            .points([.init(step: 0, value: 1)]), .points([.init(step: 0, value: .nan)]), .numbersByName([:]),
            .numbersByName(["1.5": 0.5]), .numbersByName(["a": 0.5]), .number(0.5), .integers([1, 2]),
        ]
        for name in ["steps", "points"] {
            for value in refused {
                #expect(throws: ArgumentError.self) { try Schedules.make(name, ["points": value]) }
            }
        }
    }

    /// The last update comes at the end and asks for the final figure, whatever `every` is.
    @Test(arguments: ["linear", "cubic", "cosine", "exponential"], [1, 7, 100, 333, 10_000])
    func theFinalFigureIsReached(name: String, every: Int) throws {
        let schedule = try Schedules.make(
            name, ["final": .number(0.9), "begin": .integer(13), "end": .integer(413), "every": .integer(every)])
        let updates = updates(schedule)
        #expect(updates.first == 13 && updates.last == 413)
        #expect(schedule.sparsity(at: 413) == 0.9 && schedule.sparsity(at: 412) < 0.9)
        let targets = updates.map(schedule.sparsity)
        #expect(zip(targets, targets.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func theEndIsAlwaysAnUpdate() throws {
        let schedule = try Schedules.make(
            "cubic", ["final": .number(0.8), "begin": .integer(10), "end": .integer(55), "every": .integer(20)])
        #expect(updates(schedule) == [10, 30, 50, 55])
        let rare = try Schedules.make(
            "linear", ["final": .number(0.8), "begin": .integer(10), "end": .integer(55), "every": .integer(.max)])
        #expect(updates(rare) == [10, 55])
    }

    @Test func refusesWhatDoesNotFit() {
        for name in ["linear", "cubic", "cosine", "exponential"] {
            #expect(throws: ArgumentError.self) {
                try Schedules.make(name, ["final": .number(0.5), "begin": .integer(9), "end": .integer(9)])
            }
            #expect(throws: ArgumentError.self) {
                try Schedules.make(name, ["initial": .number(0.6), "final": .number(0.5), "end": .integer(9)])
            }
            #expect(throws: ArgumentError.self) {
                try Schedules.make(name, ["final": .number(1), "end": .integer(9)])
            }
        }
    }
}

@Suite struct MethodTests {
    @Test func noneDoesNothing() throws {
        let method = try Methods.make("none")
        #expect(try decided(method, cubic()) == [:])
        #expect(try method.nextCut(after: -1, schedule: cubic()) == nil)
    }

    @Test func gradualCutsAtEachUpdate() throws {
        let method = try Methods.make("gradual-magnitude")
        #expect(try decided(method, cubic()).keys.sorted() == [2, 4, 6])
        #expect(try decided(method, cubic())[6] == [.cut(sparsity: 0.5)])
        #expect(try method.nextCut(after: 2, schedule: cubic()) == 4)
        #expect(try method.nextCut(after: 6, schedule: cubic()) == nil)
    }

    @Test func oneShotCutsOnceToTheFinalTarget() throws {
        let method = try Methods.make("one-shot")
        let schedule = try Schedules.make("one-shot", ["final": .number(0.9), "at": .integer(5)])
        #expect(decided(method, schedule) == [5: [.cut(sparsity: 0.9)]])
        #expect(try decided(method, cubic()) == [6: [.cut(sparsity: 0.5)]])
        #expect(try method.nextCut(after: 0, schedule: cubic()) == 6)
    }

    @Test func staticSparseCutsBeforeTheFirstStep() throws {
        let method = try Methods.make("static-sparse")
        #expect(try decided(method, cubic()) == [0: [.cut(sparsity: 0.5)]])
        #expect(try method.nextCut(after: 0, schedule: cubic()) == nil)
    }

    @Test func proximalShrinksAndDrops() throws {
        let method = try Methods.make(
            "proximal-l1",
            ["strength": .number(0.5), "begin": .integer(2), "end": .integer(7), "drop-every": .integer(2)])
        #expect(type(of: method).usesSchedule == false)
        let shrink = Decision.shrink(0.125)
        #expect(
            try decided(method, cubic()) == [
                3: [shrink], 4: [shrink, .dropZeros], 5: [shrink], 6: [shrink, .dropZeros], 7: [shrink, .dropZeros],
            ])
        #expect(try [-1, 2, 4, 6, 7].map { try method.nextCut(after: $0, schedule: cubic()) } == [4, 4, 6, 7, nil])
    }

    @Test func elasticNetDividesToo() throws {
        let method = try Methods.make(
            "proximal-l1", ["strength": .number(0.5), "l2": .number(2), "end": .integer(1)])
        #expect(try decided(method, cubic()) == [1: [.shrink(0.125, divisor: 1.5), .dropZeros]])
    }

    @Test func groupLassoShrinksAndDrops() throws {
        let method = try Methods.make(
            "group-lasso",
            ["strength": .number(0.5), "begin": .integer(2), "end": .integer(5), "drop-every": .integer(2)])
        let shrink = Decision.shrinkGroups(0.125)
        #expect(try decided(method, cubic()) == [3: [shrink], 4: [shrink, .dropZeros], 5: [shrink, .dropZeros]])
    }

    @Test func phasesAlternateAndTheLastIsSparse() throws {
        let method = try Methods.make("ac-dc", ["begin": .integer(1), "phase": .integer(2), "end": .integer(8)])
        let cut = [Decision.cut(sparsity: 0.5)]
        // Dense to 1, sparse to 3, dense to 5, sparse from there: a dense phase from 7 would end after 8.
        #expect(try decided(method, cubic()) == [1: cut, 3: [.densify], 5: cut])
        #expect(
            try [-1, 0, 1, 4, 5, 9].map { try method.nextCut(after: $0, schedule: cubic()) } == [1, 1, 5, 5, nil, nil])
        #expect(try (0...6).map { try method.target(at: $0, schedule: cubic()) } == [0, 0.5, 0.5, 0, 0, 0.5, 0.5])
        #expect(try method.lastCut(cubic()) == 5)
        #expect(throws: ArgumentError.self) {
            try Methods.make("ac-dc", ["begin": .integer(3), "phase": .integer(2), "end": .integer(2)])
        }
    }

    private func cubic() throws -> any Schedule {
        try Schedules.make(
            "cubic", ["final": .number(0.5), "begin": .integer(2), "end": .integer(6), "every": .integer(2)])
    }

    private func decided(_ given: any Sparsity.Method, _ schedule: any Schedule) -> [Int: [Decision]] {
        var decided: [Int: [Decision]] = [:]
        var method = given
        for step in 0...10 {
            let decisions = method.respond(to: context(step, schedule))
            if !decisions.isEmpty { decided[step] = decisions }
        }
        return decided
    }
}

private func context(_ step: Int, _ schedule: any Schedule) -> StepContext {
    StepContext(
        step: step, totalSteps: 10, learningRate: 0.25, schedule: schedule,
        masker: Masker(
            criterion: try! Criteria.make("magnitude"), granularity: try! Granularities.make("weight"),
            distribution: try! Distributions.make("global")), layers: [], nnz: []
    ) { _ in preconditionFailure("no layers") }
}

private func updates(_ schedule: any Schedule) -> [Int] {
    Array(sequence(first: schedule.nextUpdate(after: -1)!) { schedule.nextUpdate(after: $0) })
}
