import Foundation
import Sparsity
import Testing
import Training

/// A line that ranks by what is measured: what the draft shows is what is cut, again after a kill and on other threads.
@Suite struct DraftRankingTests {
    private func draft(_ count: Int, _ ranking: [String: String], _ layer: String? = nil) -> Draft {
        Draft(scope: layer.map { .layer($0) } ?? .global, anchor: .kept(count), ranking: ranking)
    }

    @Test(arguments: [
        (["criterion": "{name: wanda, samples: 40}"], "wanda of 40, place in row"),
        (["criterion": "{name: taylor}", "distribution": "{name: erk}"], "taylor of"),
        (["granularity": "{name: neuron, norm: l2}"], "|w|, neuron l2"),
        (["criterion": "", "granularity": "{name: block}"], "|w|, block"),
    ])
    func whatIsShownIsCut(ranking: [String: String], words: String) throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        let line = draft(900, ranking)
        guard let summary = try play.ask(.summary(line)).reply as? DraftSummary,
            let histogram = try play.ask(.histogram(HistogramQuery(scope: .global, draft: line, bins: 20))).reply
                as? HistogramAnswer
        else { fatalError() }
        #expect(histogram.ranks?.hasPrefix(words) == true, "\(histogram.ranks ?? "")")
        #expect(histogram.stays.reduce(0, +) == summary.keptDraft && summary.keptDraft < 1000)
        #expect(histogram.wouldGo.reduce(0, +) == 2080 - summary.keptDraft)
        try play.send(.cut(line))
        copyRun(folder("run"), to: folder("killed"))
        try play.send(.checkpoint)
        let state = try play.state()
        #expect(state.layers.map { $0.arrays.values.count } == summary.layers.map(\.keptDraft))
        try play.stop()
        // As a kill leaves it, on other threads: the journal's record comes to the same bytes.
        copyRun(folder("killed"), to: folder("again"))
        for (path, threads) in [("killed", 1), ("again", 3)] {
            _ = try Play(in: folder(path), threads: threads, interactive: false).end()
        }
        expectSame(folder("killed"), folder("again"), words)
    }

    @Test func theRunsOwnPartsAndRefusals() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), startsPaused: true)
        for (ranking, words) in [
            (["criterion": "{name: synflow}"], "rounds"), (["criterion": "{name: sparsegpt}"], "new values"),
            (["criterion": "{name: nope}"], "nope"), (["method": "{name: set}"], "not by 'method'"),
        ] {
            let answer = try play.ask(.summary(draft(900, ranking)))
            guard case .refused(_, let sentence) = answer else {
                Issue.record("\(ranking) is answered")
                continue
            }
            #expect(sentence.contains(words), "\(sentence)")
        }
        try play.stop()
    }

    /// Drafts of earlier journals have no ranking.
    @Test func olderDraftsAreRead() throws {
        let text = #"{"anchor":{"kept":{"_0":7}},"scope":{"global":{}}}"#
        #expect(try JSONDecoder().decode(Draft.self, from: Data(text.utf8)) == keep(7))
        #expect(try JSONEncoder().encode(keep(7)).count == text.utf8.count)
    }
}
