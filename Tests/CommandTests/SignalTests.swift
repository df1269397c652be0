import Foundation
import Testing

/// Signals to a run without a terminal.
@Suite struct SignalTests {
    private static let run = Desk.longDigits + ["--set", "checkpoint-every=1000000000"]

    private func train(_ folder: TemporaryFolder, after prefix: String) throws -> Running {
        let running = try Running(
            ["-c", prefix + "exec \"$0\" \"$@\"", Program.path, "train", "--run", folder("run")] + Self.run,
            program: "/bin/sh")
        try waitUntil("steps") { folder.text("run/metrics.jsonl").contains("\"step\"") }
        return running
    }

    @Test(arguments: [SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU, SIGVTALRM, 40])
    func `Whatever asks it to end leaves a checkpoint`(number: Int32) throws {
        let folder = try TemporaryFolder()
        let running = try train(folder, after: "")
        running.signal(number)
        let result = try running.wait(seconds: 60)
        #expect(result.code == 128 + number)
        #expect(folder.exists("run/checkpoints/latest.safetensors"))
        #expect(result.errors == "espalier: stopped; go on with: \(Program.path) resume \(folder("run"))\n")
    }

    @Test func `A second signal waits for the checkpoint too`() throws {
        let folder = try TemporaryFolder()
        let running = try train(folder, after: "")
        running.signal(SIGINT)
        running.signal(SIGINT)
        #expect(try running.wait(seconds: 60).code == 128 + SIGINT)
        #expect(folder.exists("run/checkpoints/latest.safetensors"))
    }

    @Test(arguments: [
        "trap '' HUP INT QUIT USR1; ", "trap '' HUP; trap '' INT; trap '' QUIT; trap '' USR1; nohup true; ",
    ])
    func `What the parent ignored stays ignored`(prefix: String) throws {
        let folder = try TemporaryFolder()
        let running = try train(folder, after: prefix)
        // Of several that wait the lowest number is taken first, and TERM has the highest of these.
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGUSR1] { running.signal(number) }
        let steps = folder.text("run/metrics.jsonl").utf8.count
        try waitUntil("further steps") { folder.text("run/metrics.jsonl").utf8.count > steps + 1000 }
        running.signal(SIGTERM)
        #expect(try running.wait(seconds: 60).code == 128 + SIGTERM)
    }

    @Test func `A terminal that is closed does not end what nohup started`() throws {
        let folder = try TemporaryFolder()
        let running = try Running(
            [
                "-c", "nohup \"$0\" \"$@\" >\(folder("lines")) 2>&1 & echo $! >\(folder("pid")); wait", Program.path,
                "train",
                "--run", folder("run"),
            ] + Self.run, program: "/bin/sh")
        try waitUntil("steps") { folder.text("run/metrics.jsonl").contains("\"step\"") }
        let process = try #require(pid_t(folder.text("pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        for number in [SIGHUP, SIGINT, SIGQUIT] { kill(process, number) }
        let steps = folder.text("run/metrics.jsonl").utf8.count
        try waitUntil("further steps") { folder.text("run/metrics.jsonl").utf8.count > steps + 1000 }
        kill(process, SIGTERM)
        _ = try running.wait(seconds: 60)
        #expect(folder.text("lines").contains("stopped; go on with: "))
    }
}
