import Foundation
import Terminal
import Testing
import Training
import Views

/// Layers by the hundred: the list scrolls, filters and folds, and what is told of the whole network stays exact.
@Suite struct LayerListTests {
    /// 62 blocks of eight layers between an embedding and a head of three: 500.
    static let encoder: FakePort = {
        let parts = [
            "attention.query", "attention.key", "attention.value", "attention.output", "norm1", "ffn.up", "ffn.down",
            "norm2",
        ]
        var layers = [FakePort.linear("embeddings.word", 20, 12, dead: nil)]
        for block in 0..<62 {
            layers += parts.map { FakePort.linear("encoder.layer.\(block).\($0)", 12, 12, dead: 1) }
        }
        layers += ["head.dense", "head/out", "pooler"].map { FakePort.linear($0, 10, 12, dead: nil) }
        return FakePort(layers)
    }()

    static let sizes = [Size(80, 24), Size(120, 40), Size(200, 60)]

    private func bench(_ size: Size, _ view: ViewID = .session) -> Bench {
        Bench(Self.encoder, size.width, size.height, view: view)
    }

    /// The figures of the whole network, wherever they stand in a picture.
    private func global(_ bench: Bench) -> [String] {
        let snapshot = bench.snapshot
        return bench.rows.filter { $0.contains("file ") || $0.contains("│zeros ") || $0.contains("│kept ") }
            + [snapshot.nnz.description, snapshot.weights.description]
    }

    @Test(arguments: sizes) func theListScrollsWithTheSelection(size: Size) {
        var bench = bench(size)
        #expect(bench.snapshot.layers.count == 500)
        #expect(bench.rows.contains { $0.contains(" of 500 ") })
        for _ in 0..<20 { bench.press(.character("j")) }
        #expect(bench.state.layer == "encoder.layer.2.attention.output")
        #expect(bench.rows.contains { $0.contains("▸encoder.layer.2.attention.output") })
        let before = bench.state.layer
        bench.press(.pageDown)
        let page = bench.snapshot.layers.firstIndex { $0.name == bench.state.layer }! - 20
        #expect(page == (size.height == 24 ? 5 : page) && page >= 5, "a page is what is seen")
        bench.press(.pageUp)
        #expect(bench.state.layer == before)
        // With the focus the list has the room of the charts, where those would leave it little.
        let shown = bench.rows.count { $0.contains("encoder.layer.") }
        bench.press(.tab)
        #expect(size.height > 24 || bench.rows.count { $0.contains("encoder.layer.") } > 2 * shown)
        bench.press(.character("G"))
        #expect(bench.state.layer == "pooler")
        #expect(bench.rows.contains { $0.contains("▸pooler") })
    }

    @Test(arguments: sizes) func lettersAndFormsFilter(size: Size) {
        for (typed, count, first) in [
            ("query", 62, "encoder.layer.0.attention.query"), ("*.FFN.*", 124, "encoder.layer.0.ffn.up"),
            ("encoder.layer.1?.norm1", 10, "encoder.layer.10.norm1"), ("head", 2, "head.dense"),
        ] {
            var bench = bench(size)
            let all = global(bench)
            bench.press(.character("/"))
            bench.type(typed)
            #expect(bench.rows[size.height - 2].contains("Esc shows all"))
            bench.press(.enter)
            #expect(bench.state.layer == first)
            #expect(bench.rows.contains { $0.contains("of \(count) ") || $0.contains("\(count) of 500") }, "\(typed)")
            let words = typed.contains("*") || typed.contains("?") ? "like" : "with"
            #expect(bench.rows.contains { $0.contains("layers \(words) “\(typed)”") })
            #expect(bench.rows.last!.hasPrefix(" Esc all layers"))
            #expect(global(bench) == all)
            bench.press(.character("n"))
            #expect(bench.state.layer != first)
            bench.press(.escape)
            #expect(bench.state.filter.isEmpty && bench.rows.contains { $0.contains("of 500 ") })
        }
    }

    @Test func whatNoLayerHasIsSaidAndNothingIsLost() {
        var bench = bench(Size(80, 24))
        bench.press(.character("j"), .character("/"))
        bench.type("conv*")
        bench.press(.enter)
        #expect(bench.rows[22].hasPrefix(" no layer's name is of this form"))
        bench.press(.escape)
        #expect(bench.state.layer == "encoder.layer.0.attention.query" && bench.state.filter.isEmpty)
    }

    @Test(arguments: sizes) func aGroupFoldsToItsSums(size: Size) {
        var bench = bench(size)
        let all = global(bench)
        for _ in 0..<3 { bench.press(.character("j")) }
        let layer = bench.state.layer
        #expect(layer == "encoder.layer.0.attention.value")
        bench.press(.character("f"))
        let members = bench.snapshot.layers.filter { $0.name.hasPrefix("encoder.layer.0.attention.") }
        let kept = members.reduce(0) { $0 + $1.kept }, weights = members.reduce(0) { $0 + $1.weights }
        let row = bench.rows.first { $0.contains("▸encoder.layer.0.attention.*") } ?? ""
        #expect(row.contains("4 layers"))
        #expect(row.contains("\(kept) / ") && row.contains(" \(weights) "))
        #expect(row.contains(" \(Format.percent(1 - Double(kept) / Double(weights))) "))
        #expect(bench.state.layer == layer, "the selection survives")
        #expect(global(bench) == all)
        // The row below is the next layer behind the group; from there back to the group.
        bench.press(.character("j"))
        #expect(bench.state.layer == "encoder.layer.0.norm1")
        bench.press(.character("k"), .character("f"))
        #expect(bench.rows.contains { $0.contains("▸encoder.layer.0.attention.query") })
        // Layer by layer nothing is passed over.
        bench.press(.character("f"), .character("]"))
        #expect(bench.state.layer == "encoder.layer.0.attention.key")
        #expect(bench.rows.contains { $0.contains("▸encoder.layer.0.attention.*") })
    }

    @Test(arguments: sizes) func allGroupsFoldLevelByLevel(size: Size) {
        var bench = bench(size)
        let all = global(bench)
        for (rows, shown) in [(252, "encoder.layer.0.attention.*"), (66, "encoder.layer.0.*"), (5, "encoder.layer.*")] {
            bench.press(.character("{"))
            let text = bench.grid.text
            #expect(text.contains(shown), "\(shown)")
            #expect(text.contains("of \(rows) rows") || text.contains("\(rows) rows, 500 layers"), "\(rows)")
            #expect(global(bench) == all)
        }
        bench.press(.character("{"))
        #expect(bench.grid.text.contains("5 rows, 500 layers"))
        bench.press(.character("}"), .character("}"), .character("}"))
        #expect(bench.state.folded.isEmpty && bench.rows.contains { $0.contains("of 500 ") })
    }

    @Test func aFilterShowsOfAGroupWhatPassesIt() {
        var bench = bench(Size(120, 40))
        bench.press(.character("{"), .character("{"), .character("/"))
        bench.type("key")
        bench.press(.enter)
        // One layer of each group passes: then it is that layer, not a group.
        #expect(bench.grid.text.contains("encoder.layer.3.attention.key"))
        bench.press(.character("/"), .control("u"))
        bench.type("attention")
        bench.press(.enter)
        #expect(bench.rows.contains { $0.contains("encoder.layer.3.*") && $0.contains("4 layers") })
    }

    @Test func foldsSurviveARestart() throws {
        var bench = bench(Size(80, 24))
        bench.press(.character("{"), .character("{"))
        let data = try SavedLayout.encoder.encode(bench.state.saved)
        let restored = try #require(WorkbenchState(restoring: data))
        #expect(restored.folded.count == 186 && restored.saved == bench.state.saved)
    }

    @Test func heatAndThresholdShowTheSameList() {
        var bench = bench(Size(120, 40))
        bench.press(.character("j"), .character("{"), .character("{"), .character("2"))
        #expect(bench.rows.contains { $0.contains("▸encoder.layer.0.*") })
        #expect(bench.grid.text.contains("8 layers, kept"))
        // With the focus on layers `f` and `/` are about these.
        bench.press(.tab, .character("j"), .character("f"))
        #expect(bench.state.layer == "encoder.layer.1.attention.query")
        #expect(bench.grid.text.contains("er.1.attention.*"))
        bench.press(.character("/"))
        bench.type("head")
        bench.press(.enter)
        #expect(bench.state.layer == "head.dense")
        bench.press(.escape, .character("3"), .character("}"))
        #expect(!bench.rows.contains { $0.contains("encoder.layer.0.*") })
        bench.press(.character("{"), .character("g"), .character("j"), .right, .right)
        let row = bench.rows.first { $0.contains("▸encoder.layer.0.*") } ?? ""
        let counts = bench.state.answers.summary!.layers.filter { $0.name.hasPrefix("encoder.layer.0.") }
        let share = 1 - Double(counts.reduce(0) { $0 + $1.keptDraft }) / Double(counts.reduce(0) { $0 + $1.total })
        #expect(row.contains("→ \(Format.percent(share))"), "\(row)")
        // The counts of the draft are of all layers, whatever is listed.
        bench.press(.character("/"))
        bench.type("pooler")
        bench.press(.enter)
        #expect(bench.state.answers.summary!.layers.count == 500)
        #expect(bench.state.answers.histogram!.total == bench.snapshot.layers.last!.weights)
    }

    @Test func aClickChoosesAGroupAndAnotherOpensIt() {
        for view in [ViewID.session, .heat, .threshold] {
            var bench = bench(Size(120, 40), view)
            bench.press(.character("{"), .character("{"))
            let y = bench.rows.firstIndex { $0.contains("encoder.layer.1.*") }!
            let x = bench.rows[y].distance(
                from: bench.rows[y].startIndex, to: bench.rows[y].range(of: "encoder.layer.1.*")!.lowerBound)
            bench.press(.mouse(MouseEvent(x: x, y: y, kind: .press)))
            #expect(bench.state.layer == "encoder.layer.1.attention.query", "\(view)")
            let again = bench.rows.firstIndex { $0.contains("▸encoder.layer.1.*") }!
            bench.press(.mouse(MouseEvent(x: x, y: again, kind: .press)))
            #expect(!bench.grid.text.contains("encoder.layer.1.*"), "\(view)")
        }
    }

    /// A file's names may be anything.
    @Test func oddNamesAreListed() {
        let names =
            ["", ".", "..", "a.", ".a", "a..b", "a..c", "/", "//", "a/b", "a/c", "a/b.c", "é.ü", "é.ö"]
            + [String(repeating: "x.", count: 500) + "y", String(repeating: "x.", count: 500) + "z", "a\u{1B}.b"]
        for size in Self.sizes {
            for view in ViewID.allCases {
                var bench = Bench(
                    FakePort(names.map { FakePort.linear($0, 2, 3) }), size.width, size.height, view: view)
                for key in "jj{{}jf{jjf]]}}kk" { bench.press(.character(key)) }
                bench.press(.tab)
                for key in "fjf{}" { bench.press(.character(key)) }
                #expect(bench.grid.width == size.width)
            }
        }
    }

    /// Where each `*` could take any number of letters a careless match would not end.
    @Test func noFormTakesLong() {
        let port = FakePort([FakePort.linear(String(repeating: "a", count: 5000) + "b", 2, 2)])
        var bench = Bench(port)
        bench.press(.character("/"), .paste(String(repeating: "a*", count: 400) + "c"), .enter)
        #expect(bench.rows[22].hasPrefix(" no layer's name is of this form"))
    }
}
