import Foundation
import Testing
import Text

@Suite struct ShellWordTests {
    @Test(arguments: [
        ("runs/lenet-1", "runs/lenet-1"), ("", "''"), ("a b", "'a b'"), ("$(touch pwned)", "'$(touch pwned)'"),
        ("it's", #"'it'\''s'"#), ("~", "'~'"), ("=ls", "'=ls'"), ("a\nb", #"$'a\nb'"#),
        ("\u{1B}]0;it's!\\", #"$'\033]0;it\047s\041\\'"#), ("\u{202E}", #"$'\342\200\256'"#), ("é", "'é'"),
    ])
    func `A word is quoted as little as it needs`(text: String, word: String) { #expect(text.shellWord == word) }

    @Test func `A name that begins with a dash is no option`() {
        #expect(shellCommand(["espalier", "resume"], on: ["-x y"]) == "espalier resume -- '-x y'")
        #expect(shellCommand(["/a b/espalier", "resume"], on: ["runs/1"]) == "'/a b/espalier' resume runs/1")
    }

    @Test(arguments: ["/bin/bash", "/bin/sh"])
    func `A shell reads back what was quoted`(shell: String) throws {
        // POSIX has had `$'…'` since 2024; a shell without it is given only words that do not need it.
        let knows = try output(of: shell, "printf %s $'\\101'") == Data("A".utf8)
        var words = [
            "a b", "$(touch pwned)", "`id`", "it's", "\"", "\\", "a\\nb", "~", "*", "#x", "a;b|c&d", "é", "-n", "{a,b}",
        ]
        if knows {
            words +=
                (1..<0xA0).map { "<\(Unicode.Scalar(UInt8($0)))7\\'!" } + ["\u{202E}8", "\u{E0041}", "\r\n", "\u{1B}7"]
        }
        let script = words.map { "printf '%s\\0' \($0.shellWord)" }.joined(separator: "\n")
        #expect(try output(of: shell, script) == Data(words.map { $0 + "\0" }.joined().utf8))
    }

    private func output(of shell: String, _ script: String) throws -> Data {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: shell)
        process.arguments = ["-c", script]
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return data
    }
}
