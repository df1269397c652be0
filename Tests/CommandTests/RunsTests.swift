import Foundation
import Testing

/// Runs that something happened to, as a person meets them on the command line.
@Suite struct RunsTests {
    /// Permissions do not bind root; whoever tests as root looks as nobody.
    private static let nobody: [String] =
        geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

    private static func asNobody(_ arguments: [String]) throws -> Program.Result {
        let words = nobody + [Program.path] + arguments
        return try Program.run(Array(words.dropFirst()), program: words[0])
    }

    private static func everything(_ path: String) -> [String] {
        (FileManager.default.subpaths(atPath: path) ?? []).sorted().map { name in
            var status = stat()
            lstat(path + "/" + name, &status)
            let bytes = FileManager.default.contents(atPath: path + "/" + name)
            return "\(name) \(bytes.hashValue) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        }
    }

    /// Killed among its cuts.
    private static func killed(_ folder: TemporaryFolder) throws {
        let running = try Running([
            "train", "digits", "--set", "epochs=200", "--set", "schedule.end=6000", "--set", "checkpoint-every=500",
            "--run", folder("run"),
        ])
        try waitUntil("the third cut") { folder.exists("run/checkpoints/cut-3.safetensors") }
        running.signal(SIGKILL)
        _ = try running.wait()
        // The last cut may have been on its way to the journal.
        let journal = folder.text("run/journal.jsonl").split(separator: "\n")
        #expect(journal.count >= 2)
    }

    @Test func `A resume stops at what cannot be repeated, and goes on without it`() throws {
        let folder = try TemporaryFolder()
        try Self.killed(folder)
        let journal = folder.text("run/journal.jsonl")
        try FileManager.default.removeItem(atPath: folder("run/checkpoints/latest.safetensors"))
        try folder.write(journal + "{\"command\":{\"undo\":{}},\"step\":480}\n", to: "run/journal.jsonl")
        let line = journal.split(separator: "\n").count + 1
        let stopped = try Program.run("resume", folder("run"), "--restart")
        #expect(stopped.code == 65)
        #expect(
            stopped.errors.contains("journal.jsonl, line \(line): 'undo' at step 480 cannot be repeated"),
            "\(stopped.errors)")
        #expect(stopped.errors.contains("--without-command \(line)"))
        #expect(!folder.exists("run/final.safetensors"))
        let wrong = try Program.run("resume", folder("run"), "--without-command", "4000")
        #expect(wrong.code == 65 && wrong.errors.contains("no such line"), "\(wrong.errors)")
        let resumed = try Program.run("resume", folder("run"), "--without-command", "\(line)", "--seed", "1")
        #expect(resumed.code == 64, "a run's recipe is its own")
        let done = try Program.run("resume", folder("run"), "--without-command", "\(line)")
        #expect(done.code == 0, "\(done.errors)")
        #expect(folder.text("run/journal.jsonl").contains("\"without\":\(line)}"))
    }

    @Test func `Looking at a run needs no right to write, executes nothing and takes no lock`() throws {
        let folder = try TemporaryFolder()
        try Self.killed(folder)
        chmod(folder.path, 0o755)
        let journal = folder.text("run/journal.jsonl")
        try folder.write(
            journal
                + ["keep\":{\"path\":\"\(folder("victim.safetensors"))\"}", "finish\":{}", "checkpoint\":{}"]
                .map { "{\"command\":{\"\($0)},\"step\":500}\n" }.joined(), to: "run/journal.jsonl")
        let chmodded = try Program.run(["-R", "a-w", folder("run")], program: "/bin/chmod")
        #expect(chmodded.code == 0)
        defer { _ = try? Program.run(["-R", "u+w", folder("run")], program: "/bin/chmod") }
        let before = Self.everything(folder.path)
        for arguments in [
            ["workbench", folder("run"), "--render", "session"], ["workbench", folder("run"), "--render", "heat"],
            ["workbench", folder("run"), "--render", "threshold", "--format", "svg"], ["inspect", folder("run")],
            ["evaluate", folder("run")],
        ] {
            let result = try Self.asNobody(arguments)
            #expect(result.code == 0, "\(arguments): \(result.errors)")
            #expect(result.output.count > 20)
            if arguments[0] == "workbench" {
                #expect(result.errors.contains("3 commands of the journal came after this checkpoint"))
            }
            #expect(Self.everything(folder.path) == before, "\(arguments)")
        }
        #expect(try Program.run(["-R", "u+w", folder("run")], program: "/bin/chmod").code == 0)
        // While it is open elsewhere.
        try folder.write(journal, to: "run/journal.jsonl")
        let running = try Running(["resume", folder("run")])
        try waitUntil("a line of the resumed run") { running.printed.contains("step ") }
        #expect(try Program.run("workbench", folder("run"), "--render", "session").code == 0)
        #expect(running.isRunning)
        running.signal(SIGKILL)
    }

    @Test func `A folder that cannot be read is no new run`() throws {
        let folder = try TemporaryFolder()
        try Self.killed(folder)
        chmod(folder.path, 0o777)
        #expect(try Program.run(["-R", "a+rwX", folder("run")], program: "/bin/chmod").code == 0)
        for place in ["run/checkpoints", "run"] {
            chmod(folder(place), 0)
            defer { chmod(folder(place), 0o777) }
            for arguments in [["resume"], ["inspect"], ["evaluate"], ["workbench", "--render", "session"]] {
                let result = try Self.asNobody(arguments + [folder("run")])
                #expect(result.code == 65, "\(arguments): \(result.errors)")
                #expect(result.errors.contains("Permission denied"), "\(arguments): \(result.errors)")
            }
        }
    }

    @Test func `A lost checkpoint is said; a finished run is measured by its final file`() throws {
        let folder = try TemporaryFolder()
        try Self.killed(folder)
        #expect(unlink(folder("run/checkpoints/latest.safetensors")) == 0)
        let metrics = folder.text("run/metrics.jsonl")
        for arguments in [["resume"], ["inspect"], ["evaluate"], ["workbench", "--render", "session"]] {
            let result = try Program.run(arguments + [folder("run")])
            #expect(result.code == 65 && result.errors.contains("--restart"), "\(arguments): \(result.errors)")
        }
        symlink(folder("nowhere"), folder("run/checkpoints/latest.safetensors"))
        for arguments in [["resume"], ["inspect"], ["evaluate"], ["workbench", "--render", "session"]] {
            #expect(try Program.run(arguments + [folder("run")]).code == 65)
        }
        #expect(folder.text("run/metrics.jsonl") == metrics && !folder.exists("nowhere"))

        #expect(try Program.run("train", "digits", "--run", folder("done")).code == 0)
        let looks = [["inspect", folder("done")], ["evaluate", folder("done"), "--on", "test"]]
        let before = try looks.map { try Program.run($0).output }
        try FileManager.default.removeItem(atPath: folder("done/checkpoints"))
        #expect(try looks.map { try Program.run($0).output } == before)
        let resumed = try Program.run("resume", folder("done"))
        #expect(resumed.code == 65 && resumed.errors.contains("--restart"), "\(resumed.errors)")
        let restarted = try Program.run("resume", folder("done"), "--restart")
        #expect(restarted.code == 0, "\(restarted.errors)")
        #expect(try looks.map { try Program.run($0).output } == before)
    }

    @Test(arguments: ["x", "x/", "é", "x/yy"]) func `A name of one character is a name`(name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("{network: lenet-300-100, data: digits, stop-after: 2}", to: "r")
        let script = """
            cd "$1" && "$0" train r --run "$2" && cp "$2/final.safetensors" k && cp "$2/final.masks.safetensors" k.masks.safetensors
            "$0" evaluate k && "$0" inspect "$2" && "$0" resume "$2"
            """
        let result = try Program.run(
            ["-c", script, Program.path, folder.path, name], environment: [:], program: "/bin/bash")
        #expect(result.code == 0, "\(result.errors)")
    }

    @Test func `Eight at once are eight runs`() throws {
        let folder = try TemporaryFolder()
        let all = try (1...8).map { _ in
            try Running(
                ["-c", "cd \"$0\" && exec \"$@\"", folder.path, Program.path, "train", "digits", "--steps", "20"],
                program: "/bin/sh")
        }
        for one in all {
            let result = try one.wait()
            #expect(result.code == 0, "\(result.errors)")
        }
        let runs = try FileManager.default.contentsOfDirectory(atPath: folder("runs"))
        #expect(runs.sorted() == (1...8).map { "digits-\($0)" })
        let finals = Set(runs.map { folder.bytes("runs/\($0)/final.safetensors") })
        #expect(finals.count == 1 && !finals.contains(Data()))
    }

    @Test func `A run whose lock was deleted is open all the same`() throws {
        let folder = try TemporaryFolder()
        let running = try Running(["train", "digits", "--set", "epochs=90000", "--run", folder("run")])
        try waitUntil("the first line") { running.printed.contains("step ") }
        #expect(unlink(folder("run/lock")) == 0)
        let second = try Program.run("resume", folder("run"))
        #expect(second.code == 65 && second.errors.contains("open in another process"), "\(second.errors)")
        running.signal(SIGTERM)
        #expect(try running.wait().code == 128 + SIGTERM)
    }

    /// Killed at many moments, with what is left of writes that were cut off.
    @Test func `Kills leave the same bytes and nothing else`() throws {
        let folder = try TemporaryFolder()
        let recipe = ["train", "digits", "--set", "epochs=60", "--set", "checkpoint-every=5", "--seed", "5"]
        #expect(try Program.run(recipe + ["--run", folder("whole")]).code == 0)
        var running = try Running(recipe + ["--run", folder("run")])
        var random = SystemRandomNumberGenerator()
        for _ in 0..<12 {
            let lines = running.printed.count
            let more = Int.random(in: 0...200, using: &random)
            try waitUntil("a moment to kill") {
                running.printed.count >= lines + more || !running.isRunning
            }
            running.signal(SIGKILL)
            if try running.wait().code == 0 { break }
            try folder.write("half", to: "run/.espalier-\(running.process)-0")
            running = try Running(["resume", folder("run")])
        }
        if running.isRunning { #expect(try running.wait().code == 0) }
        for name in ["final.safetensors", "final.bitmask.safetensors", "journal.jsonl"] {
            #expect(folder.bytes("run/" + name) == folder.bytes("whole/" + name), "\(name)")
        }
        // But for times, and the memory that the kernels take which were the fastest.
        func figures(_ run: String) -> [String] {
            folder.text(run + "/metrics.jsonl").split(separator: "\n").map {
                String($0).replacing(/"(dense_)?samples_per_second":[^,]*,|"(bytes|elapsed_seconds)":[^,]*,/, with: "")
            }
        }
        #expect(figures("run") == figures("whole"))
        let left = try FileManager.default.subpathsOfDirectory(atPath: folder("run"))
        #expect(!left.contains { $0.contains(".espalier-") }, "\(left)")
    }
}
