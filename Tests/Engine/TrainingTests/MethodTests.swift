import Graph
import Testing
import Training

/// Each method from the first step to the last, audited, on the digits: the sparsity reached is the one asked for.
@Suite struct MethodTests {
    private static let residual = """
        [{operator: flatten}, {name: stem, operator: linear, outputs: 16}, {name: r, operator: relu},
         {name: branch, operator: linear, outputs: 16, input: r}, {name: sum, operator: add, input: [r, branch]},
         {name: out, operator: linear, outputs: 10}]
        """

    private func train(_ lines: String, network: String = "mlp-64-24-16-10") throws -> (kept: [Int], play: Play) {
        let folder = TemporaryFolder()
        let play = try Play(digits(lines, network: network), in: folder("run"), threads: 2, interactive: false)
        play.folder = folder
        let ending = try play.end()
        guard case .finished(let test) = ending else {
            Issue.record("\(ending)")
            return ([], play)
        }
        #expect(test.count == 360)
        let layers = try KeptNetwork.read(play.run.final).layers
        return (layers.map { $0.arrays.values.count }, play)
    }

    @Test func oneShotCutsOnceAndFineTunes() throws {
        let (kept, play) = try train("method: one-shot\nschedule: {name: one-shot, final: 0.9, at: 30}")
        #expect(kept.reduce(0, +) == 208)
        #expect(play.metrics.filter { $0.step < 30 }.allSatisfy { $0.nnz == 2080 })
        #expect(play.metrics.filter { $0.step >= 30 }.allSatisfy { $0.nnz == 208 })
    }

    @Test func gradualFollowsItsScheduleToTheWeight() throws {
        let (_, play) = try train(
            "method: gradual-magnitude\nschedule: {name: linear, final: 0.8, begin: 10, end: 50, every: 10}")
        for (step, sparsity) in [(9, 0), (10, 0), (20, 0.2), (29, 0.2), (30, 0.4), (40, 0.6), (50, 0.8), (60, 0.8)] {
            let line = try #require(play.metrics.first { $0.step == step })
            #expect(line.nnz == 2080 - Int((sparsity * 2080).rounded()), "step \(step)")
        }
    }

    @Test func proximalL1ReachesZerosAndDropsThem() throws {
        let (kept, play) = try train("method: {name: proximal-l1, strength: 0.1, begin: 10, end: 55, drop-every: 15}")
        #expect(kept.reduce(0, +) < 1800 && kept.allSatisfy { $0 > 0 })
        #expect(play.metrics.first { $0.step == 24 }?.nnz == 2080)
        #expect(try #require(play.metrics.first { $0.step == 25 }).nnz < 2080)
        // Weights that were dropped were zeros: the last drop left none behind.
        let final = try KeptNetwork.read(play.run.final)
        #expect(final.layers.allSatisfy { $0.arrays.indices != nil })
    }

    @Test func staticSparseKeepsOneMask() throws {
        let (kept, play) = try train("method: static-sparse\nschedule: {name: constant, final: 0.75}")
        #expect(kept.reduce(0, +) == 520)
        #expect(play.metrics.allSatisfy { $0.nnz == 520 })
    }

    /// A mask that is drawn takes nothing away: there is no file of cut weights, and nothing that could come back.
    @Test(arguments: [("global", 520), ("uniform", 520), ("{name: by-hand, layers: {fc2: 0.9}}", 1536 + 38 + 160)])
    func staticSparseWithARandomMaskIsNeverDense(distribution: String, count: Int) throws {
        let (kept, play) = try train(
            "method: static-sparse\nschedule: {name: constant, final: 0.75}\ncriterion: random\n"
                + "distribution: \(distribution)")
        #expect(kept.reduce(0, +) == count)
        #expect(play.metrics.allSatisfy { $0.nnz == count })
        #expect(play.session.latestSnapshot()?.history.first?.label == "sparse")
        #expect(contents(play.run.path + "/checkpoints/cut-1.safetensors") == nil)
        #expect(try #require(play.metrics.last?.testFigure) > 20)
    }

    @Test func theRandomControlReachesTheSameCount() throws {
        let lines = "method: gradual-magnitude\nschedule: {name: cubic, final: 0.7, begin: 5, end: 40, every: 5}\n"
        let random = try train(lines + "criterion: random"), magnitude = try train(lines)
        #expect(random.kept.reduce(0, +) == 624 && magnitude.kept.reduce(0, +) == 624)
        let weights = try [random.play, magnitude.play].map { play in
            try KeptNetwork.read(play.run.final).layers.flatMap { $0.arrays.values }.reduce(Float(0)) { $0 + abs($1) }
        }
        #expect(weights[0] < weights[1])
    }

    @Test func wholeNeuronsGo() throws {
        let (_, play) = try train(
            """
            method: gradual-magnitude
            granularity: {name: neuron, norm: l2}
            schedule: {name: linear, final: 0.5, begin: 10, end: 40, every: 10}
            """)
        let layers = try KeptNetwork.read(play.run.final).layers
        for (layer, columns) in zip(layers, [64, 24, 16]) {
            let rows = Dictionary(grouping: layer.arrays.indices ?? Array(0..<layer.total)) { $0 / columns }
            #expect(rows.values.allSatisfy { $0.count == columns }, "\(layer.name)")
        }
        // The classes stay; the target is passed by less than one neuron of 64.
        #expect(layers[2].arrays.values.count == 160)
        let kept = layers.reduce(0) { $0 + $1.arrays.values.count }
        #expect(kept <= 1040 && kept > 1040 - 64)
    }

    @Test func aLayerWithAWayAroundItMayGoWhole() throws {
        let (kept, play) = try train(
            "method: one-shot\ngranularity: layer\nschedule: {name: one-shot, final: 0.1, at: 20}",
            network: Self.residual)
        #expect(kept == [1024, 0, 160])
        #expect(play.metrics.last?.nnz == 1184)
    }

    /// Beyond what a path leads around nothing can go: training goes on, and the shortfall is said once.
    @Test func aScheduleThatGoesFurtherThanItsLayersEndsShort() throws {
        let (kept, play) = try train(
            "method: gradual-magnitude\ngranularity: layer\n"
                + "schedule: {name: linear, final: 0.9, begin: 10, end: 40, every: 10}",
            network: Self.residual)
        #expect(kept == [1024, 0, 160])
        let said = play.messages.filter { $0.contains("finds no more to cut") }
        #expect(
            said == ["the schedule asked for 90.0 % zeros and ends at 17.8 %: granularity 'layer' finds no more to cut"]
        )
    }

    @Test func distributionsSplitTheTarget() throws {
        let uniform = try train(
            "method: one-shot\nschedule: {name: one-shot, final: 0.5, at: 20}\ndistribution: uniform")
        #expect(uniform.kept == [768, 192, 80])
        let byHand = try train(
            """
            method: gradual-magnitude
            schedule: {name: linear, final: 0.99, begin: 10, end: 40, every: 10}
            distribution: {name: by-hand, layers: {fc1: 0.75, fc3: 0.25}}
            """)
        #expect(byHand.kept == [384, 384, 120])
    }

    /// A target that nothing can meet stops the run with a sentence, in the journal's words or not at all.
    @Test func aTargetThatCannotBeMetIsAnError() throws {
        let folder = TemporaryFolder()
        let play = try Play(
            digits("method: one-shot\ngranularity: layer\nschedule: {name: one-shot, final: 0.1, at: 20}"),
            in: folder("run"), interactive: false)
        guard case .failed(let error) = try play.end() else {
            Issue.record("it went on")
            return
        }
        #expect("\(error)".contains(": granularity 'layer' can cut nothing"))
    }
}
