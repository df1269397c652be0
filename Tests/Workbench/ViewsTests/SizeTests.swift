import Terminal
import Testing
import Training
import Views

/// Bytes, multiply-adds, time and energy by layer: on any screen by `:size`, on a large one beside the curves.
@Suite struct SizeTests {
    private func opened(_ size: Size, _ words: String = "", _ port: FakePort = Bench.small) -> Bench {
        var bench = Bench(port, size.width, size.height, view: .threshold)
        bench.press(.character(":"))
        bench.type("size" + words)
        bench.press(.enter)
        return bench
    }

    @Test(arguments: [Size(80, 24), Size(120, 40), Size(200, 60)]) func itOpensAnywhereAndLeadsBack(size: Size) {
        for key in [Key.escape, .character("q")] {
            var bench = opened(size)
            #expect(bench.state.view == .size && bench.rows[0].contains("[Size]"))
            #expect(bench.rows.last!.contains("q close") && !bench.grid.text.contains("…"))
            bench.press(key)
            #expect(bench.state.view == .threshold && bench.state.prompt == nil && bench.effects.isEmpty)
        }
    }

    @Test func everyFigureIsThereAndTheSmallestIsMarked() {
        let bench = opened(Size(239, 60), "", FakePort(FakePort.mnist))
        let kept = bench.snapshot.layers.map(\.kept)
        for name in FakePort.encodings { #expect(bench.rows[2].contains(name), "\(name)") }
        let row = bench.rows[3]
        #expect(row.hasPrefix("│▸fc1"))
        #expect(row.contains(" 235,200 ") && row.contains(" \(Format.count(kept[0])) "))
        #expect(
            row.contains(" \(Format.count(Double(kept[0]) / 2)) ")
                && row.contains("\(Format.count(4 * kept[0] + 300))*"))
        #expect(row.contains("nm16 ") && row.contains("940,800 "))
        // What refuses a layer has no sum.
        #expect(bench.rows[5].contains(" – ") && bench.rows[6].contains(" – "))
        #expect(bench.rows[6].contains("by layer") && bench.rows[6].contains("266,200"))
        let text = bench.grid.text
        #expect(text.contains("measured on 64 training images") && text.contains("measured here on one thread"))
        #expect(text.contains("Energy of one image, modelled (Horowitz 2014") && text.contains("measured: not yet, e "))
    }

    @Test func whatIsNotKnownIsNeverZero() {
        var bench = Bench(Bench.small, 120, 40, view: .size)
        bench.state.answers = Answers()
        #expect(bench.grid.text.contains("counting…") && bench.grid.text.contains("timing it here…"))
        bench.state.receive(
            Answer(bench.port.sizes, to: SizeQuery(values: "float32", edits: 0)),
            to: Query(SizeQuery(values: "float32", edits: 0)))
        #expect(bench.rows[3].contains("  –") && bench.grid.text.contains("not measured yet"))
        let asked = Query(ImageCostQuery(edits: 0))
        bench.state.receive(Answer(bench.port.costs[0], to: ImageCostQuery(edits: 0)), to: asked)
        #expect(bench.rows[3].contains("  –") && bench.grid.text.contains("counting zero activations…"))
        bench.state.receive(.refused(asked.kind, "too large for this machine"), to: asked)
        #expect(bench.grid.text.contains("One image: not measured, too large for this machine."))
    }

    @Test func columnsScrollAndValuesAreChosen() {
        var bench = opened(Size(80, 24), " int8")
        #expect(bench.state.sizes.values == "int8" && !bench.rows[2].contains("nm16"))
        for _ in 0..<30 { bench.press(.right) }
        #expect(bench.rows[2].contains("nm16") && !bench.rows[2].contains("mult-adds"))
        let last = bench.state.sizes.column
        bench.press(.character("h"))
        #expect(bench.state.sizes.column == last - 1)
        bench.press(.character("v"))
        #expect(bench.state.sizes.values == "codebook4")
        #expect(opened(Size(80, 24), " int9").rows[22].contains("no “int9”: float32 half int8 codebook4"))
    }

    @Test func energyIsMeasuredWhenAskedForAndNotWhileTraining() {
        var bench = opened(Size(120, 40))
        bench.press(.character("e"))
        #expect(bench.state.sizes.measuresEnergy)
        #expect(
            bench.state.wants(bench.snapshot, size: bench.size).contains {
                ($0.question as? ImageCostQuery)?.measuresEnergy == true
            })
        bench.press(.escape)
        #expect(!bench.state.sizes.measuresEnergy)
        bench.port.edit { $0.phase = .training }
        bench.press(.character(":"))
        bench.type("size")
        bench.press(.enter, .character("e"))
        #expect(!bench.state.sizes.measuresEnergy && bench.grid.text.contains("training would be counted too"))
    }

    @Test func theListsRuleHolds() {
        var bench = Bench(LayerListTests.encoder, 80, 24, view: .size)
        #expect(bench.rows[1].contains(" of 500 "))
        bench.press(.character("G"))
        #expect(bench.grid.text.contains("▸pooler"))
        bench.press(.character("/"))
        bench.type("query")
        bench.press(.enter)
        #expect(bench.rows[1].contains("size of layers with “query”") && bench.rows[1].contains(" of 62 "))
        bench.press(.escape, .character("{"))
        #expect(bench.grid.text.contains("encoder.layer.0.attention.*") || bench.grid.text.contains(".attention.*"))
        #expect(bench.rows[1].contains("of 252 rows"))
    }

    /// A cut by hand is counted anew at once, training on is not.
    @Test func aCutAsksAnewAndTrainingDoesNot() {
        var bench = Bench(Bench.small, 200, 60)
        #expect(bench.grid.text.contains("size of layers") && bench.grid.text.contains("mult-adds"))
        let before = bench.state.wants(bench.snapshot, size: bench.size)
        bench.port.edit { $0.step += 100 }
        #expect(bench.state.wants(bench.snapshot, size: bench.size) == before)
        bench.port.edit { $0.cuts.append(CutMark(event: 3, step: 5700, sparsity: 0.9, byHand: true)) }
        #expect(bench.state.wants(bench.snapshot, size: bench.size) != before)
        #expect(!Bench(Bench.small, 120, 40).grid.text.contains("size of layers"))
        let header = bench.rows.first { $0.contains("mult-adds") } ?? ""
        #expect(FakePort.encodings.allSatisfy(header.contains))
    }
}
