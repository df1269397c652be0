import Foundation
import Terminal
import Testing
import Text

/// Names out of recipes, folders and the command line, in everything that is printed: shown, never sent.
@Suite struct ShownTextTests {
    /// A title for the window, a line of its own, a line turned round, a byte that is CSI to some.
    private static let hostile = "fc\u{1B}]0;pwned\u{07}\n\u{202E}\u{9B}31m"
    private static let shown = "fc␛]0;pwned␇␊<U+202E><U+009B>31m"

    private func recipe(_ folder: TemporaryFolder, steps: Int = 3) throws -> String {
        let name = #""fc\e]0;pwned\a\n\u202e\u009b31m""#
        try folder.write(
            """
            data: digits
            validation: 237
            stop-after: \(steps)
            network:
              - {operator: flatten}
              - {name: \(name), operator: linear, outputs: 10}
            """, to: "recipe.yaml")
        return folder("recipe.yaml")
    }

    private func check(_ result: Program.Result, _ location: SourceLocation = #_sourceLocation) {
        let sent = (result.output + result.errors).unicodeScalars.filter { $0 != "\n" && $0.isUnseen }
        #expect(sent.isEmpty, "\(result.output.visible) \(result.errors.visible)", sourceLocation: location)
    }

    @Test func `Of a layer and a folder, wherever they are printed`() throws {
        let folder = try TemporaryFolder()
        let run = folder("run" + Self.hostile)
        let file = try recipe(folder)
        let trained = try Program.run("train", file, "--run", run)
        check(trained)
        #expect(trained.code == 0 && trained.lines[0].contains("run" + Self.shown), "\(trained)")
        let told = try Program.run("inspect", run)
        check(told)
        #expect(told.code == 0 && told.output.contains(Self.shown))
        let json = try Program.run("inspect", run, "--json")
        check(json)
        let line = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(line["layer"] as? String == Self.hostile)
        #expect(
            Set(line.keys) == [
                "bytes", "entropy_bound", "kept", "layer", "multiply_adds", "shape", "smallest", "sparsity",
                "weights", "zero_weights",
            ])
        for arguments in [
            ["evaluate", run], ["evaluate", run, "--json"], ["resume", run], ["inspect", run + "x"],
            ["evaluate", Self.hostile], ["train", Self.hostile], ["train", file, "--run", run],
            ["resume", Self.hostile],
            ["workbench", run, "--render", Self.hostile],
            ["workbench", run, "--render", "heat", "--size", Self.hostile],
            ["workbench", run, "--render", "heat", "--format", Self.hostile], ["list", Self.hostile],
            ["inspect", run, Self.hostile], [Self.hostile], ["--" + Self.hostile],
            ["train", file, "--set", Self.hostile],
            ["train", file, "--set", Self.hostile + "=1"], ["train", file, "--seed", Self.hostile],
            ["bench", "linear", "--" + Self.hostile], ["evaluate", run, "--on", Self.hostile],
            ["train", file, "--set", "name=" + Self.hostile, "--run", folder("other")],
        ] { check(try Program.run(arguments)) }
        for view in ["session", "heat", "threshold"] {
            for format in ["text", "svg"] {
                let picture = try Program.run(
                    "workbench", run, "--render", view, "--format", format, "--size", "200x60")
                check(picture)
                #expect(picture.code == 0 && picture.output.contains("fc␛]0;pwned"), "\(picture)")
            }
            let picture = try Program.run("workbench", run, "--render", view, "--format", "ansi")
            #expect(!picture.output.contains("\u{07}") && !picture.output.contains("\u{1B}]"))
            #expect(!picture.output.contains("\u{202E}"))
        }
    }

    @Test func `A character has one picture, also in quotes`() throws {
        let folder = try TemporaryFolder()
        try folder.write("name: \"r\\e[31m\\u202e\"\nnetwork: mlp-64-10\ndata: digits\n", to: "recipe.yaml")
        let result = try Program.run("train", folder("recipe.yaml"))
        check(result)
        #expect(result.code == 65 && result.errors.contains("'name' is \"r␛[31m<U+202E>\""), "\(result.errors)")
    }

    @Test func `A line break in a name makes no second message`() throws {
        let result = try Program.run("train", "no\nespalier: all is well")
        #expect(result.code == 65 && result.errors.split(separator: "\n").count == 1)
        #expect(try Program.run("inspect", "x", "no\nError: x").errors.contains("no␊Error"))
    }

    @Test func `A picture as SVG is XML`() throws {
        let folder = try TemporaryFolder()
        _ = try Program.run("train", try recipe(folder), "--run", folder("<run> & \"co\""), "--set", "name=<b>&amp;")
        let run = folder("<run> & \"co\"")
        let picture = try Program.run("workbench", run, "--render", "session", "--format", "svg")
        #expect(XMLReader.reads(picture.output), "\(picture)")
    }

    @Test(arguments: ["runs/$(touch pwned)", "it's", "-dash", "a b\u{1B}[31m\u{202E}"])
    func `The printed command may be pasted`(name: String) throws {
        let folder = try TemporaryFolder()
        let file = try recipe(folder, steps: 1_000_000)
        let start = "cd \(folder.path.shellWord) && mkdir -p runs && exec \"$0\" train recipe.yaml \"--run=$1\""
        let running = try Running(["-c", start, Program.path, name], program: "/bin/bash")
        try waitUntil("steps") { folder.text(name + "/metrics.jsonl").contains("\"step\"") }
        running.signal(SIGTERM)
        let stopped = try running.wait()
        check(stopped)
        let command = try #require(stopped.errors.components(separatedBy: "go on with: ").last).dropLast()
        #expect(!name.hasPrefix("-") || command.contains(" -- "))
        // What a person pastes: the line as it is.
        let again = try Running(
            ["-c", "cd \(folder.path.shellWord); \(command) & echo $! >pid; wait $!"], program: "/bin/bash")
        let before = folder.text(name + "/metrics.jsonl").utf8.count
        try waitUntil("the run that goes on", seconds: 240) {
            !again.isRunning || folder.text(name + "/metrics.jsonl").utf8.count > before
        }
        if !again.isRunning { Issue.record("\(command): \(try again.wait())") }
        kill(try #require(pid_t(folder.text("pid").trimmingCharacters(in: .whitespacesAndNewlines))), SIGTERM)
        _ = try again.wait()
        #expect(!folder.exists("pwned") && !folder.exists(name + "/pwned"))
        _ = file
    }

    @Test func `The workbench shows what it says on leaving, too`() throws {
        let folder = try TemporaryFolder()
        let name = "run\u{1B}]0;pwned\u{07}$(touch pwned)"
        let desk = try Desk(["digits"] + Desk.longDigits.dropFirst(), in: folder, run: name)
        try desk.waitForTraining()
        #expect(try desk.leave() == 0)
        #expect(
            desk.picture.text.replacingOccurrences(of: "\n", with: "").contains(
                #"$'run\033]0;pwned\007$(touch pwned)'"#))
        #expect(!String(decoding: desk.picture.sent, as: UTF8.self).contains("\u{1B}]0;"))
    }
}

/// Whether a text is well-formed XML, as Python's own reader has it.
private enum XMLReader {
    static func reads(_ text: String) -> Bool {
        guard let folder = try? TemporaryFolder(), (try? folder.write(text, to: "picture.svg")) != nil else {
            return false
        }
        let script = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])"
        let python = ProcessInfo.processInfo.environment["ESPALIER_TEST_PYTHON"] ?? "/usr/bin/python3"
        return (try? Program.run(["-c", script, folder("picture.svg")], program: python).code) == 0
    }
}
