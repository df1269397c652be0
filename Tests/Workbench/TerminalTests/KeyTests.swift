import Terminal
import Testing

@Suite struct KeyTests {
    private func keys(_ text: String, final: Bool = false) -> [Key] {
        var decoder = KeyDecoder()
        decoder.feed(text.utf8)
        var keys: [Key] = []
        while let key = decoder.next(final: final) { keys.append(key) }
        return keys
    }

    @Test(arguments: [
        ("a", Key.character("a")), ("é", .character("é")), ("\r", .enter), ("\t", .tab), ("\u{7F}", .backspace),
        ("\u{12}", .control("r")), ("\u{1B}[A", .up), ("\u{1B}OA", .up), ("\u{1B}[1;2A", .shiftUp),
        ("\u{1B}[1;2D", .shiftLeft), ("\u{1B}[Z", .backTab), ("\u{1B}[3~", .delete), ("\u{1B}[5~", .pageUp),
        ("\u{1B}[H", .home), ("\u{1B}[15~", .function(5)), ("\u{1B}OP", .function(1)), ("\u{1B}[[B", .function(2)),
        ("\u{1B}[<0;10;5M", .mouse(MouseEvent(x: 9, y: 4, kind: .press))),
        ("\u{1B}[<0;10;5m", .mouse(MouseEvent(x: 9, y: 4, kind: .release))),
        ("\u{1B}[<32;300;5M", .mouse(MouseEvent(x: 299, y: 4, kind: .drag))),
        ("\u{1B}[<65;1;1M", .mouse(MouseEvent(x: 0, y: 0, kind: .wheelDown))),
    ])
    func oneSequenceIsOneKey(bytes: String, key: Key) {
        #expect(keys(bytes) == [key])
        // The same, byte by byte.
        var decoder = KeyDecoder()
        var found: [Key] = []
        for byte in bytes.utf8 {
            decoder.feed([byte])
            if let key = decoder.next() { found.append(key) }
        }
        #expect(found == [key])
    }

    @Test func escapeAloneWaitsForItsDelay() {
        var decoder = KeyDecoder()
        decoder.feed([0x1B])
        #expect(decoder.next() == nil)
        #expect(decoder.isWaiting)
        #expect(decoder.next(final: true) == .escape)
        #expect(!decoder.isWaiting)
        // In one read it is Alt.
        #expect(keys("\u{1B}j") == [.alt("j")])
    }

    @Test func whatIsNoKeyIsPassedOver() {
        #expect(keys("\u{1B}[?62;1c\u{1B}[I\u{1B}[<2;3;3Mx") == [.character("x")])
        var decoder = KeyDecoder()
        decoder.feed([0xFF, 0xC3, 0x28, 0x61])
        var found: [Key] = []
        while let key = decoder.next(final: true) { found.append(key) }
        #expect(found == [.character("("), .character("a")])
    }

    @Test func namesOfTheBindingFile() {
        #expect(Key(name: "A") == .character("A"))
        #expect(Key(name: "ctrl-r") == .control("r"))
        #expect(Key(name: "Shift-Up") == .shiftUp)
        #expect(Key(name: "space") == .character(" "))
        #expect(Key(name: "f5") == .function(5))
        #expect(Key(name: "alt-x") == .alt("x"))
        #expect(Key(name: "Alt-A") == .alt("A"))
        #expect(Key(name: "alt-é") == .alt("é"))
        // Behind an ESC these begin a sequence, or end one.
        for name in ["alt-[", "alt-O", "alt-]", "alt-P", "alt-X", "alt-_", "alt-\\", "alt-(", "alt-", "alt-xy"] {
            #expect(Key(name: name) == nil, "\(name)")
        }
        #expect(Key(name: "f") == .character("f"))
        #expect(Key(name: "nonsense") == nil)
    }

    @Test func aLineIsEdited() {
        var line = LineEditor("90")
        #expect(line.handle(.character("%")) == .editing)
        _ = line.handle(.home)
        _ = line.handle(.delete)
        #expect(line.text == "0%")
        #expect(line.handle(.tab) == .ignored)
        #expect(line.handle(.enter) == .accepted("0%"))
        _ = line.handle(.end)
        _ = line.handle(.control("w"))
        #expect(line.text == "")
        #expect(line.handle(.escape) == .cancelled)
        var grid = CellGrid(width: 6, height: 1)
        line.text = "abcdefgh"
        line.draw(into: &grid, grid.bounds, prompt: ":")
        #expect(grid.text == ":efgh")
        #expect(grid[5, 0].style.reverse)
    }
}
