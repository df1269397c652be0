import Foundation
import Terminal
import Testing

/// However the workbench ends, the terminal is as it was, and nothing is lost.
@Suite struct LeavingTests {
    @Test func `Left by q and y, with Enter and Esc staying`() throws {
        let desk = try Desk()
        try desk.waitForTraining()
        #expect(desk.picture.isAlternate)
        #expect(!desk.picture.isCursorShown)
        for no in ["\r", "n", nil] {
            desk.terminal.send("q")
            try desk.terminal.wait(for: "y does it")
            if let no {
                desk.terminal.send(no)
                try desk.terminal.wait(for: "the question gone") { !$0.text.contains("y does it") }
            } else {
                try desk.escape(until: "the question gone") { !$0.text.contains("y does it") }
            }
        }
        #expect(try desk.leave() == 0)
        #expect(desk.picture.text.contains("go on with: "))
        #expect(try desk.folder.step("run") > 0)
    }

    @Test(arguments: [
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGIO, SIGPWR,
        SIGSTKFLT, 37,
    ])
    func `A signal writes a checkpoint and says how to go on`(number: Int32) throws {
        let desk = try Desk(Desk.longDigits + ["--set", "checkpoint-every=1000000000"])
        try desk.waitForTraining()
        #expect(kill(desk.program, number) == 0)
        #expect(try desk.ended() == 128 + number)
        #expect(desk.picture.text.contains("go on with: "))
        #expect(try desk.folder.step("run") > 0)
    }

    @Test func `Ctrl-C is the same`() throws {
        let desk = try Desk()
        try desk.waitForTraining()
        desk.terminal.send("\u{03}")
        #expect(try desk.ended() == 130)
        #expect(desk.picture.text.contains("go on with: "))
    }

    @Test func `What the parent ignored stays ignored`() throws {
        let desk = try Desk(before: "trap '' HUP INT QUIT USR1 TSTP")
        try desk.waitForTraining()
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGTSTP] { #expect(kill(desk.program, number) == 0) }
        desk.terminal.send("\u{03}\u{1A}2")
        try desk.terminal.wait(for: "[2 Heat]")
        #expect(kill(desk.program, SIGTERM) == 0)
        #expect(try desk.ended() == 128 + SIGTERM)
    }

    @Test(arguments: [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS])
    func `A crash gives the terminal back`(number: Int32) throws {
        let desk = try Desk()
        try desk.waitForTraining()
        #expect(kill(desk.program, number) == 0)
        #expect(try desk.ended() == 128 + number)
    }

    @Test func `A closed window leaves a checkpoint, and the run goes on from it`() throws {
        let folder = try TemporaryFolder()
        let terminal = try PseudoTerminal(
            [Program.path, "workbench", "--run", folder("run")] + Desk.longDigits
                + ["--set", "checkpoint-every=1000000000"],
            environment: Program.environment(), width: 80, height: 24)
        try terminal.wait(for: "▶ TRAINING step")
        terminal.hangUp()
        #expect(try terminal.waitForEnd() == 128 + SIGHUP)
        #expect(try folder.step("run") > 0)
        let again = try Desk(["run"], in: folder, run: nil)
        try again.waitForTraining()
        #expect(try again.leave() == 0)
    }

    @Test func `Ctrl-Z gives the terminal back and fg takes it again`() throws {
        let desk = try Desk()
        try desk.waitForTraining()
        for time in 1...2 {
            desk.terminal.send("\u{1A}")
            try desk.terminal.wait(for: "STOPPED") { $0.rows.contains("STOPPED \(time)") && !$0.isAlternate }
            #expect(desk.picture.isCursorShown)
            #expect(desk.folder.text("stopped") == desk.folder.text("before"))
            #expect(desk.picture.modes.isDisjoint(with: [1002, 1006, 2004]))
            desk.terminal.send("\n")
            try desk.terminal.wait(for: "the workbench again, with its mouse") {
                $0.isAlternate && $0.text.contains("▶ TRAINING step") && $0.modes.isSuperset(of: [1002, 1006, 2004])
            }
        }
        #expect(try desk.leave() == 0)
    }

    @Test(arguments: [SIGTTIN, SIGTTOU])
    func `Stopped in the terminal's place it gives the terminal back, too`(number: Int32) throws {
        let desk = try Desk()
        try desk.waitForTraining()
        #expect(kill(desk.program, number) == 0)
        try desk.terminal.wait(for: "STOPPED") { $0.rows.contains("STOPPED 1") && !$0.isAlternate }
        #expect(desk.folder.text("stopped") == desk.folder.text("before"))
        desk.terminal.send("\n")
        try desk.terminal.wait(for: "the workbench again") {
            $0.isAlternate && $0.text.contains("▶ TRAINING step") && $0.modes.isSuperset(of: [1002, 1006, 2004])
        }
        #expect(try desk.leave() == 0)
    }

    /// A shell sends CONT after TERM and HUP alone.
    @Test(arguments: [
        ("kill %1", SIGTERM), ("kill -HUP %1", SIGHUP), ("kill -INT %1; kill -CONT %1", SIGINT),
        ("kill -USR1 %1; kill -CONT %1", SIGUSR1), ("kill -XCPU %1; kill -CONT %1", SIGXCPU),
        ("kill -40 %1; kill -CONT %1", 40), ("bg; kill %1; kill -CONT %1", SIGTERM),
        ("stty tostop; kill %1", SIGTERM),
    ])
    func `Stopped and then killed, it ends with a checkpoint and leaves the terminal alone`(
        command: String, number: Int32
    ) throws {
        let desk = try Desk(Desk.longDigits + ["--set", "checkpoint-every=1000000000"])
        try desk.waitForTraining()
        desk.terminal.send("\u{1A}")
        try desk.terminal.wait(for: "STOPPED 1")
        desk.terminal.send(command + "; stty -tostop\n")
        // Where the job ends before the shell waits for it, the shell prints its status and then knows it no more.
        let code = try desk.ended()
        let told = desk.picture.text.firstMatch(of: /\[1\]\+? +Exit (\d+)/)?.1
        let isTold = code == 127 && told == "\(128 + number)"
        #expect(code == 128 + number || isTold, "\(desk.picture.text)")
        #expect(desk.picture.text.contains("go on with: "))
        // Left once: a second time, it would put the shell's cursor elsewhere.
        #expect(String(decoding: desk.picture.sent, as: UTF8.self).components(separatedBy: "\u{1B}[?1049l").count == 2)
        #expect(try desk.folder.step("run") > 0)
    }

    @Test func `Stopped by another and then killed, it gives the terminal back first`() throws {
        let desk = try Desk(Desk.longDigits + ["--set", "checkpoint-every=1000000000"])
        try desk.waitForTraining()
        #expect(kill(desk.program, SIGSTOP) == 0)
        try desk.terminal.wait(for: "STOPPED 1")
        desk.terminal.send("kill %1\n")
        #expect(try desk.ended() == 128 + SIGTERM)
        #expect(try desk.folder.step("run") > 0)
    }

    @Test func `A layout, a draft and the open view survive a kill`() throws {
        let desk = try Desk()
        try desk.waitForTraining()
        desk.terminal.send("3")
        try desk.terminal.wait(for: "[3 Threshold]")
        desk.terminal.send("e")
        try desk.terminal.wait(for: "zeros:")
        desk.terminal.send("70%")
        try desk.terminal.wait(for: "zeros: 70%")
        desk.terminal.send("\r")
        try desk.terminal.wait(for: "▸draft  global 70.0 %")
        try waitUntil("the layout on disk with the draft") {
            desk.folder.text("run/workbench.json").contains("\"threshold\"")
                && desk.folder.exists("run/checkpoints/latest.safetensors")
                && desk.folder.text("run/workbench.json").contains("3570")
        }
        #expect(kill(desk.program, SIGKILL) == 0)
        try desk.terminal.wait(for: "EXIT 137")
        let again = try Desk(["run"], in: desk.folder, run: nil)
        try again.terminal.wait(for: "[3 Threshold]")
        try again.terminal.wait(for: "▸draft  global 70.0 %")
        #expect(try again.leave() == 0)
    }
}
