import Sparsity
import Terminal
import Testing
import Training
import Views

/// What the line of Threshold ranks by is chosen by keys.
@Suite struct RankingTests {
    @Test func aCriterionIsTyped() throws {
        var bench = Bench(view: .threshold)
        bench.press(.character("C"))
        #expect(bench.rows[23].hasPrefix(" :criterion"))
        bench.type("wanda")
        bench.press(.enter)
        // Nothing is sent: it is the line's, not the run's.
        #expect(bench.effects.isEmpty && bench.state.threshold.ranking == ["criterion": "{name: wanda}"])
        #expect(bench.grid.text.contains("the line ranks by wanda"))
        #expect(bench.grid.text.contains("wanda of 128"))
        bench.press(.right)
        #expect(bench.state.draft?.ranking == ["criterion": "{name: wanda}"])
        bench.press(.character("V"))
        bench.type("neuron norm=l2")
        bench.press(.enter)
        #expect(bench.state.draft?.ranking?["granularity"] == "{name: neuron, norm: l2}")
        bench.press(.character("D"))
        bench.type("nope")
        bench.press(.enter)
        #expect(bench.grid.text.contains("no distribution “nope”"))
        bench.press(.escape)
        for words in ["criterion magnitude", "granularity weight"] {
            bench.press(.character(":"))
            bench.type(words)
            bench.press(.enter)
        }
        #expect(bench.state.threshold.ranking.isEmpty && bench.state.draft?.ranking == nil)
    }

    private func wanda(_ port: FakePort = Bench.small) -> Bench {
        var bench = Bench(port, view: .threshold)
        bench.press(.character("C"))
        bench.type("wanda")
        bench.press(.enter, .right)
        return bench
    }

    private func asked(_ bench: Bench) -> [RankingQuery] {
        bench.port.asked.compactMap { $0.question as? RankingQuery }
    }

    /// Once for the weights there are at rest; while they move on, what was measured last does, and says its age.
    @Test func itIsMeasuredOnceAndSaysHowOldItIs() {
        let port = Bench.small
        port.edit { $0.phase = .training }
        var bench = wanda(port)
        #expect(asked(bench).count == 1 && asked(bench)[0].weights.step == nil)
        let counts = port.asked.count { $0.kind == .summary }
        port.advance(by: 500)
        bench.settle()
        #expect(asked(bench).count == 1 && port.asked.count { $0.kind == .summary } > counts)
        #expect(bench.rows[1].contains("wanda of 128 of step 5,590"))
        bench.press(.character("p"))
        #expect(asked(bench).count == 2 && !bench.rows[1].contains("of step"))
        // A cut by a person changes what there is to rank.
        bench.press(.character("a"))
        #expect(asked(bench).count == 3)
    }

    @Test func escLeavesWhatTakesLong() {
        var bench = wanda()
        let known = asked(bench)[0]
        func wait(_ query: RankingQuery) {
            var part = RankingAnswer(query: query, step: 5590)
            part.done = 37
            bench.state.receive(Answer(part, to: query), to: .ranking(query))
            bench.state.askedSeconds[.ranking] = 4
        }
        // The first time there is nothing to go back to but size.
        var ranking = known.ranking
        ranking["granularity"] = "{name: neuron}"
        bench.state.threshold.ranking = ranking
        bench.state.drafts = Drafts()
        wait(RankingQuery(ranking, weights: known.weights))
        #expect(bench.rows[22].contains("measuring what the line ranks by: 37 %, 4 s; Esc leaves it"))
        bench.press(.escape)
        #expect(bench.state.view == .threshold && bench.state.threshold.ranking.isEmpty)
        #expect(bench.rows[22].contains("the line ranks single weights by size"))
    }
}
