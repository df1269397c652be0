import Foundation
import Sparsity
import Testing
import Training

/// The curve of one layer: each point is what a cut of that layer alone comes to.
@Suite struct SensitivityQuestionTests {
    private func paused(_ folder: TemporaryFolder, _ lines: String = "", _ first: Play.Cue...) throws -> Play {
        let play = try Play(digits(lines), in: folder("run"), first + [.init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        return play
    }

    private func query(_ layer: String, _ ranking: [String: String]? = nil) -> SensitivityQuery {
        SensitivityQuery(layer: layer, ranking: ranking, weights: WeightsMark(masks: 0, step: 20))
    }

    @Test func eachPointIsAMeasuredCut() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder, "", .init(12, .cut(keep(900))))
        let told = Locked<[SensitivityAnswer]>([])
        let done = DispatchSemaphore(value: 0)
        play.session.ask(.sensitivity(query("fc2"))) { answer in
            if let reply = answer.reply as? SensitivityAnswer { told.withLock { $0.append(reply) } }
            if answer.isLast { done.signal() }
        }
        #expect(done.wait(timeout: .now() + 30) == .success)
        let replies = told.withLock { $0 }
        #expect(replies.map(\.done) == Array(0...10) && replies.allSatisfy { $0.all == 10 && $0.step == 20 })
        let curve = try #require(replies.last)
        #expect(curve.isLast && curve.now?.count == 237 && curve.points.count == 10)
        // What was cut comes back on the way: from no zeros on.
        #expect(curve.points[0].sparsity == 0 && abs(curve.points[9].sparsity - 0.99) < 0.002)
        for point in curve.points {
            let kept = Int(((1 - point.sparsity) * 384).rounded())
            let measured = try #require(try play.ask(.measure(keep(kept, "fc2"))).reply as? Training.Measurement)
            #expect(point.value == measured.cut.value && curve.now?.value == measured.now.value)
        }
        try play.stop()
    }

    @Test func aRankingIsTheLines() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder)
        let ranking = ["criterion": "{name: wanda, samples: 40}"]
        let curve = try #require(try play.ask(.sensitivity(query("fc1", ranking))).reply as? SensitivityAnswer)
        for point in curve.points.dropFirst(6) {
            let kept = Int(((1 - point.sparsity) * 1536).rounded())
            let draft = Draft(scope: .layer("fc1"), anchor: .kept(kept), ranking: ranking)
            let measured = try #require(try play.ask(.measure(draft)).reply as? Training.Measurement)
            #expect(point.value == measured.cut.value)
        }
        try play.stop()
    }

    /// A network that was sparse from the start has nothing to bring back: its curve begins where it is.
    @Test func whatCannotComeBackIsNoPoint() throws {
        let folder = TemporaryFolder()
        let play = try paused(
            folder, "method: static-sparse\ncriterion: random\nschedule: {name: constant, final: 0.75}")
        let curve = try #require(try play.ask(.sensitivity(query("fc2"))).reply as? SensitivityAnswer)
        let zeros = try #require(play.session.latestSnapshot()).layers[1].sparsity
        #expect(curve.points[0].sparsity == zeros && curve.points.allSatisfy { $0.sparsity >= zeros })
        #expect(curve.isLast && (5...6).contains(curve.points.count))
        guard case .refused(_, let sentence) = try play.ask(.sensitivity(query("x"))) else { fatalError() }
        #expect(sentence.contains("x"))
        try play.stop()
    }
}
