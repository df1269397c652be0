import Foundation
import Terminal
import Testing
import Text

extension CellGrid {
    var bounds: Rect { Rect(x: 0, y: 0, width: width, height: height) }
}

@Suite struct GridTests {
    /// Whatever a name holds: nothing that commands a terminal, that it leaves out, or that takes two of its columns.
    @Test func everyCellTakesOneColumn() throws {
        // The C library's own table, which ncurses goes by; Swift does not import it.
        typealias Width = @convention(c) (wchar_t) -> Int32
        let width = unsafeBitCast(try #require(dlsym(nil, "wcwidth")), to: Width.self)
        let before = uselocale(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
        defer { _ = uselocale(before) }
        #expect(width(0x25BA) == 1 && width(0x4E00) == 2)
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var grid = CellGrid(width: 12, height: 1)
            let end = grid.put(String(scalar), at: 0, 0)
            if !grid.cells.allSatisfy({ width(wchar_t($0.glyph.value)) == 1 && !$0.glyph.isUnseen }) {
                Issue.record("U+\(String(value, radix: 16)): \(grid.text.visible)")
            }
            if end != Glyphs.width(String(scalar)) { Issue.record("U+\(String(value, radix: 16)) ends at \(end)") }
        }
        var grid = CellGrid(width: 40, height: 1)
        grid.put("fc\u{1B}]0;\u{07}\u{202E}x", at: 0, 0)
        #expect(grid.text == "fc␛]0;␇<U+202E>x")
    }

    @Test func boxHasTitleRightAndFooterInItsBorder() {
        var grid = CellGrid(width: 24, height: 3)
        grid.box(grid.bounds, title: "layers", right: "3 of 3", focused: true, footer: "jk")
        #expect(grid.text == "┌ layers ────── 3 of 3 ┐\n│                      │\n└ jk ──────────────────┘")
        #expect(grid[0, 0].style.bold)
    }

    @Test func aRightTextThatDoesNotFitIsLeftOut() {
        var grid = CellGrid(width: 12, height: 2)
        grid.box(grid.bounds, title: "long title here", right: "no room")
        #expect(grid.text == "┌ long tit…┐\n└──────────┘")
    }

    @Test func outsideIsBlankAndIgnored() {
        var grid = CellGrid(width: 3, height: 1)
        grid.put("abcdef", at: 1, 0)
        grid.put("zz", at: -1, 0)
        grid[9, 9] = Cell(glyph: "x")
        #expect(grid.text == "zab")
        #expect(grid[-1, 0] == .blank)
        grid.fill(Rect(x: 2, y: -4, width: 90, height: 90), "#")
        #expect(grid.text == "za#")
    }

    @Test func textIsClippedWithAnEllipsis() {
        var grid = CellGrid(width: 8, height: 1)
        let next = grid.put("abcdef", at: 0, 0, width: 4)
        #expect(next == 4)
        #expect(grid.text == "abc…")
    }

    @Test func nothingInTextCommandsTheTerminalOrShiftsTheRow() {
        var grid = CellGrid(width: 20, height: 1)
        grid.put("a\u{1B}[2J\u{301}世\u{200B}b", at: 0, 0)
        #expect(grid.text == "a␛[2J?<U+200B>b")
    }

    @Test func rectanglesSplit() {
        let rect = Rect(x: 0, y: 0, width: 80, height: 24)
        #expect(rect.columns([0, 27]).map(\.width) == [53, 27])
        #expect(rect.columns([0, 0, 0]).map(\.x) == [0, 26, 53])
        #expect(rect.rows([1, 0, 5]).map(\.height) == [1, 18, 5])
        #expect(rect.inner.right(10) == Rect(x: 69, y: 1, width: 10, height: 22))
        #expect(Rect(x: 0, y: 0, width: 1, height: 1).inner.isEmpty)
    }

    @Test func asciiOnlyHoldsNothingButASCII() {
        var grid = CellGrid(width: 40, height: 3)
        grid.put("┌─┐│└┘ ░▒▓█▚ ●○◆ ▸ ←→↑↓ ┄·┊┃ ╵ ⣀⡤⠒ − ± × ‖", at: 0, 0)
        let plain = grid.asciiOnly()
        #expect(plain.text.unicodeScalars.allSatisfy { $0.isASCII && $0 != "?" })
        #expect(plain.text.hasPrefix("+-+|++ .:*#% @o% > <>^v -.:H ' ..' "))
    }
}

@Suite struct PaletteTests {
    @Test func everyInkHasItsOwnSlot() {
        let inks = Role.allCases.map(Ink.role) + (0...63).map(Ink.level) + (0...63).map(Ink.signed)
        let palette = Palette(depth: .trueColour)
        #expect(inks.allSatisfy { $0 == .role(.text) || palette.rgb($0) != nil })
    }

    @Test(arguments: Palette.Map.allCases, Palette.Theme.allCases)
    func levelsRiseAwayFromThePaper(map: Palette.Map, theme: Palette.Theme) throws {
        let palette = Palette(theme: theme, map: map)
        func light(_ level: UInt8) throws -> Int {
            let colour = try #require(palette.rgb(.level(level)))
            return 2 * Int(colour.red) + 5 * Int(colour.green) + Int(colour.blue)
        }
        for level in stride(from: UInt8(0), to: 56, by: 8) {
            let rises = try light(level + 8) > light(level)
            #expect(rises == (theme == .dark))
        }
    }

    /// On 256 colours: enough grades, lightness strictly rising, and of signed values one hue a side.
    @Test(arguments: Palette.Map.allCases, Palette.Theme.allCases)
    func gradesOf256ColoursRise(map: Palette.Map, theme: Palette.Theme) {
        let palette = Palette(theme: theme, map: map)
        func grades(_ ink: (UInt8) -> Ink) -> [Perceived] {
            var numbers: [Int] = []
            for level in UInt8(0)...63 where numbers.last != palette.number(ink(level)) {
                numbers.append(palette.number(ink(level)))
            }
            return numbers.map { Perceived(RGB(indexed: $0)) }
        }
        let levels = grades { .level($0) }, signed = grades { .signed($0) }
        #expect(levels.count >= 8 && signed.count >= 8, "\(levels.count) \(signed.count)")
        for (one, next) in zip(levels, levels.dropFirst()) {
            #expect((next.lightness > one.lightness) == (theme == .dark))
        }
        for (one, next) in zip(signed, signed.dropFirst()) { #expect(next.lightness > one.lightness) }
        // Blue below zero, yellow and orange above.
        #expect(signed.prefix(signed.count / 3).allSatisfy { $0.b < 0 })
        #expect(signed.suffix(signed.count / 3).allSatisfy { $0.b > 0 })
    }

    @Test func monoHasWeightAndNoColour() {
        let palette = Palette(depth: .mono)
        #expect(palette.number(.role(.bad)) == -1)
        #expect(palette.weight(Style(.bad)).bold)
        #expect(palette.weight(Style(.dim)).dim)
        #expect(!palette.showsLevels)
    }

    @Test func ansiSetsAStyleOnceForARun() {
        var grid = CellGrid(width: 4, height: 1)
        grid.put("ab", at: 0, 0, Style(.bad, bold: true))
        #expect(grid.ansi(palette: Palette(depth: .eight)) == "\u{1B}[0;1;4;31mab\u{1B}[0m  \u{1B}[0m")
        #expect(grid.svg().contains(">ab</text>"))
    }
}
