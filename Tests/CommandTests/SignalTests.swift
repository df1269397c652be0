import Foundation
import Terminal
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

    /// Making so many weights takes a while, and nothing that was done would be lost.
    @Test(arguments: ["train", "workbench"])
    func `While a run is prepared it ends at once, and a new run goes`(command: String) throws {
        let folder = try TemporaryFolder()
        let arguments = ["digits", "--set", "network=mlp-64-5000-5000-10", "--run", folder("run")]
        if command == "train" {
            let running = try Running([command] + arguments)
            try waitUntil("its first line") { running.printed.contains("run ") }
            running.signal(SIGTERM)
            let result = try running.wait()
            #expect(result.code == 128 + SIGTERM)
            #expect(result.errors.hasSuffix("espalier: stopped before the run began; nothing was made\n"))
        } else {
            let terminal = try PseudoTerminal(
                [Program.path, command] + arguments, environment: Program.environment(), width: 80, height: 24)
            try terminal.wait(for: "the workbench") { $0.isAlternate && folder.exists("run/recipe.yaml") }
            kill(terminal.process, SIGTERM)
            #expect(try terminal.waitForEnd() == 128 + SIGTERM)
            #expect(!terminal.picture.isAlternate && terminal.picture.text.contains("nothing was made"))
        }
        #expect(!folder.exists("run"))
    }

    @Test func `While a run is prepared it says what is done, and q leaves at once`() throws {
        let folder = try TemporaryFolder()
        let terminal = try PseudoTerminal(
            [Program.path, "workbench", "digits", "--set", "network=mlp-64-5000-5000-10", "--run", folder("run")],
            environment: Program.environment(), width: 80, height: 24)
        try terminal.wait(for: "planning the memory of mlp-64-5000-5000-10")
        #expect(terminal.picture.text.contains("… PREPARING"))
        terminal.send("q")
        #expect(try terminal.waitForEnd() == 0)
        #expect(!terminal.picture.isAlternate && terminal.picture.text.contains("nothing was made"))
        #expect(!folder.exists("run"))
    }

    @Test func `A run that is prepared to go on stays as it is`() throws {
        let folder = try TemporaryFolder()
        let made = try Running([
            "train", "digits", "--set", "network=mlp-64-3000-3000-10", "--set", "epochs=90000", "--set", "method=none",
            "--set", "validate-every=1",
            "--run", folder("run"),
        ])
        try waitUntil("a step") { folder.text("run/metrics.jsonl").contains("\"step\"") }
        made.signal(SIGTERM)
        #expect(try made.wait().errors.contains("go on with: "))
        let before = folder.bytes("run/checkpoints/latest.safetensors")
        let running = try Running(["resume", folder("run"), "--threads", "1"])
        try waitUntil("its first line") { running.printed.contains("run ") }
        running.signal(SIGTERM)
        let result = try running.wait()
        #expect(result.code == 128 + SIGTERM)
        #expect(result.errors.hasSuffix("espalier: stopped before the run began; it is as it was\n"))
        #expect(folder.bytes("run/checkpoints/latest.safetensors") == before)
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
