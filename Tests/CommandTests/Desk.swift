import Foundation
import Terminal
import Testing

/// The workbench as a person starts it: by a shell, in a terminal. The shell notes the terminal's modes before and
/// after, and how the program ended.
final class Desk {
    let folder: TemporaryFolder
    let terminal: PseudoTerminal

    /// Digits, long enough that they are still training when a test is done with them.
    static let longDigits = [
        "digits", "--set", "method=none", "--set", "epochs=90000", "--set", "checkpoint-every=2000",
        "--set", "learning-rate=constant", "--threads", "1",
    ]

    /// - Parameter arguments: of `workbench`, beyond `--run`.
    init(
        _ arguments: [String] = longDigits, width: Int = 80, height: Int = 24, environment: [String: String?] = [:],
        in given: TemporaryFolder? = nil, run: String? = "run", before: String = ""
    ) throws {
        let folder = try given ?? TemporaryFolder()
        self.folder = folder
        try folder.write(
            """
            set -m
            \(before)
            stty -g >before
            sh -c 'echo $$ >pid; exec "$0" "$@"' "$@"
            code=$?
            # No loop: bash leaves one whose job is stopped.
            again() {
                stty -g >stopped; echo "STOPPED $1"; read -r answer
                if [ -z "$answer" ]; then fg >/dev/null; code=$?; else eval "$answer"; wait -f %1; code=$?; fi
            }
            # 128 and STOP, or TSTP.
            case $code in 147|148) again 1 ;; esac
            case $code in 147|148) again 2 ;; esac
            stty -g >after
            echo "EXIT $code"
            """, to: "script")
        terminal = try PseudoTerminal(
            [
                "/bin/bash", "-c", "cd \"$0\" && . ./script", folder.path, Program.path, "workbench",
            ] + arguments + (run.map { ["--run", $0] } ?? []), environment: Program.environment(environment),
            width: width, height: height)
    }

    var picture: TerminalPicture { terminal.picture }
    var program: pid_t { pid_t(folder.text("pid").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 }

    /// Behind Esc the terminal says that its window has the focus: a key that came as soon would be Alt's, torn.
    func escape(until sign: String, _ holds: (TerminalPicture) -> Bool) throws {
        terminal.send("\u{1B}")
        try terminal.wait(for: sign, until: holds)
        terminal.send("\u{1B}[I")
    }

    func waitForTraining() throws { try terminal.wait(for: "▶ TRAINING step") }

    /// Waits for the program's end and checks that the terminal is as it was.
    ///
    /// - Returns: the exit code the shell saw.
    func ended(_ location: SourceLocation = #_sourceLocation) throws -> Int32 {
        try terminal.wait(for: "EXIT ")
        try terminal.waitForEnd()
        let text = terminal.picture.text
        #expect(!picture.isAlternate, "\(text)", sourceLocation: location)
        #expect(picture.isCursorShown, sourceLocation: location)
        #expect(picture.modes.isDisjoint(with: [1, 1000, 1002, 1003, 1006, 2004, 2026]), sourceLocation: location)
        #expect(!folder.text("before").isEmpty, sourceLocation: location)
        #expect(folder.text("after") == folder.text("before"), sourceLocation: location)
        let line = try #require(picture.rows.last { $0.hasPrefix("EXIT ") }, sourceLocation: location)
        return try #require(Int32(line.dropFirst(5)), sourceLocation: location)
    }

    func leave() throws -> Int32 {
        terminal.send("q")
        // While a run is prepared nobody is asked.
        try terminal.wait(for: "y does it") { $0.text.contains("y does it") || $0.text.contains("EXIT ") }
        if picture.text.contains("y does it") { terminal.send("y") }
        return try ended()
    }
}
