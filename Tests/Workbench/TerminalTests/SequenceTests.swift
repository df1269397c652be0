import Terminal
import Testing

/// What a terminal may send besides keys: taken to its end, over any number of reads and pauses, and never typed.
@Suite struct SequenceTests {
    /// A terminal that sends bytes in reads of its own, with pauses of its own.
    struct Line {
        var decoder = KeyDecoder()
        var now = ContinuousClock.now
        var keys: [Key] = []
        var escapeDelay = 25

        init(escapeDelay: Int = 25) { self.escapeDelay = escapeDelay }

        mutating func send(_ bytes: some Collection<UInt8>, pauseMilliseconds: Int = 0) {
            decoder.feed(bytes, at: now)
            take()
            wait(pauseMilliseconds)
        }

        mutating func send(_ text: String, pauseMilliseconds: Int = 0) {
            send(Array(text.utf8), pauseMilliseconds: pauseMilliseconds)
        }

        mutating func wait(_ milliseconds: Int) {
            let end = now + .milliseconds(milliseconds)
            while let next = decoder.deadline(escapeDelay: .milliseconds(escapeDelay)), next <= end {
                now = next
                take(final: true)
            }
            now = end
        }

        private mutating func take(final: Bool = false) {
            var key = decoder.next(final: final, at: now)
            while let found = key {
                keys.append(found)
                key = decoder.next(at: now)
            }
        }
    }

    private static let shortPauses = [1, 30, 60, 400]
    /// Nobody waits so long for the rest, but lines and terminals do.
    private static let longPauses = [600, 2300, 6000, 10_000]

    /// In one read, byte by byte, and torn in two at every place with a pause between; a key follows. After long pauses
    /// the first bytes come together: alone, they are what a person types.
    private func ways(
        _ bytes: [UInt8], pauses: [Int] = shortPauses, longPauses: [Int] = longPauses, bytewise: Bool = true,
        escapeDelay: Int = 25
    ) -> [(way: String, keys: [Key])] {
        var ways: [(String, [Key])] = []
        func run(_ way: String, _ send: (inout Line) -> Void) {
            var line = Line(escapeDelay: escapeDelay)
            send(&line)
            // As a person does: later.
            line.wait(escapeDelay + 40)
            line.send("~", pauseMilliseconds: 30)
            ways.append((way, line.keys))
        }
        run("at once") { $0.send(bytes, pauseMilliseconds: 30) }
        for pause in pauses + longPauses {
            let first = longPauses.contains(pause) ? 3 : 1
            if bytewise || first == 1 {
                run("byte by byte, \(pause) ms") {
                    $0.send(bytes.prefix(first), pauseMilliseconds: pause)
                    for byte in bytes.dropFirst(first) { $0.send([byte], pauseMilliseconds: pause) }
                }
            }
            for at in 1..<bytes.count {
                run("torn at \(at), \(pause) ms") {
                    $0.send(bytes[..<at], pauseMilliseconds: pause)
                    $0.send(bytes[at...], pauseMilliseconds: 30)
                }
            }
        }
        return ways
    }

    private static let strings = [
        "\u{1B}P>|XTerm(370)\u{1B}\\", "\u{1B}_Gi=31;OK\u{1B}\\", "\u{1B}]52;c;QUFB\u{07}", "\u{1B}]lAFK\u{1B}\\",
        "\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\", "\u{1B}]LAFK\u{07}", "\u{1B}P1$r0m\u{1B}\\",
        "\u{1B}P1+r436f=323536\u{1B}\\",
        "\u{1B}^AqyFTK\u{1B}\\", "\u{1B}XAqyFTK\u{1B}\\", "\u{1B}]0;A “quoted” title\u{07}",
        "\u{1B}P!|00000000\u{1B}\\",
    ]
    private static let answers = [
        "\u{1B}[?62;1;4c", "\u{1B}[>41;370;0c", "\u{1B}[0n", "\u{1B}[24;80R", "\u{1B}[?24;80R", "\u{1B}[?2026;2$y",
        "\u{1B}[4;1$y", "\u{1B}[?1u", "\u{1B}[97u", "\u{1B}[97;5u", "\u{1B}[13u", "\u{1B}[27;5;65~", "\u{1B}[I",
        "\u{1B}[O", "\u{1B}[8;24;80t", "\u{1B}[3;0;0t", "\u{1B}[?997;1n", "\u{1B}[=0u", "\u{1B}[65;1:3u", "\u{1B}[201~",
        "\u{1B}[1;3A", "\u{1B}[3;3~", "\u{1B}O3A", "\u{1B}Op",
    ]

    private func isQuiet(_ bytes: [UInt8], escapeDelay: Int = 25) {
        for (way, keys) in ways(bytes, escapeDelay: escapeDelay) {
            // A lone ESC is Esc, which may come of the beginning.
            let rest = keys.drop { $0 == .escape }
            #expect(
                Array(rest) == [.character("~")], "\(String(decoding: bytes, as: UTF8.self).debugDescription) \(way)")
        }
    }

    @Test(arguments: strings) func aStringIsSwallowed(text: String) {
        // A key so soon after a pause inside would be swallowed with it; one ESC alone is behind it all.
        isQuiet(Array(text.utf8))
        // Where ESCDELAY is longer than the pauses.
        for delay in [1000, 10_000] { isQuiet(Array(text.utf8), escapeDelay: delay) }
    }

    @Test(arguments: answers) func anAnswerIsNoKey(text: String) { isQuiet(Array(text.utf8)) }

    @Test(arguments: [
        "\u{1B}[<0;10;5M", "\u{1B}[32;10;5M", "\u{1B}[M !,", "\u{1B}[M A,", "\u{1B}[<65;1;1M", "\u{1B}[A", "\u{1B}OA",
        "\u{1B}[1;2A", "\u{1B}[[A", "\u{1B}OM", "\u{1B}[15~",
    ])
    func theRestOfWhatWasCutOffIsNoKey(text: String) {
        for (way, keys) in ways(Array(text.utf8)) {
            let wasWhole =
                way == "at once" || way.hasSuffix(" 1 ms")
                || text.utf8.count <= 3 && way.hasPrefix("byte by byte, ")
                    && Self.longPauses.contains { way.hasSuffix(" \($0) ms") }
            let rest = Array(keys.drop { $0 == .escape })
            #expect(rest.last == .character("~"), "\(way)")
            #expect(rest.count == (wasWhole ? 2 : 1), "\(text.debugDescription) \(way): \(keys)")
        }
    }

    @Test func controlsOfOneByteAreSequencesToo() {
        isQuiet([0x9D] + Array("52;c;AqyFTK".utf8) + [0x07])
        isQuiet([0x9D] + Array("lAFK".utf8) + [0x9C])
        isQuiet([0xC2, 0x9D] + Array("l“AFK”".utf8) + [0xC2, 0x9C])
        isQuiet([0x9B] + Array("?62;1c".utf8))
        isQuiet([0x8F] + Array("p".utf8))
        var line = Line()
        line.send([0x9B] + Array("A".utf8))
        #expect(line.keys == [.up])
    }

    @Test func aStringMayBeLongAndMayNeverEnd() {
        var line = Line()
        line.send("\u{1B}]52;c;")
        for _ in 0..<20 { line.send(String(repeating: "A", count: 4096), pauseMilliseconds: 1) }
        line.send("qyA\u{1B}\\x", pauseMilliseconds: 1)
        #expect(line.keys == [.character("x")])
        // With pauses, longer than any that is kept.
        line = Line()
        line.send("\u{1B}]52;c;")
        for pause in [1, 30, 600, 2300, 10_000] {
            for _ in 0..<20 { line.send(String(repeating: "A", count: 4096), pauseMilliseconds: pause) }
            line.send("qyA", pauseMilliseconds: pause)
        }
        line.send("A\u{07}x", pauseMilliseconds: 1)
        #expect(line.keys == [.character("x")])
    }

    /// Nobody is locked out by what was cut off, at whatever place.
    @Test func theKeysComeBack() {
        for text in Self.strings + Self.answers + ["\u{1B}[M !,", "\u{1B}[200~A new line\u{1B}[201~", "\u{1B}(A", "é€"]
        {
            let isPaste = text.hasPrefix("\u{1B}[200~")
            let bytes = Array(text.utf8)
            for at in 1..<bytes.count {
                func key(after wait: (inout Line) -> Void) -> Key? {
                    var line = Line()
                    line.send(bytes[..<at])
                    wait(&line)
                    line.send("j")
                    return line.keys.last
                }
                let what: Comment = "\(text.debugDescription) cut at \(at)"
                #expect(key { $0.wait(31_000) } == .character("j"), what)
                if !isPaste { #expect(key { $0.wait(12_100) } == .character("j"), what) }
                // Esc, as a person presses it.
                let escaped = key {
                    $0.wait(1000)
                    $0.send("\u{1B}", pauseMilliseconds: 1000)
                }
                #expect(escaped == .character("j"), what)
                // An arrow does it too, where it is no pasted text.
                if !isPaste {
                    let moved = key {
                        $0.wait(1000)
                        $0.send("\u{1B}[C", pauseMilliseconds: 1000)
                    }
                    #expect(moved == .character("j"), what)
                }
            }
        }
    }

    @Test func altWithABracketGivesTheKeysBackSoon() {
        for text in ["\u{1B}]", "\u{1B}P", "\u{1B}X"] {
            var line = Line()
            line.send(text, pauseMilliseconds: 2100)
            line.send("j")
            #expect(line.keys == [.character("j")], "\(text.debugDescription)")
        }
        // These take one key, whenever it comes: it may be the arrow's last byte.
        for text in ["\u{1B}[", "\u{1B}O"] {
            var line = Line()
            line.send(text, pauseMilliseconds: 2100)
            line.send("A", pauseMilliseconds: 200)
            line.send("j")
            #expect(line.keys == [.character("j")], "\(text.debugDescription)")
        }
        // Esc and then the key of the next layer, quickly, and again.
        var line = Line()
        line.send("\u{1B}", pauseMilliseconds: 300)
        for _ in 0..<2 { line.send("]", pauseMilliseconds: 200) }
        line.send("j")
        #expect(line.keys == [.escape, .character("]"), .character("j")])
    }

    @Test func whatLayThereWhileNobodyLookedIsNotLate() {
        // A program that was stopped for a minute within a sequence, and behind an ESC that it had taken for Esc.
        for (first, rest) in [
            ("\u{1B}[<0;1", "0;5MA"), ("\u{1B}]52;c;AA", "Aqy\u{07}A"), ("\u{1B}[200~A", "qy\u{1B}[201~A"),
        ] {
            var line = Line()
            line.send(first)
            line.now += .seconds(60)
            line.send(rest)
            #expect(line.keys.last == .character("A") && line.keys.filter { $0 == .character("A") }.count == 1)
            #expect(!line.keys.contains(.character("y")))
        }
        var line = Line()
        line.send("\u{1B}", pauseMilliseconds: 30)
        line.now += .seconds(60)
        line.send("[A")
        #expect(line.keys == [.escape])
    }

    @Test func escAndThenAKeyAreTwoKeys() {
        for key in "aAqyjké" {
            var line = Line()
            line.send("\u{1B}", pauseMilliseconds: 200)
            line.send("\(key)", pauseMilliseconds: 40)
            #expect(line.keys == [.escape, .character(key)])
            // So soon it was Alt and the key, torn: with a prompt open, Esc closes it and the key would act.
            for pause in [26, 40, 60, 150] {
                line = Line()
                line.send("\u{1B}", pauseMilliseconds: pause)
                line.send("\(key)", pauseMilliseconds: 40)
                line.send("j")
                #expect(line.keys.filter { $0 != .alt("é") } == [.escape, .character("j")], "\(pause) ms")
            }
        }
        // A bracket only where it does not follow soon.
        var line = Line()
        line.send("\u{1B}", pauseMilliseconds: 2100)
        line.send("[", pauseMilliseconds: 40)
        line.send("j", pauseMilliseconds: 40)
        #expect(line.keys == [.escape, .character("["), .character("j")])
        line = Line()
        line.send("\u{1B}", pauseMilliseconds: 600)
        line.send("[", pauseMilliseconds: 50)
        line.send("A", pauseMilliseconds: 50)
        #expect(line.keys == [.escape])
    }

    @Test func plainTextInOneReadIsAPaste() {
        func keys(_ reads: String..., pause: Int = 0) -> [Key] {
            var line = Line()
            for read in reads { line.send(read, pauseMilliseconds: pause) }
            line.wait(200)
            line.send("~")
            #expect(line.keys.last == .character("~"))
            return line.keys.dropLast()
        }
        #expect(keys("A new line") == [.paste("A new line")])
        #expect(keys("A new\r\tline\r") == [.paste("A new  line")])
        #expect(keys("80%\r") == [.paste("80%")])
        #expect(keys("é€😀") == [.paste("é€😀")])
        #expect(keys("qy") == [.paste("qy")])
        #expect(keys("AB\u{12}C") == [.paste("ABC")])
        // Its rest, in reads of their own.
        #expect(
            keys("A new", " line\rqy", "A", "\r", "F", pause: 20) == [
                .paste("A new"), .paste(" line qy"), .paste("A"), .paste(" F"),
            ])
        #expect(keys("\u{1B}[Cabc\u{1B}[Cj") == [.right, .paste("abc"), .right, .paste("j")])
        // What a person types, however fast, and keys that repeat.
        for typed in ["jj", "jjjjjj", "3j", "j\r", "\t\t\t", "\u{7F}\u{7F}\u{7F}\u{7F}"] {
            let found = keys(typed)
            #expect(found.count == typed.count && !found.contains { if case .paste = $0 { true } else { false } })
        }
        #expect(keys("2\u{1B}[I1\u{1B}[I3\u{1B}[I") == [.character("2"), .character("1"), .character("3")])
        #expect(keys("j", "k", "l") == [.character("j"), .character("k"), .character("l")])
    }

    @Test func rxvtsShiftedKeysEndWithADollar() {
        for text in ["\u{1B}[3$", "\u{1B}[7$", "\u{1B}[23$"] {
            var line = Line()
            line.send(text, pauseMilliseconds: 300)
            line.send("j")
            #expect(line.keys == [.character("j")], "\(text.debugDescription)")
        }
    }

    @Test func altIsAKeyOfItsOwn() {
        var line = Line()
        line.send("\u{1B}a\u{1B}é\u{1B}\r\u{1B}\u{7F}\u{1B}\u{1B}b")
        #expect(line.keys == [.alt("a"), .alt("é"), .alt("b")])
        line = Line()
        line.send("\u{1B}\u{1B}", pauseMilliseconds: 30)
        #expect(line.keys == [.escape])
        line = Line()
        line.send("\u{1B}\u{1B}[A\u{1B}\u{1B}OA\u{1B}(A\u{1B}%Aj")
        #expect(line.keys == [.character("j")])
    }

    @Test func aCharacterIsPutTogetherHoweverSlowly() {
        for pause in [1, 30, 60, 400] {
            var line = Line()
            for byte in "é€😀x".utf8 { line.send([byte], pauseMilliseconds: pause) }
            #expect(line.keys == [.character("é"), .character("€"), .character("😀"), .character("x")], "\(pause) ms")
        }
        // A broken one takes nothing with it, and is nothing itself.
        var line = Line()
        line.send([0xE2, 0x82], pauseMilliseconds: 60)
        line.send("ab")
        line.send([0xC0, 0xAF, 0xFF, 0xED, 0xA0, 0x80, 0xA0])
        line.send("c")
        #expect(line.keys == [.character("a"), .character("b"), .character("c")])
    }

    @Test func oldFormsOfTheMouseAreTheMouse() {
        func keys(_ bytes: [UInt8]) -> [Key] {
            var line = Line()
            line.send(bytes + [UInt8(ascii: "~")])
            return line.keys.dropLast()
        }
        func mouse(_ x: Int, _ y: Int, _ kind: MouseEvent.Kind) -> [Key] {
            [.mouse(MouseEvent(x: x, y: y, kind: kind))]
        }
        #expect(keys([0x1B, 0x5B, 0x4D, 32, 65, 44]) == mouse(32, 11, .press))
        #expect(keys([0x1B, 0x5B, 0x4D, 35, 65, 44]) == mouse(32, 11, .release))
        #expect(keys([0x1B, 0x5B, 0x4D, 64, 65, 44]) == mouse(32, 11, .drag))
        #expect(keys([0x1B, 0x5B, 0x4D, 96, 33, 33]) == mouse(0, 0, .wheelUp))
        // Columns beyond 95: one byte in X10's form, two in UTF-8.
        #expect(keys([0x1B, 0x5B, 0x4D, 32, 232, 44]) == mouse(199, 11, .press))
        #expect(keys([0x1B, 0x5B, 0x4D, 32, 0xC3, 0xA8, 44]) == mouse(199, 11, .press))
        #expect(keys([0x1B, 0x5B, 0x4D, 32, 0xC3, 44]) == mouse(162, 11, .press))
        // In a read of its own a report in bytes is whole, whatever its bytes look like.
        for report in [[32, 0xC3, 0xA8], [32, 44, 0xC3], [32, 0xC2, 0x80]] as [[UInt8]] {
            var line = Line()
            line.send([0x1B, 0x5B, 0x4D] + report, pauseMilliseconds: 10)
            line.send("j")
            #expect(line.keys == mouse(Int(report[1]) - 33, Int(report[2]) - 33, .press) + [.character("j")])
        }
        #expect(keys([0x1B, 0x5B, 0x4D, 32, 0xC3, 0xA8, 0x1B, 0x5B, 0x41]) == mouse(162, 135, .press) + [.up])
        #expect(keys(Array("\u{1B}[32;200;60M".utf8)) == mouse(199, 59, .press))
        #expect(keys(Array("\u{1B}[35;200;60M".utf8)) == mouse(199, 59, .release))
        #expect(keys(Array("\u{1B}[97;200;60M".utf8)) == mouse(199, 59, .wheelDown))
        for nowhere in [
            "<0;99999999999999999999;5M", "<0;0;1M", "<0;1M", "<0;1;1;1M", "<;;M", "<-1;2;3M", "M\u{0}\u{0}\u{0}",
        ] {
            #expect(keys(Array("\u{1B}[\(nowhere)".utf8)).isEmpty, "\(nowhere.debugDescription)")
        }
    }

    @Test func aPasteIsOneTextHoweverItIsTorn() {
        let sent = Array("\u{1B}[200~A new\r\nline\té\u{1B}x\u{07}qy\r\n\u{1B}[201~".utf8)
        for (way, keys) in ways(sent, bytewise: false) {
            var text = ""
            for key in keys {
                if case .paste(let piece) = key { text += piece }
            }
            // Torn behind its ESC it is known as a paste all the same.
            #expect(text == "A new line éxqy", "\(way)")
            #expect(keys.filter { if case .paste = $0 { false } else { $0 != .escape } } == [.character("~")], "\(way)")
        }
    }

    @Test func aPasteWithoutAnEndGivesTheKeysBack() {
        var line = Line()
        line.send("\u{1B}[200~A new line", pauseMilliseconds: 20_000)
        line.send("q", pauseMilliseconds: 30_100)
        line.send("j")
        #expect(line.keys == [.paste("A new line"), .paste("q"), .character("j")])
        // Within a string that was cut off it is a paste.
        line = Line()
        line.send("\u{1B}]52;c;AA", pauseMilliseconds: 60)
        line.send("\u{1B}[200~A\u{07}qy\u{1B}[201~j")
        #expect(line.keys == [.paste("Aqy"), .character("j")])
    }

    @Test func theBackgroundIsRead() {
        for (text, colour) in [
            ("\u{1B}]11;rgb:ffff/8080/0000\u{07}", 0xFF8000), ("\u{1B}]11;rgb:f/0/8\u{1B}\\", 0xFF0088),
            ("\u{1B}]11;rgba:ff/ff/ff/80\u{07}", 0xFFFFFF), ("\u{1B}]11;rgb:fff/000/000\u{1B}\\", 0xFF0000),
        ] as [(String, UInt32)] {
            var line = Line()
            line.send(text, pauseMilliseconds: 1)
            #expect(line.decoder.background == RGB(colour), "\(text.debugDescription)")
            #expect(line.keys.isEmpty)
        }
        for text in [
            "\u{1B}]11;?\u{07}", "\u{1B}]10;rgb:ff/ff/ff\u{07}", "\u{1B}]11;rgb:ff/ff\u{07}",
            "\u{1B}]11;rgb:-1/1/1\u{07}",
        ] {
            var line = Line()
            line.send(text)
            #expect(line.decoder.background == nil)
        }
    }

    @Test func theDelayIsThatOfTheLine() {
        #expect(TerminalScreen.escapeDelay([:]) == 25)
        #expect(TerminalScreen.escapeDelay(["SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"]) == 100)
        #expect(TerminalScreen.escapeDelay(["SSH_TTY": "/dev/pts/1"]) == 100)
        #expect(TerminalScreen.escapeDelay(["ESCDELAY": "300", "SSH_TTY": "/dev/pts/1"]) == 300)
        for wrong in ["", "abc", "-5", "0"] { #expect(TerminalScreen.escapeDelay(["ESCDELAY": wrong]) == 25) }
    }
}
