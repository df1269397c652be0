import Foundation
import Testing
import Training

/// What is saved of an event is deleted: in the journal, so that a resume goes the same way.
@Suite struct ForgetTests {
    @Test func whatIsDeletedCannotBeGoneBackTo() throws {
        let folder = TemporaryFolder()
        let story: [Play.Cue] = [
            .init(8, .cut(keep(1500))), .init(12, .cut(keep(1200))), .init(16, .cut(keep(900))),
            .init(20, .undo),  // Back at 16, with #5 to redo.
            .init(24, .pause),
        ]
        let play = try Play(digits(), in: folder("run"), story)
        _ = try play.snapshot { $0.phase == .paused && $0.step == 24 }
        func now() throws -> Snapshot { try #require(play.session.latestSnapshot()) }
        let (before, nnz) = (try now(), try now().nnz)
        #expect(before.undoDepth == 2 && before.redoDepth == 1)
        let byHand = before.cuts.map(\.event)
        let undone = try #require(before.history.first { !$0.isCurrent }).event
        try play.send(.forget(event: 77))
        #expect(play.messages.last == "not deleted: nothing of #77 is saved")
        try play.send(.forget(event: undone))
        #expect(try now().redoDepth == 0 && now().history.allSatisfy { $0.isCurrent })
        try play.send(.redo)
        #expect(play.messages.last == "nothing to redo")
        try play.send(.forget(event: byHand[0]))
        #expect(try now().undoDepth == 1 && now().nnz == nnz && now().history.count == before.history.count - 1)
        try play.send(.forget(event: byHand[0]))
        #expect(play.messages.last == "not deleted: nothing of #\(byHand[0]) is saved")
        copyRun(folder("run"), to: folder("killed"))
        try play.send(.undo)
        #expect(try now().undoDepth == 0 && now().nnz == 1500)
        try play.send(.checkpoint)
        try play.stop()
        // After a kill the journal leads to the same.
        let again = try Play(in: folder("killed"), threads: 2)
        _ = try again.snapshot { $0.phase == .paused && $0.step == 24 }
        try again.send(.undo)
        try again.send(.checkpoint)
        try again.stop()
        #expect(contents(again.run.latest) == contents(play.run.latest))
    }

    @Test func anotherRunIsDeletedAndNoneThatIsOpen() throws {
        let folder = TemporaryFolder()
        func play(_ name: String) throws -> Play {
            let play = try Play(digits(), in: folder(name), [.init(3, .pause)])
            _ = try play.snapshot { $0.phase == .paused }
            return play
        }
        let own = try play("own"), other = try play("other")
        func delete(_ name: String) throws -> Answer { try own.ask(.deleteRun(name)) }
        for (name, words) in [
            ("own", "no other run"), ("other", "open in another process"), ("../x", "no other run"),
            ("", "no other run"),
            ("none", "no recipe.yaml"),
        ] {
            guard case .refused(_, let sentence) = try delete(name) else { fatalError(name) }
            #expect(sentence.contains(words), "\(sentence)")
        }
        try other.send(.keep(path: nil))
        try other.stop()
        try Data("mine".utf8).write(to: URL(fileURLWithPath: folder("other/notes.txt")))
        try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: folder("other"))
        guard case .refused = try delete("link") else { fatalError() }
        let deleted = try #require(try delete("other").reply as? DeletedRun)
        #expect(deleted.stays.contains("notes.txt") && deleted.stays.contains("kept-3.safetensors"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("other")).sorted() == deleted.stays.sorted())
        try own.stop()
    }

    @Test func timesAreOfTheNetworkOrOfAsManyWeights() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(12, .cut(keep(900)), .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        let kept = try #require(play.session.latestSnapshot()).layers.map(\.kept)
        let query = HistoryTimesQuery([kept, [1536, 384, 160], [100, 50, 0]])
        let times = try #require(try play.ask(.historyTimes(query)).reply as? HistoryTimes)
        #expect(times.times.map(\.isExact) == [true, false, false] && times.times.map(\.kept) == query.kept)
        #expect(times.times.allSatisfy { $0.seconds > 0 && $0.seconds < 1 && $0.weights == 2080 })
        for wrong in [[1], [1537, 0, 0], [-1, 0, 0]] {
            guard case .refused = try play.ask(.historyTimes(HistoryTimesQuery([wrong]))) else { fatalError() }
        }
        try play.stop()
    }
}
