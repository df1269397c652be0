import Foundation
import Interchange
import Testing
import Training

/// A journal is gone through again whole, or the resume stops and says where.
@Suite struct ReplayTests {
    /// Paused at 12 after four commands that no checkpoint but the first knows; then as a kill leaves it.
    private func killed(_ folder: TemporaryFolder, _ name: String = "run") throws -> String {
        let play = try Play(digits(), in: folder("live"), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for command in [Command.cut(keep(1200)), .cut(keep(500)), .undo, .setFloor(50)] { try play.send(command) }
        copyRun(folder("live"), to: folder(name))
        try play.stop()
        try FileManager.default.removeItem(atPath: folder("live"))
        return folder(name)
    }

    private func failure(_ path: String, interactive: Bool = false, without: [Int] = []) throws -> String {
        guard case .failed(let error) = try Play(in: path, interactive: interactive, without: without).end() else {
            Issue.record("it went on")
            return ""
        }
        return "\(error)"
    }

    private func edit(_ path: String, _ change: (inout [String]) -> Void) throws {
        var lines = String(decoding: try #require(contents(path)), as: UTF8.self).split(separator: "\n").map(
            String.init)
        change(&lines)
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func damage(_ path: String, _ kind: String) throws {
        let files = FileManager.default
        switch kind {
        case "flipped":
            var bytes = try #require(contents(path))
            bytes[bytes.count / 2] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        case "folder":
            try? files.removeItem(atPath: path)
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        default:
            try? files.removeItem(atPath: path)
            symlink("/nonexistent/elsewhere", path)
        }
    }

    /// Faults of the second cut, of the undo and of what the undo writes.
    @Test(arguments: [("cut-2", 3), ("undo-1", 2), ("undo-3", 4), ("undo-3.metrics", 4)], [true, false])
    func aCommandThatFailsStopsIt(fault: (String, Int), interactive: Bool) throws {
        let folder = TemporaryFolder()
        let path = try killed(folder)
        let journal = contents(path + "/journal.jsonl")
        let name = path + "/checkpoints/" + fault.0 + (fault.0.hasSuffix("metrics") ? ".jsonl" : ".safetensors")
        copyRun(path, to: folder("whole"))
        // What the replay would write anew stands in its way.
        try Self.damage(name, "folder")
        let said = try failure(path, interactive: interactive)
        #expect(said.contains("journal.jsonl, line \(fault.1): ") && said.contains(name), "\(said)")
        #expect(said.contains("--without-command \(fault.1)"), "\(said)")
        #expect(contents(path + "/journal.jsonl") == journal)
        // Mended, it is the same run.
        try FileManager.default.removeItem(atPath: name)
        for run in [path, folder("whole")] { _ = try Play(in: run, interactive: false).end() }
        expectSame(path, folder("whole"), fault.0)
    }

    /// What a checkpoint in the middle refers to, and a replay only reads.
    @Test(arguments: ["undo-2.safetensors", "cut-1.safetensors", "undo-1.safetensors"], ["flipped", "folder", "link"])
    func aFileThatIsReadBackIsWhatWasWritten(name: String, kind: String) throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("live"), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for command in [Command.cut(keep(1200)), .cut(keep(500)), .checkpoint] { try play.send(command) }
        for command in [Command.undo, .undo, .redo, .cut(keep(1900))] { try play.send(command) }
        copyRun(folder("live"), to: folder("run"))
        try play.stop()
        try Self.damage(folder("run/checkpoints/" + name), kind)
        if kind == "link" {
            #expect(throws: FileProblem.self) { try RunFolder.open(folder("run")) }
        } else {
            #expect(try failure(folder("run")).contains("--without-command"))
        }
        #expect(contents(folder("run/final.safetensors")) == nil)
    }

    @Test func whatIsLeftOutStaysOut() throws {
        let folder = TemporaryFolder()
        let path = try killed(folder)
        try Self.damage(path + "/checkpoints/undo-3.safetensors", "folder")
        copyRun(path, to: folder("later"))
        let first = try Play(in: path, without: [4])
        #expect(try first.snapshot { $0.phase == .paused && $0.floor == 50 }.nnz == 500)
        // Killed again before any checkpoint: the journal alone has to know.
        copyRun(path, to: folder("again"))
        try first.stop()
        #expect(String(decoding: contents(path + "/journal.jsonl")!, as: UTF8.self).contains("\"without\":4}"))
        for run in [path, folder("again")] {
            guard case .finished = try Play(in: run, interactive: false).end() else {
                Issue.record("\(run) did not finish")
                return
            }
        }
        expectSame(path, folder("again"))
        // Asked for twice is asked for once; a later command is left out at another time.
        try Play(in: folder("later"), interactive: false, without: [4, 5]).end()
        let both = try #require(contents(folder("later/final.safetensors")))
        #expect(both == contents(path + "/final.safetensors"), "a floor changes no weight here")
        for (number, found) in [(0, "no such line"), (99, "no such line"), (1, "has executed")] {
            #expect(try failure(path, without: [number]).contains(found))
        }
    }

    /// A gradual run; killed at 24 its journal has the cuts at 15 and 20.
    private static let gradual = """
        method: gradual-magnitude
        schedule: {name: cubic, final: 0.8, begin: 10, end: 45, every: 5}
        """

    @Test(arguments: [
        "kept", "gone", "early", "beyond", "undo", "redo", "finish", "trainOn", "keep", "checkpoint", "stop",
    ])
    func aJournalOfAnotherRunStopsIt(_ kind: String) throws {
        let folder = TemporaryFolder()
        try Play(
            digits(Self.gradual), in: folder("whole"), interactive: false, copies: [(24, folder("run"))]
        ).end()
        var line = 4
        try edit(folder("run/journal.jsonl")) { lines in
            #expect(lines.count == 2)
            switch kind {
            case "kept":
                lines[1] = lines[1].replacing(/"kept":\d+/, with: "\"kept\":7")
                line = 2
            case "gone":
                lines.remove(at: 0)
                line = 1
            case "early":
                lines.append(#"{"command":{"pause":{}},"step":3}"#)
                line = 3
            case "beyond":
                lines.append(#"{"command":{"pause":{}},"step":1000}"#)
                line = 3
            case "finish":
                lines += [#"{"command":{"finish":{}},"step":22}"#, #"{"command":{"undo":{}},"step":22}"#]
            default:
                let command = kind == "keep" ? #""keep":{"path":"x.safetensors"}"# : "\"\(kind)\":{}"
                lines.append("{\"command\":{\(command)},\"step\":22}")
                line = 3
            }
        }
        let journal = contents(folder("run/journal.jsonl"))
        // Training on does nothing where training goes on: that was never written, but harms nothing either.
        if kind == "trainOn" {
            try Play(in: folder("run"), interactive: false).end()
            #expect(contents(folder("run/final.safetensors")) == contents(folder("whole/final.safetensors")))
            return
        }
        let said = try failure(folder("run"))
        #expect(said.contains("line \(line): ") && said.contains("--without-command \(line)"), "\(said)")
        // A cut of the schedule that comes between is in the journal as ever.
        if kind != "beyond" { #expect(contents(folder("run/journal.jsonl")) == journal) }
        let isUntouched = contents(folder("run/final.safetensors")) == nil
        #expect(isUntouched || kind == "finish")
    }

    /// Behind what is left out, schedules may do something else, and a later resume does the same.
    @Test func aRecordThatDiffersCanBeLeftOut() throws {
        let folder = TemporaryFolder()
        try Play(
            digits(Self.gradual), in: folder("whole"), interactive: false, copies: [(24, folder("run"))]
        ).end()
        try edit(folder("run/journal.jsonl")) { $0[0] = $0[0].replacing(/"kept":\d+/, with: "\"kept\":7") }
        try Play(in: folder("run"), interactive: false, without: [1]).end()
        #expect(contents(folder("run/final.safetensors")) == contents(folder("whole/final.safetensors")))
        copyRun(folder("run"), to: folder("again"))
        try FileManager.default.removeItem(atPath: folder("again/checkpoints"))
        try Play(in: folder("again"), interactive: false, restarts: true).end()
        expectSame(folder("run"), folder("again"))
    }

    /// A path in a journal is nobody's wish.
    @Test(arguments: ["absolute", "parent", "link", "inside", "own"])
    func aReplayKeepsNothing(_ kind: String) throws {
        let folder = TemporaryFolder()
        let path = try killed(folder)
        let victim = folder("victim.safetensors")
        _ = FileManager.default.createFile(atPath: victim, contents: Data([7]))
        symlink(folder.path, path + "/out")
        let target = [
            "absolute": victim, "parent": path + "/../victim.safetensors", "link": path + "/out/victim.safetensors",
            "inside": path + "/kept.safetensors", "own": path + "/checkpoints/latest.safetensors",
        ][kind]!
        try edit(path + "/journal.jsonl") {
            $0.insert(#"{"command":{"keep":{"path":"\#(target)"}},"step":12}"#, at: 1)
        }
        let latest = contents(path + "/checkpoints/latest.safetensors")
        #expect(try failure(path).contains("line 2: 'keep' at step 12"))
        #expect(contents(victim) == [7] && contents(path + "/kept.safetensors") == nil)
        #expect(contents(folder("victim.bitmask.safetensors")) == nil)
        #expect(contents(path + "/checkpoints/latest.safetensors") == latest)
    }

    // MARK: The journal as a file

    @Test(arguments: ["blank", "windows", "unended", "nul", "half", "garbage"])
    func whatBecomesOfAJournalOnDisk(_ kind: String) throws {
        let folder = TemporaryFolder()
        let path = try killed(folder)
        copyRun(path, to: folder("whole"))
        var text = String(decoding: try #require(contents(path + "/journal.jsonl")), as: UTF8.self)
        let isDamaged = ["nul", "half", "garbage"].contains(kind)
        switch kind {
        case "blank": text = "\n" + text.replacing("\n", with: "\n\n  \n")
        case "windows": text = text.replacing("\n", with: "\r\n")
        case "unended": text.removeLast()
        case "nul": text += String(repeating: "\0", count: 4000)
        case "half": text += "{\"step\":30,\"comm"
        default: text += "nothing\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/journal.jsonl"))
        let play = try Play(in: path, interactive: false)
        try play.end()
        #expect(play.messages.contains { $0.contains("line 6, was cut short") } == isDamaged, "\(play.messages)")
        try Play(in: folder("whole"), interactive: false).end()
        for name in ["final.safetensors", "final.bitmask.safetensors"] {
            #expect(contents(path + "/" + name) == contents(folder("whole/" + name)))
        }
    }

    @Test(arguments: ["nothing", "{}", "{\"step\":12}", "\0\0", "{\"step\":12,\"without\":9}"])
    func aDamagedLineInTheMiddleIsAnErrorWithItsNumber(_ line: String) throws {
        let folder = TemporaryFolder()
        let path = try killed(folder)
        try edit(path + "/journal.jsonl") { $0.insert(line, at: 2) }
        let before = contents(path + "/journal.jsonl")
        #expect(try failure(path).hasPrefix("\(path)/journal.jsonl, line 3: "))
        if line.hasPrefix("{") {
            // Whole, if not understood: not the trace of a crash at the end either.
            try edit(path + "/journal.jsonl") { $0.append($0.remove(at: 2)) }
            #expect(try failure(path).hasPrefix("\(path)/journal.jsonl, line 6: "))
            return
        }
        #expect(contents(path + "/journal.jsonl") == before)
    }

    @Test(arguments: ["blank", "windows", "half", "broken", "middle"])
    func whatBecomesOfMetricsOnDisk(_ kind: String) throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(40, .stop)])
        try play.end()
        let metrics = folder("run/metrics.jsonl")
        var bytes = try #require(contents(metrics))
        let count = bytes.count { $0 == 10 }
        switch kind {
        case "blank": bytes = bytes.flatMap { $0 == 10 ? [10, 10] : [$0] }
        case "windows": bytes = bytes.flatMap { $0 == 10 ? [13, 10] : [$0] }
        case "half": bytes += Array("{\"step\":41".utf8)
        case "broken": bytes += [0xFF, 10, 0, 0, 10]
        default: bytes[bytes.firstIndex(of: 10)! + 5] = 0xFF
        }
        try Data(bytes).write(to: URL(fileURLWithPath: metrics))
        if kind == "middle" {
            #expect(try failure(folder("run")).hasPrefix("\(metrics), line 2: "))
            return
        }
        let resumed = try Play(in: folder("run"), interactive: false)
        guard case .finished = try resumed.end() else {
            Issue.record("it did not finish")
            return
        }
        #expect(try #require(resumed.session.latestSnapshot()).curve.count == count + 21)
    }

    // MARK: Disks

    /// A cut that could not be written is made before anything else: at the step where it belongs.
    @Test(arguments: [false, true]) func aScheduledCutWaitsForRoom(_ isLate: Bool) throws {
        let folder = TemporaryFolder()
        let files = FileManager.default
        let recipe = try digits(Self.gradual)
        try Play(recipe, in: folder("whole"), interactive: false).end()
        let play = try Play(recipe, in: folder("run"), [.init(isLate ? 18 : 8, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try files.moveItem(atPath: folder("run/checkpoints"), toPath: folder("run/aside"))
        _ = files.createFile(atPath: folder("run/checkpoints"), contents: Data())
        func waits() throws {
            let shown = try play.snapshot { $0.phase == .paused && $0.step == (isLate ? 20 : 15) }
            #expect(shown.messages.last?.text.hasPrefix("cannot save: ") == true)
        }
        for command in [Command.trainOn(steps: nil), .trainOn(steps: nil), .cut(keep(100)), .checkpoint] {
            play.session.send(command)
            _ = try play.ask(.attempt(keep(1), steps: 0))
            try waits()
        }
        unlink(folder("run/checkpoints"))
        try files.moveItem(atPath: folder("run/aside"), toPath: folder("run/checkpoints"))
        copyRun(folder("run"), to: folder("killed"))
        play.session.send(.trainOn(steps: nil))
        _ = try play.snapshot { $0.phase == .outOfSteps }
        copyRun(folder("run"), to: folder("late"))
        play.session.send(.finish)
        _ = try play.snapshot { $0.phase == .finished }
        try play.stop()
        for name in ["killed", "late"] { try Play(in: folder(name), interactive: false).end() }
        for name in ["run", "killed", "late"] {
            #expect(
                contents(folder(name + "/final.safetensors")) == contents(folder("whole/final.safetensors")), "\(name)")
        }
    }
}

/// A finished run that is trained on.
@Suite struct UnsealTests {
    @Test(arguments: ["", "stop-after: 40"]) func aFinishedRunIsTrainedOn(limit: String) throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(limit), in: folder("run"), interactive: false)
        _ = try play.end()
        let before = try #require(contents(play.run.final))
        let steps = play.metrics.last!.step
        let more = try Play(
            in: folder("run"), interactive: false, moreSteps: 15, copies: [(steps + 10, folder("copy"))])
        _ = try more.end()
        #expect(more.messages.contains { $0.contains("unsealed") })
        #expect(more.metrics.last?.step == steps + 15)
        #expect(contents(more.run.final) != before)
        // Killed on the way it goes on without being told again.
        let resumed = try Play(in: folder("copy"), interactive: false)
        _ = try resumed.end()
        #expect(contents(resumed.run.final) == contents(more.run.final))
        // One that has steps to go is not trained past them.
        let half = try Play(
            digits(), in: folder("half"), [.init(20, .stop)])
        _ = try half.end()
        let refused = try Play(in: folder("half"), interactive: false, moreSteps: 5)
        guard case .failed = try refused.end() else {
            Issue.record("it was trained past steps that it had not made")
            return
        }
    }
}
