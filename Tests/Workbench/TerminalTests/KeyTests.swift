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
        #expect(keys("\u{1B}j") == [.escape, .character("j")])
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

@Suite struct CommandTableTests {
    private typealias Command = Binding<Bool, Int>
    private let table = CommandTable([
        Command("apply", keys: [.character("a")], title: "apply", help: "Applies.", action: 1) { $0 },
        Command("type", keys: [.character("e"), .enter], title: "type", help: "Types.", action: 2),
    ])

    @Test func dispatchAsksWhetherItApplies() {
        #expect(table.action(for: .character("a"), in: true) == 1)
        #expect(table.action(for: .character("a"), in: false) == nil)
        #expect(table.action(for: .enter, in: false) == 2)
        #expect(table.completions(of: "t", in: false).map(\.name) == ["type"])
    }

    @Test func sharedKeysAreFound() {
        #expect(table.sharedKeys.isEmpty)
        let clash = table.followed(by: CommandTable([Command("other", keys: [.enter], title: "", help: "", action: 3)]))
        #expect(clash.sharedKeys.map(\.names) == [["type", "other"]])
        #expect(clash.action(for: .enter, in: true) == 2)
    }

    @Test func hintsFitAndFollowTheState() {
        var grid = CellGrid(width: 20, height: 1)
        table.drawHints(in: true, into: &grid, grid.bounds)
        #expect(grid.text == " a apply  e type")
        #expect(table.hints(in: false, width: 20).map(\.title) == ["type"])
        #expect(table.hints(in: true, width: 9).map(\.title) == ["apply"])
    }

    @Test func aKeyGoesToItsNewCommandAlone() {
        let moved = table.rebinding(["apply": [.enter]])
        #expect(moved.sharedKeys.isEmpty)
        #expect(moved.action(for: .enter, in: true) == 1)
        #expect(moved.action(for: .character("e"), in: true) == 2)
    }
}
