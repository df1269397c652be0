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

    @Test func theEndIsAlwaysAnUpdate() throws {
        let schedule = try Schedules.make(
            "cubic", ["final": .number(0.8), "begin": .integer(10), "end": .integer(55), "every": .integer(20)])
        #expect(updates(schedule) == [10, 30, 50, 55])
        let rare = try Schedules.make(
            "linear", ["final": .number(0.8), "begin": .integer(10), "end": .integer(55), "every": .integer(.max)])
        #expect(updates(rare) == [10, 55])
    }

    @Test func refusesWhatDoesNotFit() {
        for name in ["linear", "cubic"] {
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
