import Foundation
import Terminal
import Testing

/// Bytes that a terminal sends besides keys, written to the real program, with the pauses of slow lines.
@Suite struct TerminalInputTests {
    /// Paused, with a draft that `a` or `A` would cut, and the history focused.
    private func drafting(_ environment: [String: String?] = [:]) throws -> Desk {
        let desk = try Desk(environment: environment)
        try desk.waitForTraining()
        desk.terminal.send("p")
        try desk.terminal.wait(for: "‖ PAUSED step")
        desk.terminal.send("3")
        try desk.terminal.wait(for: "[3 Threshold]")
        desk.terminal.send("\u{1B}[1;2C")
        try desk.terminal.wait(for: "▸draft  global 0.1 %")
        desk.terminal.send("\t")
        return desk
    }

    /// Other keys still work, and nothing was done.
    private func isAsItWas(_ desk: Desk, _ words: Comment, _ location: SourceLocation = #_sourceLocation) throws {
        desk.terminal.send("2")
        try desk.terminal.wait(for: "[2 Heat]")
        desk.terminal.send("3")
        // Not sooner than the whole picture stands there.
        try desk.terminal.wait(for: "\(words): paused, with its draft") {
            let text = $0.text
            return text.contains("[3 Threshold]") && text.contains("‖ PAUSED step")
                && text.contains("▸draft  global 0.1 %") && text.contains("t try")
        }
        #expect(!desk.picture.text.contains("#1 cut"), words, sourceLocation: location)
    }

    /// - Parameter pieces: each written for itself; between them the pause that is tried, for the pause is the input.
    private func send(_ pieces: [String], pauseMilliseconds: Int, to desk: Desk) {
        for (index, piece) in pieces.enumerated() {
            if index > 0 { usleep(UInt32(pauseMilliseconds) * 1000) }
            desk.terminal.send(piece)
        }
        // A key typed at once would be taken for the rest of what was cut off.
        usleep(700_000)
    }

    @Test func `Answers that come late, in pieces, are no keys`() throws {
        let desk = try drafting()
        let strings = [
            "\u{1B}P>|XTerm(370)\u{1B}\\", "\u{1B}_Gi=31;OK\u{1B}\\", "\u{1B}]52;c;QUFB\u{07}", "\u{1B}]lAFK\u{1B}\\",
        ]
        send([strings.joined()], pauseMilliseconds: 0, to: desk)
        try isAsItWas(desk, "strings at once")
        for string in strings {
            send([String(string.prefix(1)), String(string.dropFirst())], pauseMilliseconds: 40, to: desk)
            send([String(string.prefix(4)), String(string.dropFirst(4))], pauseMilliseconds: 150, to: desk)
            try isAsItWas(desk, "\(string.debugDescription)")
        }
        send(strings[3].map(String.init), pauseMilliseconds: 60, to: desk)
        try isAsItWas(desk, "a character a read")
        for (pieces, pause) in [
            (["\u{1B}", "[A"], 30), (["\u{1B}[", "A"], 60), (["\u{1B}", "[", "A"], 60), (["\u{1B}", "OA"], 60),
            (["\u{1B}[<0;1", "0;5M"], 60), (["\u{1B}[<0;10;5", "M", "\u{1B}[<0;10;5m"], 120), (["\u{1B}[M !A"], 0),
            (["\u{1B}[M", " A,"], 60), (["\u{1B}[32;60;5M"], 0), (["\u{1B}a"], 0), (["\u{1B}A\u{1B}F\u{1B}q"], 0),
            (["\u{1B}[", "A"], 700), (["\u{1B}]", "lAFK\u{1B}\\"], 600), (["\u{1B}]52;c;QUF", "AAA\u{07}"], 2300),
            (["\u{1B}", "[A"], 2300), (["\u{1B}", "[", "A"], 600), (["\u{1B}[M", " A,"], 2300),
            (["\u{1B}[200~hello", "A new line\u{1B}[201~"], 5300),
            (["\u{1B}[I\u{1B}[O\u{1B}[?62;1c\u{1B}[24;80R\u{1B}[97u\u{1B}[27;5;65~"], 0),
        ] {
            send(pieces, pauseMilliseconds: pause, to: desk)
            try isAsItWas(desk, "\(pieces)")
        }
        #expect(try desk.leave() == 0)
    }

    @Test func `Over SSH a sequence may be slower, and ESCDELAY says how slow`() throws {
        for (environment, pause) in [(["SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"], 40), (["ESCDELAY": "400"], 150)] {
            let desk = try drafting(environment)
            // Torn, but in time: the keys that move the line.
            send(["\u{1B}", "[1;2C"], pauseMilliseconds: pause, to: desk)
            try desk.terminal.wait(for: "▸draft  global 0.2 %")
            #expect(try desk.leave() == 0)
        }
    }

    @Test func `A paste is text for a prompt and nothing elsewhere`() throws {
        let desk = try drafting()
        #expect(desk.picture.modes.contains(2004))
        desk.terminal.send("e")
        try desk.terminal.wait(for: "zeros:")
        // Alt with a key, torn: the prompt closes, and the key does nothing.
        send(["\u{1B}", "a"], pauseMilliseconds: 60, to: desk)
        try isAsItWas(desk, "Alt, torn")
        for text in ["A new line", "qy", "a\r", "Fy\n"] {
            desk.terminal.send("\u{1B}[200~\(text)\u{1B}[201~")
            try isAsItWas(desk, "\(text.debugDescription)")
        }
        desk.terminal.send("e")
        try desk.terminal.wait(for: "zeros:")
        desk.terminal.send("\u{1B}a")
        desk.terminal.send("\u{1B}[200~90")
        desk.terminal.send(".5%\r\n\u{1B}[201~")
        try desk.terminal.wait(for: "zeros: 90.5%")
        desk.terminal.send("\r")
        try desk.terminal.wait(for: "▸draft  global 90.5 %")
        #expect(try desk.leave() == 0)
    }

    @Test func `What a terminal does not mark is a paste by its length`() throws {
        let desk = try drafting(["TERM": "linux"])
        for text in ["A new line", "qy"] {
            send([text], pauseMilliseconds: 0, to: desk)
            try isAsItWas(desk, "\(text)")
        }
        #expect(try desk.leave() == 0)
    }

    @Test func `Where pastes are marked, keys that come at once are keys`() throws {
        let desk = try drafting()
        desk.terminal.send("e90.5%\r")
        try desk.terminal.wait(for: "▸draft  global 90.5 %")
        desk.terminal.send(":floor 88\r")
        try desk.terminal.wait(for: "floor 88.0")
        #expect(try desk.leave() == 0)
    }

    @Test func `Characters typed slowly are put together`() throws {
        let desk = try Desk()
        try desk.waitForTraining()
        desk.terminal.send("/")
        try desk.terminal.wait(for: "letters of a name")
        for character in ["é", "€"] {
            for byte in character.utf8 {
                desk.terminal.send([byte])
                usleep(60_000)
            }
            try desk.terminal.wait(for: character)
        }
        desk.terminal.send("\r")
        try desk.terminal.wait(for: "no layer has these letters")
        try desk.escape(until: "the prompt gone") { !$0.text.contains("no layer has these letters") }
        #expect(try desk.leave() == 0)
    }

    @Test func `The background is asked for, and the colours follow`() throws {
        // What a title is on dark and on light, of the 240 fixed colours.
        let (dark, light) = ("38;5;188m", "38;5;236m")
        func sent(_ desk: Desk) -> String { String(decoding: desk.picture.sent, as: UTF8.self) }
        let desk = try Desk()
        try desk.waitForTraining()
        #expect(sent(desk).contains("\u{1B}]11;?\u{07}"))
        #expect(sent(desk).contains(dark) && !sent(desk).contains(light))
        desk.terminal.send("\u{1B}]11;rgb:ffff/ffff/f0f0\u{1B}\\")
        try desk.terminal.wait(for: "a light picture") { _ in sent(desk).contains(light) }
        #expect(try desk.leave() == 0)
        // Where it is known, or where the question would be seen.
        for environment in [
            ["COLORFGBG": "0;15"], ["TERM": "linux"], ["TERM": "screen"], ["TERM": "vt100"], ["STY": "1.a"],
        ] {
            let desk = try Desk(environment: environment)
            try desk.waitForTraining()
            #expect(!sent(desk).contains("\u{1B}]11"), "\(environment)")
            if environment["COLORFGBG"] != nil { #expect(sent(desk).contains(light)) }
            // Taken for what it is, not for an xterm.
            if environment["TERM"] != nil { #expect(!sent(desk).contains("38;5;"), "\(environment)") }
            #expect(try desk.leave() == 0)
        }
    }
}
