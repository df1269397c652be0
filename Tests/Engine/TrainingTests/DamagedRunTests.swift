import Foundation
import Interchange
import Testing
import Training

/// Runs of which a part is cut short, gone, damaged or another run's: what is left is used, and what is missing is said.
@Suite struct DamagedRunTests {
    private func failure(_ path: String, looks: Bool = false, restarts: Bool = false) throws -> String {
        let play = try Play(in: path, interactive: false, restarts: restarts, looks: looks)
        if looks {
            try play.until { play.session.hasEnded || play.session.latestSnapshot()?.layers.isEmpty == false }
            if !play.session.hasEnded { try play.stop() }
        }
        guard case .failed(let error) = try play.end() else {
            Issue.record("it went on")
            return ""
        }
        return "\(error)"
    }

    private func flip(_ path: String) throws {
        var bytes = try #require(contents(path))
        bytes[bytes.count - 9] ^= 4
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Paused at 12 after three commands, and stopped: its checkpoint has executed all of its journal.
    private func stopped(_ folder: TemporaryFolder, _ name: String = "run") throws -> String {
        let play = try Play(digits(), in: folder(name), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for command in [Command.cut(keep(1200)), .cut(keep(500))] { try play.send(command) }
        try play.stop()
        return folder(name)
    }

    // MARK: The journal

    @Test(arguments: [7, 200, Int.max]) func aJournalMayLoseWhatTheCheckpointHolds(bytes: Int) throws {
        let folder = TemporaryFolder()
        let path = try stopped(folder)
        copyRun(path, to: folder("whole"))
        let text = try #require(contents(path + "/journal.jsonl"))
        if bytes == .max {
            unlink(path + "/journal.jsonl")
        } else {
            try Data(text.dropLast(bytes)).write(to: URL(fileURLWithPath: path + "/journal.jsonl"))
        }
        let play = try Play(in: path, startsPaused: true)
        _ = try play.snapshot { $0.phase == .paused && $0.nnz == 500 }
        #expect(play.messages.contains { $0.contains("journal.jsonl has lost ") }, "\(play.messages)")
        // What is added now is not taken for what was lost, by a kill at once.
        try play.send(.cut(keep(300)))
        copyRun(path, to: folder("killed"))
        try play.stop()
        let again = try Play(in: folder("killed"), startsPaused: true)
        _ = try again.snapshot { $0.phase == .paused && $0.nnz == 300 }
        #expect(!again.messages.contains { $0.contains("has lost") })
        try again.stop()
        let whole = try Play(in: folder("whole"), startsPaused: true)
        _ = try whole.snapshot { $0.phase == .paused }
        try whole.send(.cut(keep(300)))
        try whole.stop()
        for run in [path, folder("killed"), folder("whole")] { try Play(in: run, interactive: false).end() }
        for run in [path, folder("killed")] {
            #expect(contents(run + "/final.safetensors") == contents(folder("whole/final.safetensors")))
        }
    }

    @Test func aFinishedRunWhoseJournalIsCutShortIsOpened() throws {
        let folder = TemporaryFolder()
        let path = try stopped(folder)
        try Play(in: path, interactive: false).end()
        let final = contents(path + "/final.safetensors")
        unlink(path + "/journal.jsonl")
        guard case .finished = try Play(in: path, interactive: false).end() else {
            Issue.record("refused")
            return
        }
        #expect(contents(path + "/final.safetensors") == final)
    }

    /// What is refused is written down as such: neither forgotten nor passed over where it was not.
    @Test(arguments: [
        #""cut":{"_0":{"anchor":{"kept":{"_0":9}},"scope":{"layer":{"_0":"fc9"}}}}"#,
        #""cutAndRetrain":{"_0":{"anchor":{"kept":{"_0":0}},"scope":{"global":{}}}}"#,
        #""cut":{"_0":{"anchor":{"kept":{"_0":-9}},"scope":{"layer":{"_0":"fc2"}}}}"#,
        #""setFloor":{"_0":1e300}"#, #""setFloor":{"_0":-1}"#,
    ])
    func aCommandThatIsRefusedStopsAReplay(_ command: String) throws {
        let folder = TemporaryFolder()
        let path = try stopped(folder)
        let lines = String(decoding: try #require(contents(path + "/journal.jsonl")), as: UTF8.self)
        let all = lines + "{\"command\":{\(command)},\"step\":12}\n"
        try Data(all.utf8).write(to: URL(fileURLWithPath: path + "/journal.jsonl"))
        let said = try failure(path)
        #expect(said.contains("line 4: ") && said.contains("--without-command 4"), "\(said)")
        #expect(contents(path + "/final.safetensors") == nil)
    }

    @Test func whatWasRefusedAtTheTimeDoesNotStopAReplay() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for command in [
            Command.cut(keep(9, "fc9")), .cut(keep(0)), .setFloor(1e300), .setFloor(.nan), .cut(keep(900)),
        ] { try play.send(command) }
        #expect(play.messages.count { $0.hasPrefix("not cut: ") } == 2)
        #expect(play.messages.count { $0.hasPrefix("a floor is 0 to 100 %") } == 2)
        copyRun(folder("run"), to: folder("killed"))
        try play.stop()
        for run in ["run", "killed"] { try Play(in: folder(run), interactive: false).end() }
        #expect(contents(folder("run/final.safetensors")) == contents(folder("killed/final.safetensors")))
    }

    // MARK: The checkpoint

    @Test(arguments: ["metrics", "empty", "both"]) func aFinalFileIsEvidenceEnough(_ gone: String) throws {
        let folder = TemporaryFolder()
        let path = folder("run")
        try Play(digits(), in: path, interactive: false).end()
        let final = contents(path + "/final.safetensors")
        unlink(path + "/checkpoints/latest.safetensors")
        unlink(path + "/metrics.jsonl")
        if gone == "empty" { try Data().write(to: URL(fileURLWithPath: path + "/metrics.jsonl")) }
        if gone == "both" { unlink(path + "/journal.jsonl") }
        let looked = try Play(in: path, looks: true)
        #expect(try looked.snapshot { $0.phase == .finished }.step == 60)
        try looked.stop()
        #expect(try failure(path).contains("--restart"))
        #expect(contents(path + "/final.safetensors") == final)
        // Even then it stays.
        try Play(in: path, interactive: false, restarts: true).end()
        #expect(contents(path + "/checkpoints/set-aside-1-final.safetensors") == final)
        #expect(contents(path + "/final.safetensors") == final)
    }

    @Test func aFileOfACutIsEvidenceToo() throws {
        let folder = TemporaryFolder()
        let path = try stopped(folder)
        for name in ["checkpoints/latest.safetensors", "journal.jsonl", "metrics.jsonl"] { unlink(path + "/" + name) }
        let said = try failure(path)
        #expect(said.contains("cut-1.safetensors") && said.contains("--restart"), "\(said)")
    }

    @Test func aFinishedRunWithADamagedCheckpointIsShownByItsFinalFile() throws {
        let folder = TemporaryFolder()
        let path = folder("run")
        try Play(digits(), in: path, interactive: false).end()
        try flip(path + "/checkpoints/latest.safetensors")
        let looked = try Play(in: path, looks: true)
        #expect(try looked.snapshot { $0.phase == .finished }.step == 60)
        #expect(looked.messages.contains { $0.contains("latest.safetensors") })
        try looked.stop()
        #expect(try failure(path).contains("--restart"))
    }

    @Test(arguments: ["seed: 2", "wider"]) func anotherRunsFinalFileIsRefused(_ other: String) throws {
        let folder = TemporaryFolder()
        try Play(digits(), in: folder("run"), interactive: false).end()
        let recipe = try other == "wider" ? digits(network: "mlp-64-30-16-10") : digits(other)
        try Play(recipe, in: folder("other"), interactive: false).end()
        unlink(folder("run/checkpoints/latest.safetensors"))
        for kind in ["", ".masks", ".bitmask"] {
            let name = "/final\(kind).safetensors"
            try Data(#require(contents(folder("other") + name))).write(to: URL(fileURLWithPath: folder("run") + name))
        }
        let said = try failure(folder("run"), looks: true)
        #expect(said.contains("run/final.safetensors") && said.contains("another recipe"), "\(said)")
    }

    // MARK: Undo

    @Test func anUndoAndAKillLeaveNoGapInTheCurve() throws {
        let folder = TemporaryFolder()
        let play = try Play(
            digits(), in: folder("run"),
            [.init(12, .cut(keep(1000))), .init(16, .checkpoint), .init(18, .pause, .undo)])
        _ = try play.snapshot { $0.phase == .paused && $0.step == 12 }
        copyRun(folder("run"), to: folder("killed"))
        try play.stop()
        let killed = try Play(in: folder("killed"), interactive: false)
        try killed.end()
        #expect(!killed.messages.contains { $0.contains("gap") }, "\(killed.messages)")
        try Play(in: folder("run"), interactive: false).end()
        #expect(contents(folder("run/final.safetensors")) == contents(folder("killed/final.safetensors")))
    }

    @Test func aStateOfNoNumbersIsNotGoneBackTo() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(.cut(keep(900)))
        let path = folder("run/checkpoints/undo-1.safetensors")
        var state = try play.state(path)
        state.layers[1].arrays.values[3] = .nan
        try Checkpoint(state: state).write(to: path, recipe: play.session.recipe.yaml)
        try play.send(.undo)
        #expect(play.messages.last?.contains("NaN or infinite") == true)
        let now = try #require(play.session.latestSnapshot())
        #expect(now.nnz == 900 && now.undoDepth == 1 && now.phase == .paused)
        try play.stop()
    }

    // MARK: Disks and owners

    /// In the workbench too: what the journal says next was done to a run that had been saved.
    @Test func aReplayThatCannotSaveEnds() throws {
        let folder = TemporaryFolder()
        let path = folder("run")
        let play = try Play(digits(), in: path, [.init(40, .pause)], copies: [(20, folder("killed"))])
        _ = try play.snapshot { $0.phase == .paused }
        try play.stop()
        let journal = try #require(contents(path + "/journal.jsonl"))
        try Data(journal).write(to: URL(fileURLWithPath: folder("killed/journal.jsonl")))
        let run = try RunFolder.open(folder("killed"))
        var options = Session.Options()
        options.isInteractive = true
        let checkpoints = folder("killed/checkpoints"), aside = folder("killed/aside")
        options.onMetrics = { if $0.step == 20 { rename(checkpoints, aside) } }
        let session = Session(recipe: try RecipeReader.read(run.recipe), run: run, options: options)
        session.start()
        try play.until { session.hasEnded || session.latestSnapshot()?.phase == .paused }
        guard session.hasEnded, case .failed(let error) = session.wait() else {
            session.send(.stop)
            Issue.record("it went on")
            return
        }
        #expect("\(error)".hasPrefix("cannot save: ") && !"\(error)".contains("train on"), "\(error)")
    }

    @Test func aRunThatIsOpenIsNamed() throws {
        let folder = TemporaryFolder()
        let path = try stopped(folder)
        let owner = try RunFolder.open(path)
        let problem = #expect(throws: FileProblem.self) { try RunFolder.open(path) }
        #expect(problem?.path == path && problem?.found.contains("another process") == true)
        owner.close()
    }

    @Test func nothingIsKeptAsAnotherRunsFinalFile() throws {
        let folder = TemporaryFolder()
        _ = try stopped(folder, "other")
        let play = try Play(digits(), in: folder("run"), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(.keep(path: folder("other/final.safetensors")))
        #expect(play.messages.last?.contains("that the run has for itself") == true)
        #expect(contents(folder("other/final.safetensors")) == nil)
        try play.stop()
    }
}
