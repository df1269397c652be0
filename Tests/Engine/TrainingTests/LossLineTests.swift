import Foundation
import Testing
import Training

/// The loss of a line is the mean of the steps since the line before, and a resume between two lines changes nothing of it.
@Suite struct LossLineTests {
    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aFigureThatIsNoNumberIsNull(figure: Double) throws {
        var line = MetricsLine(
            step: 7, epoch: 1.5, loss: figure, sparsity: figure, nnz: 3, bytes: 4, elapsedSeconds: 2, validated: true)
        (line.trainFigure, line.samplesPerSecond, line.testFigure) = (50, figure, figure)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.json.utf8)) as? [String: Any])
        for name in ["loss", "sparsity", "samples_per_second"] { #expect(object[name] is NSNull, "\(name)") }
        #expect(object["step"] as? Int == 7 && object["train_accuracy"] as? Double == 50)
        // A run with such a line goes on.
        let again = try #require(MetricsLine(json: line.json))
        #expect(again.loss.isNaN && again.epoch == 1.5 && again.step == 7 && again.samplesPerSecond == nil)
        #expect(MetricsLine(json: "{\"step\":7}") == nil)
    }

    @Test func aLineTellsTheMeanSinceTheLineBefore() throws {
        let folder = TemporaryFolder()
        // 1,200 steps: a line every two, a checkpoint at odd steps, between two lines.
        let recipe = try digits(epochs: 60).with("validate-every", 15)
        let play = try Play(
            recipe, in: folder("whole"), interactive: false, copies: [(step: 30, path: folder("killed"))])
        guard case .finished = try play.end() else {
            Issue.record("did not finish")
            return
        }
        let trainer = Trainer(try TrainingPlan(recipe), team: .init(size: 1))
        var losses: [Double] = []
        while losses.count < 1200 { losses.append(try trainer.step().loss) }
        func mean(_ steps: Range<Int>) -> Double { losses[steps].reduce(0, +) / Double(steps.count) }

        var before = 0, looked = 0
        let lines = play.metrics.filter { $0.event == nil }
        #expect(lines.count > 600 && lines.count < 1200)
        for line in lines {
            #expect(line.loss == mean(before..<line.step), "step \(line.step)")
            before = line.step
            guard line.validated else { continue }
            #expect(line.lossSinceLook == mean(looked..<line.step), "step \(line.step)")
            looked = line.step
        }
        #expect(play.metrics.last?.event == "finished" && play.metrics.last?.loss == lines.last?.loss)

        let resumed = try Play(in: folder("killed"), interactive: false)
        guard case .finished = try resumed.end() else {
            Issue.record("did not finish")
            return
        }
        func written(_ run: String) -> [String] {
            String(decoding: contents(folder("\(run)/metrics.jsonl"))!, as: UTF8.self)
                .matches(of: /"loss":([^,]+),.*"step":(\d+)/).map { "\($0.2) \($0.1)" }
        }
        #expect(written("killed") == written("whole"))
        #expect(resumed.metrics.first?.step == 26, "it went on between two lines")
        #expect(resumed.metrics.first { $0.validated }?.lossSinceLook == mean(15..<30))
    }

    /// A state of before, which knows no sums, is gone on with.
    @Test func anOlderCheckpointHasNoSums() throws {
        let progress = """
            {"activity":{},"cuts":[],"history":[{"event":0,"isCurrent":true,"kind":"start","label":"dense","step":0}],
            "lastCuts":{},"lastLoss":0.5,"maskVersion":0,"recentCorrect":[],"recentCounts":[],"removals":[],"segments":[],
            "step":7,"totalSteps":60}
            """
        let read = try JSONDecoder().decode(Progress.self, from: Data(progress.utf8))
        #expect(read.step == 7)
    }
}
