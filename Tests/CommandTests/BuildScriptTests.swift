import Foundation
import Terminal
import Testing

/// What a person sees while the program is built: `Scripts/build` with a compiler that does what the test says.
@Suite struct BuildScriptTests {
    /// A folder with the script in it and a `swift` before all others on the path.
    private func bench(swift: String) throws -> (folder: TemporaryFolder, environment: [String: String]) {
        let folder = try TemporaryFolder()
        let files = FileManager.default
        for name in ["Scripts", "bin"] {
            try files.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
        }
        try files.copyItem(atPath: Program.repository + "/Scripts/build", toPath: folder("Scripts/build"))
        try folder.write("#!/bin/sh\n" + swift, to: "bin/swift")
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder("bin/swift"))
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return (folder, Program.environment(["PATH": folder("bin") + ":" + path, "TMPDIR": folder.path]))
    }

    @Test func `A line says how far the build is, and goes when it is done`() throws {
        let (folder, environment) = try bench(
            swift: """
                echo '[7/31] Compiling Kernels Ahead.swift'
                until [ -e "$TMPDIR/go" ]; do sleep 0.05; done
                echo 'Build complete!'
                """)
        let terminal = try PseudoTerminal([folder("Scripts/build")], environment: environment, width: 80, height: 24)
        try terminal.wait(for: "building, ")
        try terminal.wait(for: "7 of 31 steps")
        try folder.write("", to: "go")
        #expect(try terminal.waitForEnd() == 0)
        #expect(terminal.picture.text.trimmingCharacters(in: .whitespacesAndNewlines) == "")
    }

    @Test func `A build that fails shows what it printed, and its status`() throws {
        let (folder, environment) = try bench(swift: "echo 'error: no such module'; exit 3")
        let result = try Program.run([], environment: environment, program: folder("Scripts/build"))
        #expect(result.code == 3)
        #expect(result.errors == "error: no such module\n")
        #expect(result.output == "")
    }

    @Test func `A build with nothing to do says nothing and leaves no file`() throws {
        let (folder, environment) = try bench(swift: "echo 'Build complete!'")
        let result = try Program.run([], environment: environment, program: folder("Scripts/build"))
        #expect(result.code == 0)
        #expect(result.errors + result.output == "")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["Scripts", "bin"])
    }

    @Test func `Ctrl-C ends the compiler too`() throws {
        let (folder, environment) = try bench(
            swift: """
                echo $$ >"$TMPDIR/compiler"
                echo '[1/2] Compiling'
                exec sleep 1000
                """)
        let terminal = try PseudoTerminal([folder("Scripts/build")], environment: environment, width: 80, height: 24)
        try terminal.wait(for: "1 of 2 steps")
        let compiler = try #require(pid_t(folder.text("compiler").trimmingCharacters(in: .whitespacesAndNewlines)))
        terminal.send("\u{03}")
        #expect(try terminal.waitForEnd() == 130)
        try waitUntil("the compiler's end") { kill(compiler, 0) != 0 }
    }
}
