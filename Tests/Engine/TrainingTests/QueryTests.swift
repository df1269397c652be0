import Dispatch
import Foundation
import Graph
import Sparsity
import Testing
import Training

/// Questions are answered from a copy, exactly, and each ends in a reply.
@Suite struct QueryTests {
    /// A paused session, cut and trained on, so that live, cut and momentum all differ.
    private func open(_ folder: TemporaryFolder, phase: [Play.Cue] = []) throws -> (Play, TrainingState) {
        let play = try Play(
            digits(), in: folder("run"), [.init(12, .cut(keep(900))), .init(20, .checkpoint, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        return (play, try play.state())
    }
    private func dense(_ layer: LayerState) -> [Float] {
        var all = [Float](repeating: 0, count: layer.total)
        for (place, index) in (layer.arrays.indices ?? []).enumerated() { all[index] = layer.arrays.values[place] }
        return all
    }

    @Test func summaryIsExact() throws {
        let folder = TemporaryFolder()
        let (play, state) = try open(folder)
        guard let summary = try play.ask(.summary(keep(100, "fc2"))).reply as? DraftSummary else { fatalError() }
        let kept = state.layers.map { $0.arrays.values.count }
        #expect(summary.keptNow == 900 && summary.total == 2080 && summary.keptDraft == 900 - kept[1] + 100)
        #expect(summary.layers.map { $0.keptNow } == kept && summary.layers[1].keptDraft == 100)
        #expect(summary.layers.map { $0.recoverable } == zip(state.layers, kept).map { $0.0.total - $0.1 })
        let sizes = state.layers[1].arrays.values.map { abs($0) }.sorted(by: >)
        #expect(summary.thresholdDraft == sizes[99] && summary.thresholdNow == sizes.last)
        guard let back = try play.ask(.summary(keep(1500))).reply as? DraftSummary else { fatalError() }
        #expect(back.wouldReturn == 600 && back.keptDraft == 1500)
        // The file sizes are those of the files.
        play.session.send(.keep(path: folder("kept.safetensors")))
        guard let now = try play.ask(.summary(keep(900))).reply as? DraftSummary else { fatalError() }
        #expect(now.fileBytesNow == 4 * 50 + 192 + 48 + 20 + 900 * 4 && now.fileBytesDraft == now.fileBytesNow)
        try play.stop()
    }

    /// Bytes and counts exactly; what is measured is there, and is never 0.
    @Test func sizesAndCostsAreOfTheseWeights() throws {
        let folder = TemporaryFolder()
        let (play, state) = try open(folder)
        let kept = state.layers.map { $0.arrays.values.count }
        guard
            let size = try play.ask(Query(SizeQuery(values: "float32", edits: 0))).reply as? SizeAnswer,
            let half = try play.ask(Query(SizeQuery(values: "half", edits: 0))).reply as? SizeAnswer,
            let cost = try play.ask(Query(ImageCostQuery(edits: 0))).reply as? ImageCostAnswer,
            let latency = try play.ask(Query(LatencyQuery(keep(300)))).reply as? LatencyAnswer
        else { fatalError() }
        let bitmask = size.encodings.firstIndex(of: "bitmask")!
        #expect(size.layers[0].bytes[bitmask] == 1536 / 8 + 4 * kept[0])
        #expect(half.layers[0].bytes[bitmask] == 1536 / 8 + 2 * kept[0])
        for layer in size.layers { #expect(layer.bytes[layer.smallest] == layer.bytes.compactMap { $0 }.min()) }
        #expect(size.kept == 900 && size.operations.layers.map(\.kept) == kept && size.operations.dense == 2080)
        let active = try #require(cost.operations.active), parts = try #require(cost.parts)
        #expect(active > 0 && active < 900 && cost.operations.images == 256 && cost.isLast)
        #expect(parts.whole > 0 && parts.layers.allSatisfy { $0 > 0 } && cost.energy == nil && cost.uncounted == nil)
        #expect(latency.draft == keep(300) && latency.now > 0 && latency.cut > 0)
        guard case .refused(.size, let reason) = try play.ask(Query(SizeQuery(values: "int9", edits: 0))) else {
            fatalError()
        }
        #expect(reason.contains("accepted: one of float32"))
        try play.stop()
    }

    @Test(arguments: [1, 7, 40, 4096]) func histogramsAddUp(_ bins: Int) throws {
        let folder = TemporaryFolder()
        let (play, state) = try open(folder)
        for (scope, total, live) in [
            (Draft.Scope.global, 2080, 900), (.layer("fc1"), 1536, state.layers[0].arrays.values.count),
        ] {
            for logarithmic in [false, true] {
                for draft in [nil, keep(300), keep(1800)] {
                    guard
                        let answer = try play.ask(
                            .histogram(HistogramQuery(scope: scope, draft: draft, bins: bins, logarithmic: logarithmic))
                        ).reply as? HistogramAnswer
                    else { fatalError() }
                    let sums = [answer.cut, answer.wouldGo, answer.wouldReturn, answer.stays].map { $0.reduce(0, +) }
                    #expect(sums.reduce(0, +) == total && sums[1] + sums[3] == live && answer.total == total)
                    #expect(answer.stays.count == bins)
                    if scope == .global, let draft {
                        guard case .kept(let count) = draft.anchor else { continue }
                        #expect(sums[2] + sums[3] == count)
                    }
                }
            }
        }
        try play.stop()
    }

    /// Every quantity and region against the plain sum, with cells that do not divide the extent.
    @Test func mapsAreTheSumsOfTheirCells() throws {
        let folder = TemporaryFolder()
        let (play, state) = try open(folder)
        let all = dense(state.layers[0]), live = Set(state.layers[0].arrays.indices!)
        let regions: [MapQuery.Region] = [
            .matrix(rows: 0..<24, columns: 0..<64), .matrix(rows: 3..<20, columns: 5..<6),
            .foldMean(map: 0, y: 0..<8, x: 0..<8), .foldMean(map: 0, y: 1..<6, x: 2..<5),
            .foldOutput(output: 7, map: 0, y: 0..<8, x: 3..<8),
        ]
        for region in regions {
            for (rows, columns) in [(1, 1), (3, 5), (7, 7), (100, Int.max)] {
                for quantity in MapQuery.Quantity.allCases {
                    let query = MapQuery(
                        layer: "fc1", quantity: quantity, region: region, cellRows: rows, cellColumns: columns,
                        draft: keep(1200))
                    guard let map = try play.ask(.map(query)).reply as? MapAnswer else {
                        Issue.record("\(query)")
                        continue
                    }
                    #expect(map.values.count == map.rows * map.columns && map.states.count == map.values.count)
                    guard quantity == .kept || quantity == .magnitude || quantity == .signed else { continue }
                    for cell in map.values.indices {
                        let members = positions(region, map, cell)
                        let held = members.filter(live.contains)
                        let value: Float =
                            switch quantity {
                            case .kept: Float(held.count) / Float(members.count)
                            case .magnitude: held.reduce(0) { $0 + abs(all[$1]) } / Float(max(held.count, 1))
                            default: held.reduce(0) { $0 + all[$1] } / Float(max(held.count, 1))
                            }
                        #expect(abs(map.values[cell] - value) < 1e-5, "\(quantity) \(region) cell \(cell)")
                    }
                }
            }
        }
        try play.stop()
    }
    // Row-major positions of a cell's weights.
    private func positions(_ region: MapQuery.Region, _ map: MapAnswer, _ cell: Int) -> [Int] {
        func part(_ range: Range<Int>, _ number: Int, _ size: Int) -> Range<Int> {
            range.lowerBound + number * size..<min(range.upperBound, range.lowerBound + (number + 1) * size)
        }
        let (row, column) = (cell / map.columns, cell % map.columns)
        func grid(_ y: Range<Int>, _ x: Range<Int>) -> (Range<Int>, Range<Int>) {
            (part(y, row, map.weightsPerCellRow), part(x, column, map.weightsPerCellColumn))
        }
        switch region {
        case .matrix(let rows, let columns):
            let (y, x) = grid(rows, columns)
            return y.flatMap { y in x.map { y * 64 + $0 } }
        case .foldMean(_, let ys, let xs):
            let (y, x) = grid(ys, xs)
            return (0..<24).flatMap { row in y.flatMap { y in x.map { row * 64 + y * 8 + $0 } } }
        case .foldOutput(let output, _, let ys, let xs):
            let (y, x) = grid(ys, xs)
            return y.flatMap { y in x.map { output * 64 + y * 8 + $0 } }
        }
    }

    @Test func aCellTellsItsWeight() throws {
        let folder = TemporaryFolder()
        let (play, state) = try open(folder)
        let layer = state.layers[1], live = layer.arrays.indices!
        for position in [live[0], live[live.count / 2], (0..<384).first { !live.contains($0) }!] {
            guard
                let cell = try play.ask(
                    .cell(CellQuery(layer: "fc2", row: position / 24, column: position % 24, draft: keep(2080)))
                ).reply as? CellAnswer
            else { fatalError() }
            #expect(cell.isKept == live.contains(position) && cell.weight == dense(layer)[position])
            #expect(cell.rowKept == live.filter { $0 / 24 == position / 24 }.count && cell.rowTotal == 24)
            #expect(cell.columnKept == live.filter { $0 % 24 == position % 24 }.count && cell.columnTotal == 16)
            #expect(cell.bias == layer.arrays.bias[position / 24] && cell.step == 20)
            #expect(cell.fate == (cell.isKept ? .stays : .returns) && (cell.gradient == nil) == !cell.isKept)
            #expect(cell.cutStep == (cell.isKept ? nil : 12) && cell.cutEvent == (cell.isKept ? nil : 1))
        }
        guard let biases = try play.ask(.strip(layer: "fc2")).reply as? StripAnswer else { fatalError() }
        #expect(biases.biases == layer.arrays.bias)
        try play.stop()
    }

    /// The latest change, and the age of what was there all the time.
    @Test func aMapTellsWhatTheLatestChangeTook() throws {
        let folder = TemporaryFolder()
        let (play, _) = try open(folder)
        try play.send(.cut(keep(500)))
        func map(_ quantity: MapQuery.Quantity) throws -> MapAnswer {
            let query = MapQuery(
                layer: "fc1", quantity: quantity, region: .matrix(rows: 0..<24, columns: 0..<64), cellRows: 24,
                cellColumns: 64)
            return try #require(try play.ask(.map(query)).reply as? MapAnswer)
        }
        let kept = try map(.kept), change = try map(.change), age = try map(.age)
        for cell in kept.values.indices {
            if change.states[cell] == .wouldGo { #expect(kept.values[cell] == 0) }
            #expect(change.states[cell] != .wouldReturn && (kept.values[cell] == 1) == (change.states[cell] == .stays))
            #expect(age.values[cell] == (kept.values[cell] == 1 ? Float(age.step) : 0))
        }
        #expect(change.states.contains(.wouldGo))
        try play.stop()
    }

    @Test func aMeasurementIsTheDirectEvaluation() throws {
        let folder = TemporaryFolder()
        let (play, state) = try open(folder)
        guard let measured = try play.ask(.measure(keep(200))).reply as? Training.Measurement else { fatalError() }
        #expect(measured.isFinal && measured.now.count == 237 && measured.kept == 200 && measured.trainedSteps == 0)
        // The same cut by hand, on a network of the test's own.
        let plan = try TrainingPlan(play.session.recipe)
        func accuracy(_ layers: [LayerState]) throws -> Double {
            let trainer = Trainer(plan, team: .init(size: 1))
            trainer.restore(TrainingState(progress: state.progress, layers: layers))
            return try plan.measure(trainer.network, onTest: false).value
        }
        #expect(try measured.now.value == accuracy(state.layers))
        try play.send(.cut(keep(200)))
        try play.send(.checkpoint)
        #expect(try measured.cut.value == accuracy(play.state().layers))
        let difference = Double(measured.won - measured.lost) / 237 * 100
        #expect(abs(measured.difference - difference) < 1e-9)
        try play.stop()
    }

    @Test func anAttemptLeavesTheNetworkAsItIs() throws {
        let folder = TemporaryFolder()
        let (play, before) = try open(folder)
        guard let measured = try play.ask(.attempt(keep(200), steps: 15)).reply as? Training.Measurement else {
            fatalError()
        }
        #expect(measured.trainedSteps == 15 && measured.kept == 200 && measured.isFinal)
        try play.send(.checkpoint)
        let after = try play.state()
        #expect(after.layers == before.layers && after.progress == before.progress)
        try play.stop()
    }

    /// After a cut a copy from before it is not shown, however young it is.
    @Test func anAnswerIsNeverOlderThanACommand() throws {
        let folder = TemporaryFolder()
        let (play, _) = try open(folder)
        for kept in [800, 700, 600] {
            guard let before = try play.ask(.summary(keep(1))).reply as? DraftSummary else { fatalError() }
            play.session.send(.cut(keep(kept)))
            _ = try play.snapshot { $0.nnz == kept }
            guard let after = try play.ask(.summary(keep(1))).reply as? DraftSummary else { fatalError() }
            #expect(before.keptNow > kept && after.keptNow == kept)
        }
        try play.stop()
    }

    // MARK: Replies

    @Test func whatCannotBeAnsweredIsRefused() throws {
        let folder = TemporaryFolder()
        let (play, _) = try open(folder)
        let fold = MapQuery.Region.foldMean(map: 1, y: 0..<8, x: 0..<8)
        for query in [
            Query.strip(layer: "x"), .cell(CellQuery(layer: "x", row: 0, column: 0)),
            .cell(CellQuery(layer: "fc1", row: 24, column: 0)), .cell(CellQuery(layer: "fc1", row: 0, column: -1)),
            .histogram(HistogramQuery(scope: .layer("x"), bins: 4)), .summary(keep(4, "x")),
            .histogram(HistogramQuery(scope: .global, bins: 4, maximum: 0)),
            .histogram(HistogramQuery(scope: .global, bins: 4, maximum: .nan)),
            .map(MapQuery(layer: "fc1", quantity: .kept, region: fold, cellRows: 2, cellColumns: 2)),
            .map(
                MapQuery(
                    layer: "fc1", quantity: .kept, region: .matrix(rows: 0..<25, columns: 0..<1), cellRows: 2,
                    cellColumns: 2)),
            .map(
                MapQuery(
                    layer: "fc1", quantity: .kept, region: .matrix(rows: 0..<2, columns: 0..<1), cellRows: 0,
                    cellColumns: 2)),
            .map(
                MapQuery(
                    layer: "fc2", quantity: .kept, region: .foldMean(map: 0, y: 0..<1, x: 0..<1), cellRows: 1,
                    cellColumns: 1)),
            .attempt(keep(100), steps: 0), .attempt(keep(100), steps: -7),
        ] {
            guard case .refused(let kind, let text) = try play.ask(query) else {
                Issue.record("answered: \(query)")
                continue
            }
            #expect(kind == query.kind && !text.isEmpty)
        }
        try play.stop()
    }

    @Test func aSessionThatIsOverRefuses() throws {
        let folder = TemporaryFolder()
        let (play, _) = try open(folder)
        try play.stop()
        guard case .refused(.measure, "the session is over") = try play.ask(.measure(keep(9))) else {
            Issue.record("no refusal")
            return
        }
        // One that never began says so as well.
        let failed = try Play(digits().with("validation", 5000), in: folder("failed"))
        guard
            case .refused(.map, _) = try failed.ask(
                .map(
                    MapQuery(
                        layer: "fc1", quantity: .kept, region: .matrix(rows: 0..<1, columns: 0..<1), cellRows: 1,
                        cellColumns: 1)))
        else {
            Issue.record("no refusal")
            return
        }
        guard case .failed = try failed.end() else {
            Issue.record("it went on")
            return
        }
    }

    /// Of many questions asked at once the newest of each kind is answered, and what is cancelled is not.
    @Test func aNewerQuestionTakesThePlaceOfTheOlder() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(epochs: 2000).with("validate-every", 20_000), in: folder("run"))
        _ = try play.snapshot { $0.step > 5 }
        let replies = Locked<[Int]>([])
        let last = DispatchSemaphore(value: 0)
        for count in 1...60 {
            play.session.ask(.measure(keep(count * 10))) { answer in
                guard let measured = answer.reply as? Training.Measurement, measured.isFinal else { return }
                replies.withLock { $0.append(measured.kept) }
                if measured.kept == 600 { last.signal() }
            }
        }
        #expect(last.wait(timeout: .now() + 20) == .success)
        let kept = replies.withLock { $0 }
        #expect(kept == kept.sorted() && kept.last == 600)
        let after = Locked(0)
        play.session.ask(.attempt(keep(100), steps: 1_000_000)) { _ in after.withLock { $0 += 1 } }
        play.session.cancel(.attempt)
        guard try play.ask(.attempt(keep(100), steps: 2)).reply is Training.Measurement else {
            Issue.record("not answered")
            return
        }
        #expect(after.withLock { $0 } == 0)
        try play.stop()
    }
}
