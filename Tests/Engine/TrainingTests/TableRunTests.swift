import Testing
import Training

/// Tables of embeddings are weights: cut by every method, kept as other layers are.
@Suite struct TableRunTests {
    private func recipe(_ lines: String) throws -> Recipe {
        try RecipeReader.read(
            """
            network: encoder-mini
            data: {path: \(DataSources.samples!)/markers.npz, layout: tokens}
            batch: 64
            stop-after: 6
            checkpoint-every: 3
            validate-every: 6
            audit: true
            optimizer: {name: adam}
            learning-rate: {name: constant, rate: 0.001}
            \(lines)
            """, file: "tables", name: "tables")
    }

    @Test func aTableIsPrunedAndComesBack() throws {
        let folder = TemporaryFolder()
        let recipe = try recipe(
            "method: gradual-magnitude\nschedule: {name: linear, final: 0.6, begin: 0, end: 4, every: 2}")
        try Play(recipe, in: folder("one"), threads: 1, interactive: false).end()
        try Play(recipe, in: folder("two"), threads: 2, interactive: false).end()
        expectSame(folder("one"), folder("two"))
        try Play(recipe, in: folder("stopped"), interactive: false, [.init(4, .stop)]).end()
        try Play(in: folder("stopped"), interactive: false).end()
        expectSame(folder("one"), folder("stopped"))
        let kept = try KeptNetwork.read(folder("one/final.safetensors"))
        let compact = try KeptNetwork.read(folder("one/final.bitmask.safetensors"))
        let table = try #require(kept.layers.first)
        #expect(table.name == "embedding" && table.total == 256 * 64 && table.rows == 256)
        #expect(table.arrays.bias.isEmpty && table.arrays.values.count < 256 * 64)
        #expect(compact.layers == kept.layers)
        let total = kept.layers.reduce(0) { $0 + $1.total }
        #expect(kept.layers.reduce(0) { $0 + $1.arrays.values.count } == total - Int((0.6 * Double(total)).rounded()))
    }

    /// Whole rows of a table are its neurons: tokens that lose their vector.
    @Test func rowsOfATableGoWhole() throws {
        let folder = TemporaryFolder()
        let recipe = try recipe(
            """
            method: one-shot
            schedule: {name: one-shot, final: 0.25, at: 2}
            granularity: neuron
            distribution: {name: by-hand, layers: {embedding: 0.25}}
            """)
        try Play(recipe, in: folder("run"), threads: 2, interactive: false).end()
        let table = try #require(try KeptNetwork.read(folder("run/final.safetensors")).layers.first)
        let indices = try #require(table.arrays.indices)
        #expect(Set(indices.map { $0 / 64 }).count == 192 && indices.count == 192 * 64)
    }
}
