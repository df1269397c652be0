import Foundation
import Terminal
import Testing

/// Whoever reads what the program writes may stop reading. That holds up nothing: training goes on, keys are taken, and
/// a signal ends the program with a checkpoint.
@Suite struct StuckOutputTests {
    private static let run = Desk.longDigits + ["--set", "checkpoint-every=1000000000"]

    /// A workbench in a terminal that takes nothing more.
    private func stuck(_ folder: TemporaryFolder) throws -> PseudoTerminal {
        let terminal = try PseudoTerminal(
            [Program.path, "workbench", "--run", folder("run")] + Self.run, environment: Program.environment(),
            width: 200, height: 60)
        try terminal.wait(for: "▶ TRAINING step")
        // From here on nothing is read. Each key is another picture; with nothing between, they would be a paste.
        let keys = "2\u{1B}[I1\u{1B}[I"
        try waitUntil("a terminal that takes nothing more") {
            terminal.send(keys, reads: false)
            return terminal.isFull
        }
        terminal.send(String(repeating: keys, count: 20), reads: false)
        return terminal
    }

    @Test(arguments: [[SIGTERM], [SIGHUP], [SIGINT], [SIGINT, SIGINT], [SIGQUIT], [SIGUSR1, SIGTERM]])
    func `A terminal that stopped reading is left at once, with a checkpoint`(signals: [Int32]) throws {
        let folder = try TemporaryFolder()
        let terminal = try stuck(folder)
        for number in signals { #expect(kill(terminal.process, number) == 0) }
        try waitUntil("the end, while nothing is read", seconds: 20) { terminal.hasEnded() }
        let status = try #require(terminal.status)
        #expect(signals.contains(status >> 8 - 128), "\(status)")
        #expect(folder.exists("run/checkpoints/latest.safetensors"))
        // The way back waits there for whoever reads again.
        try terminal.waitForEnd()
        #expect(!terminal.picture.isAlternate && terminal.picture.isCursorShown)
    }

    @Test func `A terminal that reads little by little is left within seconds, and is as it was`() throws {
        let folder = try TemporaryFolder()
        let terminal = try stuck(folder)
        #expect(kill(terminal.process, SIGTERM) == 0)
        let killed = PseudoTerminal.now
        // So slow that what waits for it would take a minute.
        while !terminal.hasEnded(), PseudoTerminal.isWithin(30, since: killed) {
            _ = terminal.read(milliseconds: 200, most: 100)
            usleep(100_000)
        }
        #expect(PseudoTerminal.isWithin(10, since: killed))
        #expect(try terminal.waitForEnd() == 128 + SIGTERM)
        #expect(!terminal.picture.isAlternate && terminal.picture.isCursorShown)
        #expect(terminal.picture.modes.isDisjoint(with: [1002, 1006, 2004, 2026]))
        #expect(try folder.step("run") > 0)
    }

    @Test func `A terminal that reads again gets the newest picture`() throws {
        let folder = try TemporaryFolder()
        let terminal = try stuck(folder)
        terminal.send("3", reads: false)
        try terminal.wait(for: "[3 Threshold]")
        try terminal.wait(for: "no draft")
        terminal.send("q")
        try terminal.wait(for: "y does it")
        terminal.send("y")
        #expect(try terminal.waitForEnd() == 0)
        #expect(!terminal.picture.isAlternate && terminal.picture.text.contains("go on with: "))
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func `A full pipe holds up neither training nor its end`(number: Int32) throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder("pipe"), 0o600) == 0)
        let reader = open(folder("pipe"), O_RDONLY | O_NONBLOCK)
        let writer = open(folder("pipe"), O_WRONLY | O_NONBLOCK)
        defer { for end in [reader, writer] { close(end) } }
        // F_SETPIPE_SZ, which Swift does not import: one page is soon full.
        _ = fcntl(writer, 1031, 4096)
        let running = try Running(
            ["-c", "exec \"$0\" \"$@\" >\(folder("pipe"))", Program.path, "train", "--json", "--run", folder("run")]
                + Self.run + ["--set", "validate-every=1"], program: "/bin/sh")
        try waitUntil("a pipe that takes nothing more") {
            var sink = pollfd(fd: writer, events: Int16(POLLOUT), revents: 0)
            return poll(&sink, 1, 0) == 0
        }
        let lines = folder.text("run/metrics.jsonl").utf8.count
        try waitUntil("steps that are made all the same") {
            folder.text("run/metrics.jsonl").utf8.count > lines + 20_000
        }
        running.signal(number)
        #expect(try running.wait(seconds: 20).code == 128 + number)
        #expect(folder.exists("run/checkpoints/latest.safetensors"))
    }
}
