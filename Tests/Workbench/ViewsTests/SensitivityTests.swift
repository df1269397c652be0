import Terminal
import Testing
import Training
import Views

/// The curve of the selected layer in Threshold: measured once for its weights, told as it comes, and stopped.
@Suite struct SensitivityTests {
    private func asked(_ bench: Bench) -> [SensitivityQuery] {
        bench.port.asked.compactMap { $0.question as? SensitivityQuery }
    }

    private func bench(_ width: Int = 120, _ height: Int = 40) -> Bench {
        Bench(Bench.small, width, height, view: .threshold)
    }

    @Test func itStandsUnderTheHistogramAndBehindIt() {
        let bench = bench()
        #expect(bench.grid.text.contains("fc1 alone: val accuracy"))
        #expect(bench.grid.text.contains("2,000 images, step 5,590"))
        #expect(bench.rows[1].contains("⠒ val 31.00–90.80  log count"))
        let small = self.bench(80, 24)
        #expect(small.rows[1].contains("⠒ val 31.00–90.80  log count") && !small.grid.text.contains("alone"))
        // Dots of braille where no column stands.
        #expect(small.rows[3..<12].joined().unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
    }

    @Test func eachLayerIsMeasuredOnceForItsWeights() {
        var bench = bench()
        #expect(asked(bench).map(\.layer) == ["fc1"] && asked(bench)[0].weights.step == 5590)
        bench.press(.character("]"), .character("["))
        #expect(asked(bench).map(\.layer) == ["fc1", "fc2"])
        // A cut: other weights.
        bench.press(.right, .character("a"))
        #expect(asked(bench).map(\.layer) == ["fc1", "fc2", "fc1"])
        #expect(Set(asked(bench).map(\.weights)).count == 2)
    }

    @Test func whileTrainingGoesOnItIsFinishedFirst() throws {
        let port = Bench.small
        port.edit { $0.phase = .training }
        var bench = Bench(port, 120, 40, view: .threshold)
        let first = try #require(asked(bench).first)
        #expect(first.weights.step == nil)
        port.advance(by: 100)
        bench.settle()
        #expect(asked(bench).count == 1)
        // It is old, and says so; at rest it is measured anew.
        #expect(bench.grid.text.contains("step 5,590"))
        bench.press(.character("p"))
        #expect(asked(bench).count == 2 && asked(bench)[1].weights.step == 5690)
    }

    @Test func escStopsWhatTakesLong() {
        var bench = bench()
        let query = SensitivityQuery(layer: "fc3", weights: asked(bench)[0].weights)
        bench.state.layer = "fc3"
        var part = SensitivityAnswer(query: query, all: 10, step: 5590)
        part.done = 3
        bench.state.receive(Answer(part, to: query), to: .sensitivity(query))
        bench.state.askedSeconds[.sensitivity] = 2
        #expect(bench.grid.text.contains("3 of 10 2 s"))
        let before = asked(bench).count
        bench.press(.escape)
        #expect(bench.state.view == .threshold && asked(bench).count == before)
        #expect(bench.grid.text.contains("the curve of fc3 is not measured for these weights"))
        bench.state.askedSeconds = [:]
        bench.press(.escape)
        #expect(bench.state.view == .session)
    }

    /// Between two levels on the line that joins them.
    @Test func aValueBetweenTwoLevels() {
        let query = SensitivityQuery(layer: "fc1", weights: WeightsMark(masks: 1, step: 2))
        var curve = SensitivityAnswer(query: query, all: 2, step: 2)
        curve.points = [.init(sparsity: 0.5, value: 90, margin: 1), .init(sparsity: 0.9, value: 80, margin: 1)]
        #expect(curve.value(at: 0.5) == 90 && curve.value(at: 0.9) == 80 && abs(curve.value(at: 0.7)! - 85) < 1e-9)
        #expect(curve.value(at: 0.4) == nil && curve.value(at: 0.95) == nil)
    }
}
