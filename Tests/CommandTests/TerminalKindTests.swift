import Foundation
import Terminal
import Testing

/// Terminals of every kind: small, unknown, without colour, without UTF-8, and none at all.
@Suite struct TerminalKindTests {
    @Test func `Too small says the size needed and keeps its state`() throws {
        let desk = try Desk(width: 60, height: 20)
        try desk.terminal.wait(for: "espalier needs 80×24, here are 60×20")
        desk.terminal.resize(width: 80, height: 24)
        try desk.waitForTraining()
        desk.terminal.send("3")
        try desk.terminal.wait(for: "[3 Threshold]")
        desk.terminal.resize(width: 79, height: 24)
        try desk.terminal.wait(for: "here are 79×24")
        desk.terminal.resize(width: 120, height: 40)
        try desk.terminal.wait(for: "[3 Threshold]")
        #expect(try desk.leave() == 0)
    }

    @Test(arguments: ["no-such-terminal", "", "xterm", "screen", "tmux-256color", "linux"])
    func `A terminal that is not known is taken for one that is`(name: String) throws {
        let desk = try Desk(environment: ["TERM": name])
        try desk.waitForTraining()
        #expect(try desk.leave() == 0)
    }

    @Test func `A terminal that cannot place the cursor gets a sentence`() throws {
        let desk = try Desk(environment: ["TERM": "dumb"])
        #expect(try desk.ended() == 69)
        #expect(desk.picture.text.contains("espalier: "))
        #expect(desk.picture.text.contains("dumb"))
        #expect(!desk.folder.exists("run"))
    }

    @Test func `NO_COLOR and a terminal without colour are shown none`() throws {
        for environment in [["NO_COLOR": "1"], ["TERM": "vt100"], ["TERM": "xterm-mono"]] {
            let desk = try Desk(environment: environment)
            try desk.waitForTraining()
            for key in "23" {
                desk.terminal.send("\(key)")
                try desk.terminal.wait(for: "view \(key)") { $0.text.contains("[\(key) ") && $0.text.contains("fc1") }
            }
            #expect(try desk.leave() == 0)
            #expect(!desk.picture.usedColour, "\(environment)")
        }
        let desk = try Desk()
        try desk.waitForTraining()
        #expect(try desk.leave() == 0)
        #expect(desk.picture.usedColour)
    }

    @Test func `Without UTF-8, and when asked, every byte is ASCII`() throws {
        for (arguments, environment) in [([], ["LC_ALL": "C"]), (["--ascii"], [:])] {
            let desk = try Desk(Desk.longDigits + arguments, environment: environment)
            try desk.terminal.wait(for: "TRAINING step")
            for key in "23" {
                desk.terminal.send("\(key)")
                try desk.terminal.wait(for: "view \(key)") { $0.text.contains("[\(key) ") && $0.text.contains("fc1") }
            }
            #expect(try desk.leave() == 0)
            #expect(!desk.picture.sent.contains { $0 >= 0x80 }, "\(arguments)")
        }
    }

    @Test(arguments: [["workbench", "digits"], ["digits"], []])
    func `Without a terminal it says so and makes nothing`(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let result = try Program.run(arguments + ["--run", folder("run")])
        #expect(result.code == 69)
        #expect(
            result.errors
                == "espalier: no terminal: the workbench needs one; 'espalier train RECIPE' trains without.\n")
        #expect(result.output.isEmpty)
        #expect(!folder.exists("run"))
    }

    @Test func `Under tmux the picture is the same`() throws {
        try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux"), "Scripts/test installs tmux")
        let folder = try TemporaryFolder()
        func tmux(_ arguments: String...) throws -> Program.Result {
            try Program.run(
                ["-S", folder("socket")] + arguments, environment: ["TERM": "xterm-256color"], program: "/usr/bin/tmux")
        }
        let command =
            "stty -g >\(folder("before")); \(Program.path) workbench --run \(folder("run")) "
            + Desk.longDigits.joined(separator: " ") + "; echo EXIT $?; stty -g >\(folder("after")); read -r wait"
        let started = try tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", command)
        #expect(started.code == 0, "\(started.errors)")
        defer { _ = try? tmux("kill-server") }
        func see(_ sign: String) throws {
            var last = ""
            do {
                try waitUntil(sign) {
                    last = try tmux("capture-pane", "-p").output
                    return last.contains(sign)
                }
            } catch { throw PseudoTerminal.TimedOut(description: "\(error):\n\(last)") }
        }
        try see("▶ TRAINING step")
        _ = try tmux("send-keys", "3")
        try see("[3 Threshold]")
        _ = try tmux("send-keys", "S-Right")
        try see("▸draft  global 0.1 %")
        _ = try tmux("send-keys", "q")
        try see("y does it")
        _ = try tmux("send-keys", "y")
        try see("EXIT 0")
        try see("go on with: ")
        try waitUntil("the modes after") { folder.exists("after") && !folder.text("after").isEmpty }
        #expect(folder.text("after") == folder.text("before"))
    }
}
