import Sparsity
import Testing
import Training

/// Attention heads as a granularity, in a run.
@Suite struct HeadRunTests {
    @Test func theSameHeadsGoFromAllTheirLayers() throws {
        let folder = TemporaryFolder()
        let recipe = try RecipeReader.read(
            """
            network: encoder-mini
            data: {path: \(DataSources.samples!)/markers.npz, layout: tokens}
            batch: 64
            stop-after: 3
            audit: true
            method: one-shot
            schedule: {name: one-shot, final: 0.1, at: 1}
            granularity: head
            """, file: "heads", name: "heads")
        try Play(recipe, in: folder("run"), threads: 2, interactive: false).end()
        let layers = try KeptNetwork.read(folder("run/final.safetensors")).layers
        var cut = 0
        for number in 1...2 {
            var heads: [String: Set<Int>] = [:]
            for (name, isColumn) in [("query", false), ("key", false), ("value", false), ("output", true)] {
                let layer = try #require(layers.first { $0.name == "layer\(number).\(name)" })
                let live = layer.arrays.indices ?? Array(0..<64 * 64)
                let kept = Set(live.map { (isColumn ? $0 % 64 : $0 / 64) / 16 })
                // What is left of a head is all of it.
                #expect(live.count == kept.count * 16 * 64)
                heads[name] = kept
            }
            #expect(Set(heads.values).count == 1)
            cut += 4 - heads["query"]!.count
        }
        // A tenth of all weights, in heads of 4,096.
        let total = try TrainingPlan(recipe).layers.reduce(0) { $0 + $1.total }
        #expect(cut == (total / 10 + 4095) / 4096)
    }

    /// As 'prune --granularity head' and ':granularity head' ask for them.
    @Test func headsAreFoundWhateverTheRecipeCuts() throws {
        let plain = try RecipeReader.read(
            "network: encoder-mini\ndata: {path: \(DataSources.samples!)/markers.npz, layout: tokens}",
            file: "plain", name: "plain")
        let masker = try RecipeReader.read(
            "network: x\ndata: digits\ngranularity: head", file: "head", name: "head"
        ).parts().masker
        try masker.requireReachable(TrainingPlan(plain).layers)
    }

    @Test func aNetworkWithoutHeadsIsRefused() throws {
        let refused = try plan("granularity: head\nmethod: one-shot\nschedule: {name: one-shot, final: 0.5, at: 1}")
        let error = #expect(throws: (any Error).self) { try refused.requireTrainable() }
        #expect("\(try #require(error))".contains("outside attentions"))
    }
}
