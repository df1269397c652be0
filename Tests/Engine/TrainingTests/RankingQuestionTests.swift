import Foundation
import Kernels
import Sparsity
import Testing
import Training

/// What a line ranks by is measured once, tells how far it is, and is given up where nobody wants it any more.
@Suite struct RankingQuestionTests {
    private let ranking = ["criterion": "{name: taylor, samples: 600}"]

    private func ask(_ play: Play, _ step: Int) throws -> RankingAnswer {
        let query = RankingQuery(ranking, weights: WeightsMark(masks: 0, step: step))
        return try #require(try play.ask(.ranking(query)).reply as? RankingAnswer)
    }

    /// Pictures of a ranked line are of the step at which it was measured, until it is measured anew.
    @Test func picturesAreOfTheWeightsThatWereRanked() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(12, .pause), .init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        let line = Draft(scope: .global, anchor: .kept(900), ranking: ranking)
        func summary() throws -> DraftSummary { try #require(try play.ask(.summary(line)).reply as? DraftSummary) }
        let first = try ask(play, 12)
        #expect(first.isLast && first.step == 12 && first.words == "taylor of 600" && first.elapsedSeconds > 0)
        let early = try summary()
        play.session.send(.trainOn(steps: nil))
        _ = try play.snapshot { $0.phase == .paused && $0.step == 20 }
        #expect(try summary().step == 12 && summary().thresholdDraft == early.thresholdDraft)
        #expect(try (play.ask(.summary(keep(900))).reply as? DraftSummary)?.step == 20)
        #expect(
            try ask(play, 20).step == 20 && summary().step == 20 && summary().thresholdDraft != early.thresholdDraft)
        // What is cut is ranked by the weights that there are then.
        try play.send(.cut(line))
        #expect(try #require(play.session.latestSnapshot()).nnz == 900)
        try play.stop()
    }

    /// Progress rises; given up, it is left before the next part.
    @Test(arguments: ["taylor", "obd", "wanda", "activation-rate"]) func itIsToldAndGivenUp(_ name: String) throws {
        let made = try plan("criterion: {name: \(name), samples: 300}")
        let trainer = Trainer(made, team: Team(size: 1))
        let state = trainer.state()
        func facts(atMost most: Int) throws -> [Double] {
            var told: [Double] = []
            let watch = CalibrationWatch(isCancelled: { told.count > most }, progress: { told.append($0) })
            let needs = made.parts.masker.criterion.needs
            do {
                _ = try Calibration(
                    made, layers: state.layers, parameters: state.parameters, team: Team(size: 1), watch: watch
                ).facts(needs, keeping: nil, samples: 300)
                #expect(most > 1000)
            } catch {
                #expect(told.count == most + 1, "\(error)")
            }
            return told
        }
        let all = try facts(atMost: 100_000)
        #expect(all.count > 3 && all == all.sorted() && all[0] == 0 && all[all.count - 1] < 1)
        #expect(try facts(atMost: 2).count == 3)
    }
}
