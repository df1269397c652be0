import Graph
import Interchange
import Kernels
import Testing
import Training

/// What makes up for a large cut while a run is on, and what a cut is judged by.
@Suite struct RecoverRunTests {
    private static let normed = """
        [{name: a, operator: convolution, channels: 6, kernel: 3}, {name: n, operator: batch-norm},
         {operator: relu}, {operator: max-pool}, {operator: flatten}, {name: out, operator: linear, outputs: 10}]
        """
    private static let oneShot = "method: one-shot\nschedule: {name: one-shot, final: 0.7, at: 20}\n"

    private func recipe(_ lines: String, _ method: String = oneShot) throws -> Recipe {
        try digits(method + lines, epochs: 2, network: Self.normed)
    }

    @Test func aCutIsMadeUpForWithTheSameBytes() throws {
        let folder = TemporaryFolder()
        let recipe = try recipe(
            "recover: [norm-statistics, {name: reconstruction, samples: 200}, variance-matching, bias-correction]")
        #expect(try RecipeReader.read(recipe.yaml, file: "r", name: "r") == recipe)
        let whole = try Play(
            recipe, in: folder("whole"), interactive: false, copies: [(18, folder("early")), (26, folder("late"))])
        try whole.end()
        try Play(recipe, in: folder("threads"), threads: 2, interactive: false).end()
        expectSame(folder("whole"), folder("threads"))
        for name in ["early", "late"] {
            try Play(in: folder(name), threads: 2, interactive: false).end()
            expectSame(folder("whole"), folder(name), name)
        }
        // Better right after the cut than without, and another training.
        let plain = try Play(self.recipe(""), in: folder("plain"), interactive: false)
        try plain.end()
        func atOnce(_ play: Play) throws -> Double {
            try #require(play.metrics.first { $0.step == 20 && $0.validated }?.validationFigure)
        }
        #expect(try atOnce(whole) > atOnce(plain))
        #expect(
            try KeptNetwork.read(folder("whole/final.safetensors")).layers
                != KeptNetwork.read(folder("plain/final.safetensors")).layers)
    }

    @Test func aPersonChoosesItForTheCutsByHand() throws {
        let folder = TemporaryFolder()
        let cues = [
            Play.Cue(8, .choose(part: "recover", value: "[bias-correction, norm-statistics]")),
            Play.Cue(12, .cut(keep(500))), Play.Cue(16, .choose(part: "recover", value: "[]"), .cut(keep(300))),
            Play.Cue(22, .undo),
        ]
        let recipe = try recipe("", "")
        let play = try Play(recipe, in: folder("run"), cues, copies: [(14, folder("copy"))])
        _ = try play.snapshot { $0.phase == .outOfSteps }
        #expect(play.messages.contains("recover bias-correction, norm-statistics from here on"))
        try play.send(.choose(part: "recover", value: "[distillation]"))
        #expect(play.messages.last?.hasPrefix("not changed: ") == true)
        try play.send(.finish)
        try play.stop()
        let whole = try Play(in: folder("copy"), threads: 2, cues.filter { $0.step > 14 })
        _ = try whole.snapshot { $0.phase == .outOfSteps }
        try whole.send(.finish)
        try whole.stop()
        #expect(contents(folder("copy/final.safetensors")) == contents(folder("run/final.safetensors")))
    }

    /// Statistics of before the cut judge nothing: neither a look right after it nor the network that is left.
    @Test func aOneShotCutIsJudgedByStatisticsOfItsOwn() throws {
        let folder = TemporaryFolder()
        let ended = try Play(recipe("stop-after: 20"), in: folder("ended"), interactive: false)
        try ended.end()
        #expect(ended.messages.contains { $0.contains("measured again") })
        let kept = try KeptNetwork.read(folder("ended/final.safetensors"))
        let plan = try TrainingPlan(ended.session.recipe)
        let network = CutNetwork(
            plan, layers: kept.layers, parameters: kept.parameters, normalization: nil, team: Team(size: 1))
        let mean = try #require(kept.parameters.first { $0.name == "n.running_mean" })
        let moments = network.calibration().rowMoments(1024)[0]
        for channel in 0..<6 { #expect(abs(Double(mean.values[channel]) - moments[channel].mean) < 1e-4) }
        let judged = try #require(ended.metrics.last { $0.validated }?.validationFigure)
        #expect(abs(try plan.measure(network.network(capacity: 64), onTest: false).value - judged) < 1e-9)
        // A run that goes on saw the same at that step, and nothing is said of it later.
        let going = try Play(recipe(""), in: folder("going"), interactive: false)
        try going.end()
        #expect(going.metrics.first { $0.step == 20 && $0.validated }?.validationFigure == judged)
    }

    @Test func weightsThatAreMadeOfOthersAreLeftToTheirMethod() throws {
        let lines = "recover: [bias-correction]\nmethod: {name: str}"
        #expect(throws: (any Error).self) { try TrainingPlan(digits(lines)).requireTrainable() }
        #expect(throws: RecipeError.self) { try digits("recover: [distillation]") }
    }
}
