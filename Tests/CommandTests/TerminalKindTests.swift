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

    /// Descriptions of types of terminal, in a folder that TERMINFO names.
    private func descriptions(_ text: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "source")
        let made = try Program.run(["-x", "-o", folder("terminfo"), folder("source")], program: "/usr/bin/tic")
        try #require(made.code == 0, "\(made.errors)")
        return folder
    }

    @Test func `A terminal that cannot place the cursor gets a sentence`() throws {
        let folder = try descriptions(
            """
            test-glass|no more than a screen,
            \tam, cols#80, lines#24, bel=^G, clear=^L, cr=^M, cub1=^H, ind=^J,
            test-paper|a printing terminal,
            \thc, os, cols#80, cr=^M, ind=^J,
            test-network|nobody knows what is at the other end,
            \tgn, am, cols#80, cr=^M, ind=^J,

            """)
        for name in ["dumb", "test-glass", "test-paper", "test-network"] {
            let desk = try Desk(environment: ["TERM": name, "TERMINFO": folder("terminfo")])
            #expect(try desk.ended() == 69)
            #expect(desk.picture.text.contains("espalier: the terminal is '\(name)'"))
            #expect(!desk.picture.isAlternate)
            #expect(!desk.folder.exists("run"))
        }
    }

    @Test func `A terminal of direct colours is shown them`() throws {
        let folder = try descriptions(
            """
            test-direct|numbers are red and green and blue,
            \tRGB, colors#0x1000000, pairs#0x7FFF,
            \tsetaf=\\E[%?%p1%{8}%<%t3%p1%d%e38;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
            \tsetab=\\E[%?%p1%{8}%<%t4%p1%d%e48;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
            \tinitc@, use=xterm-256color,
            test-direct-16|the same in fewer bits,
            \tRGB=5/6/5, colors#0x10000, pairs#0x7FFF, initc@, use=xterm-256color,

            """)
        func sent(_ name: String) throws -> String {
            let desk = try Desk(environment: ["TERM": name, "TERMINFO": folder("terminfo")])
            try desk.waitForTraining()
            desk.terminal.send("2")
            try desk.terminal.wait(for: "[2 Heat]")
            try desk.terminal.wait(for: "fc1")
            #expect(try desk.leave() == 0)
            return String(decoding: desk.picture.sent, as: UTF8.self)
        }
        let full = try sent("test-direct")
        // The focus is 0xFFD75F.
        #expect(full.contains("38;2;255;215;95"))
        #expect(!full.contains("38;2;0;0;"))
        // Of these only the first eight are the same everywhere.
        let few = try sent("test-direct-16")
        #expect(few.contains("\u{1B}[33m") && !few.contains("38;"))
    }

    @Test func `The size is the terminal's own`() throws {
        let desk = try Desk(environment: ["COLUMNS": "200", "LINES": "60"])
        try desk.waitForTraining()
        #expect(desk.picture.rows[0].hasPrefix(" [1 Session]"))
        #expect(desk.picture.rows[23].contains("q  ?"))
        desk.terminal.resize(width: 100, height: 30)
        try desk.terminal.wait(for: "the footer in its last row") { $0.rows[29].hasSuffix("q  ?") }
        #expect(try desk.leave() == 0)
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
        // tmux passes no copy on by default, but has a buffer of its own.
        _ = try tmux("send-keys", "y")
        try see("copied to tmux's buffer: draft global 0.1 %")
        #expect(try tmux("show-buffer").output.hasPrefix("draft global 0.1 %"))
        _ = try tmux("send-keys", "q")
        try see("y does it")
        _ = try tmux("send-keys", "y")
        try see("EXIT 0")
        try see("go on with: ")
        try waitUntil("the modes after") { folder.exists("after") && !folder.text("after").isEmpty }
        #expect(folder.text("after") == folder.text("before"))
    }
}
