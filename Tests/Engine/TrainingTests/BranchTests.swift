import Foundation
import Testing
import Training

/// A run is copied to a folder of its own, and goes on there.
@Suite struct BranchTests {
    @Test func aBranchBeginsWhereTheUndosLead() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(.checkpoint)
        let dense = try play.state().layers
        try play.send(.cut(keep(500)))
        try play.send(.branch(undos: 1))
        try play.send(.branch(undos: 0))
        #expect(play.messages.count { $0.hasPrefix("branched to ") } == 2)
        try play.send(.branch(undos: 2))
        #expect(play.messages.last?.hasPrefix("not branched: there are 1 events to undo") == true)
        try play.send(.checkpoint)
        let cut = try play.state().layers
        try play.stop()
        for (name, layers) in [("run-branch-1", dense), ("run-branch-2", cut)] {
            let branch = try Play(in: folder(name), startsPaused: true)
            let shown = try branch.snapshot { $0.phase == .paused }
            #expect(shown.step == 20 && shown.nnz == layers.reduce(0) { $0 + $1.arrays.values.count })
            try branch.send(.checkpoint)
            #expect(try branch.state().layers == layers)
            // It is a run like any other.
            try branch.send(.trainOn(steps: nil))
            _ = try branch.snapshot { $0.step > 22 }
            try branch.stop()
        }
    }

    @Test func runsBesideThisOneAreTold() throws {
        let folder = TemporaryFolder()
        let other = try Play(digits(epochs: 1), in: folder("other"), interactive: false)
        try other.end()
        // A third on fewer samples.
        let fewer = folder("fewer")
        try FileManager.default.copyItem(atPath: folder("other"), toPath: fewer)
        let account = try String(contentsOfFile: fewer + "/data.json", encoding: .utf8)
        let count = try #require(account.firstMatch(of: /"count" : \d+/)).0
        try account.replacing(count, with: "\"count\" : 7", maxReplacements: 1)
            .write(toFile: fewer + "/data.json", atomically: true, encoding: .utf8)
        let play = try Play(digits(), in: folder("run"), [.init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(.cut(keep(520)))
        let told = try #require(try play.ask(.runs).reply as? RunsAnswer)
        #expect(told.isWhole && Set(told.runs.map(\.name)) == ["fewer", "other", "run"])
        let own = try #require(told.runs.first { $0.isOwn })
        #expect(own.name == "run" && own.figure == nil && own.points.map(\.sparsity) == [0, 0.75])
        #expect(own.points.map(\.multiplyAdds) == [2080, 520])
        let finished = try #require(told.runs.first { $0.name == "other" })
        #expect(finished.isFinished && finished.points.count == 1 && finished.points[0].step == 20)
        #expect(finished.otherData == nil && own.otherData == nil)
        #expect(told.runs.first { $0.name == "fewer" }?.otherData?.hasPrefix("7 t") == true)
        let history = try #require(play.session.latestSnapshot()).history
        #expect(history.last { $0.kind == .cut }?.kept?.reduce(0, +) == 520)
        try play.stop()
    }
}
