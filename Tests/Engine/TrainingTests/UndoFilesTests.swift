import Foundation
import Graph
import Testing
import Training

/// Files of undo, redo and cut weights: what can be reached is there, after a kill too, and nothing else is.
@Suite struct UndoFilesTests {
    private func paused(_ path: String, undoBytes: Int? = nil) throws -> Play {
        let play = try Play(digits(), in: path, undoBytes: undoBytes, [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        return play
    }
    private func files(_ path: String, _ start: String) -> [String] {
        (try! FileManager.default.contentsOfDirectory(atPath: path + "/checkpoints")).filter { $0.hasPrefix(start) }
    }
    private func now(_ play: Play) throws -> Snapshot { try #require(play.session.latestSnapshot()) }

    @Test func whatCannotBeReachedGoes() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder("run"))
        for round in 0..<30 {
            try play.send(.cut(keep(1000 + round)))
            try play.send(.undo)
            // One step forward: its state, its curve, and what its cut took.
            #expect(files(folder("run"), "undo-").count == 2 && files(folder("run"), "cut-").count == 1)
        }
        try play.send(.redo)
        #expect(try now(play).nnz == 1029)
        try play.stop()
    }

    /// A checkpoint in between leads to states that the session has left; whatever was done since, a resume finds them.
    private static let story: [Command] = [
        .cut(keep(1500)), .cut(keep(900)), .checkpoint, .undo, .undo, .redo, .cut(keep(1200)), .undo, .undo, .redo,
        .cut(keep(400)), .checkpoint, .cut(keep(1300)), .undo, .cut(keep(700, "fc1")), .cut(keep(600)), .undo, .undo,
        .undo, .redo, .checkpoint, .redo, .cut(keep(300)), .cut(keep(1900)), .cut(keep(500)), .undo, .undo, .redo,
    ]

    /// Four states fit in the small room, so the oldest steps go on the way.
    @Test(arguments: [512_000_000, 90_000]) func aKillAfterAnyCommandLosesNothing(_ room: Int) throws {
        let folder = TemporaryFolder()
        let play = try paused(folder("whole"), undoBytes: room)
        var depths: [[Int]] = []
        for (number, command) in Self.story.enumerated() {
            try play.send(command)
            copyRun(folder("whole"), to: folder("\(number)"))
            let shown = try now(play)
            depths.append([shown.undoDepth, shown.redoDepth, shown.nnz])
        }
        try play.stop()
        #expect(play.messages.count { $0.contains("oldest steps go") } == (room == 90_000 ? 1 : 0))
        for number in Self.story.indices {
            let resumed = try Play(in: folder("\(number)"), undoBytes: room)
            let shown = try resumed.snapshot { $0.phase == .paused && !$0.layers.isEmpty }
            #expect([shown.undoDepth, shown.redoDepth, shown.nnz] == depths[number], "\(number)")
            for command in Self.story[(number + 1)...] { try resumed.send(command) }
            try resumed.stop()
            #expect(!resumed.messages.contains { $0.contains("does not match") || $0.contains("found") }, "\(number)")
            expectSame(folder("whole"), folder("\(number)"), "killed after command \(number)")
            #expect(Set(files(folder("whole"), "")) == Set(files(folder("\(number)"), "")), "\(number)")
        }
    }

    @Test func theOldestStepsMakeRoom() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder("run"), undoBytes: 100_000)
        for round in 1...20 {
            try play.send(.cut(keep(2000 - 20 * round)))
            let shown = try now(play)
            #expect(shown.undoBytes <= 110_000 && shown.mostUndoBytes == 100_000 && shown.undoDepth > 0)
        }
        #expect(play.messages.count { $0.contains("oldest steps go") } == 1)
        let depth = try now(play).undoDepth
        #expect(depth > 1 && depth < 20)
        // A state may take more room than the one that it takes the place of: then the oldest goes on the way back, too.
        var undone = 0
        while try now(play).undoDepth > 0 {
            try play.send(.undo)
            undone += 1
            #expect(try now(play).nnz == 1600 + 20 * undone)
        }
        #expect(undone > 1 && undone <= depth)
        try play.send(.undo)
        #expect(play.messages.last == "nothing to undo")
        for _ in 0..<undone { try play.send(.redo) }
        #expect(try now(play).nnz == 1600)
        try play.stop()
    }

    @Test func theNewestStepStaysWhateverItTakes() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder("run"), undoBytes: 1)
        for count in [1500, 1000, 500] {
            try play.send(.cut(keep(count)))
            #expect(try now(play).undoDepth == 1)
        }
        try play.send(.undo)
        #expect(try now(play).nnz == 1000)
        try play.send(.redo)
        #expect(try now(play).nnz == 500)
        try play.stop()
    }

    /// A line that goes up and down takes the same weights again and again; what an older file has of them is not kept.
    @Test func aLineThatGoesUpAndDownTakesNoMoreRoom() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder("run"), undoBytes: 1)
        func bytes() -> Int {
            files(folder("run"), "cut-").reduce(0) { $0 + (contents(folder("run/checkpoints/\($1)"))?.count ?? 0) }
        }
        try play.send(.cut(keep(200)))
        let once = bytes()
        for round in 0..<25 {
            try play.send(.cut(keep(1900 - 10 * round)))
            try play.send(.trainOn(steps: nil))
            try play.send(.pause)
            try play.send(.cut(keep(200 + round)))
            // At most half of a file is of no use, and the states of undo lead to files of their own.
            #expect(bytes() < 4 * once, "round \(round)")
        }
        try play.send(.cut(keep(2080)))
        #expect(try now(play).nnz == 2080)
        try play.stop()
    }

    @Test func aSealedRunKeepsNoWayBack() throws {
        let folder = TemporaryFolder()
        let play = try paused(folder("run"))
        try play.send(.cut(keep(1000)))
        try play.send(.finish)
        #expect(try now(play).phase == .finished && files(folder("run"), "undo-").isEmpty)
        #expect(files(folder("run"), "cut-").count == 1)
        try play.stop()
    }
}
