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
        #expect(bench.grid.text.contains("measuring…"))
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
}
