/// What a terminal would show after the bytes it was sent: enough of xterm for ncurses, tests and `bench screen`.
package struct TerminalPicture: Sendable {
    private(set) package var width, height: Int
    private(set) package var isAlternate = false
    private(set) package var isCursorShown = true
    /// Private modes that are on, such as 1002 (mouse), 1006 and 2026.
    private(set) package var modes: Set<Int> = []
    /// Whether any colour was asked for.
    private(set) package var usedColour = false
    /// Everything that was sent, for what a picture does not show.
    private(set) package var sent: [UInt8] = []

    private var cells: [Character]
    private var mainCells: [Character] = []
    private var (x, y) = (0, 0)
    private var saved = (x: 0, y: 0)
    private var region: ClosedRange<Int>
    /// After the last column the next character goes to the next row.
    private var wraps = false
    private var last: Character = " "
    private var waiting: [UInt8] = []

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
        cells = Array(repeating: " ", count: width * height)
        region = 0...(height - 1)
    }

    /// Rows without the blanks at their ends.
    package var rows: [String] {
        (0..<height).map { row in
            let line = cells[row * width..<(row + 1) * width]
            return String(line[..<(line.lastIndex { $0 != " " }.map { $0 + 1 } ?? line.startIndex)])
        }
    }
    package var text: String { rows.joined(separator: "\n") }

    /// Another size: the picture is blank until it is drawn again.
    package mutating func resize(width: Int, height: Int) {
        let (modes, isCursorShown, isAlternate, sent) = (modes, isCursorShown, isAlternate, sent)
        self = TerminalPicture(width: width, height: height)
        (self.modes, self.isCursorShown, self.isAlternate, self.sent) = (modes, isCursorShown, isAlternate, sent)
    }

    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        let new = Array(bytes)
        sent += new
        waiting += new
        var at = 0
        while at < waiting.count, let next = take(at) { at = next }
        waiting.removeFirst(at)
    }

    // The place after the character or sequence that begins here; nil while it is not complete.
    private mutating func take(_ at: Int) -> Int? {
        let byte = waiting[at]
        switch byte {
        case 0x1B: return escape(at + 1)
        case 8: x = max(0, x - 1); wraps = false
        case 9: x = min(width - 1, (x / 8 + 1) * 8)
        case 10: lineFeed()
        case 13: x = 0; wraps = false
        case 0..<32, 127: break
        default:
            let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            // A character that something else breaks off is none.
            if let other = waiting[(at + 1)...].prefix(length - 1).firstIndex(where: { $0 & 0xC0 != 0x80 }) {
                return other
            }
            guard at + length <= waiting.count else { return nil }
            put(Character(String(decoding: waiting[at..<at + length], as: UTF8.self).unicodeScalars.first!))
            return at + length
        }
        return at + 1
    }

    private mutating func escape(_ at: Int) -> Int? {
        guard at < waiting.count else { return nil }
        switch waiting[at] {
        case UInt8(ascii: "["): return control(at + 1)
        case UInt8(ascii: "]"):
            guard let end = waiting[at...].firstIndex(where: { $0 == 7 || $0 == 0x1B }) else { return nil }
            if waiting[end] == 7 { return end + 1 }
            guard end + 1 < waiting.count else { return nil }
            return waiting[end + 1] == 0x5C ? end + 2 : end
        case UInt8(ascii: "("), UInt8(ascii: ")"):
            guard at + 1 < waiting.count else { return nil }
            return waiting[at + 1] == 0x1B ? at + 1 : at + 2
        case 0x1B: return at
        case UInt8(ascii: "7"): saved = (x, y)
        case UInt8(ascii: "8"): (x, y) = saved
        case UInt8(ascii: "M"): if y == region.lowerBound { scroll(-1) } else { y = max(0, y - 1) }
        default: break
        }
        return at + 1
    }

    private mutating func control(_ start: Int) -> Int? {
        guard let end = waiting[start...].firstIndex(where: { (0x40...0x7E).contains($0) || $0 == 0x1B }) else {
            return nil
        }
        // ESC breaks off what was begun, as on every terminal: a program may die in the middle of a sequence.
        if waiting[end] == 0x1B { return end }
        let body = waiting[start..<end]
        let isPrivate = body.first == UInt8(ascii: "?")
        let numbers = String(decoding: isPrivate ? body.dropFirst() : body, as: UTF8.self)
            .split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        func number(_ index: Int, _ fallback: Int = 1) -> Int {
            index < numbers.count && numbers[index] > 0 ? numbers[index] : fallback
        }
        let final = waiting[end]
        if final != UInt8(ascii: "m") { wraps = false }
        switch Character(UnicodeScalar(final)) {
        case "H", "f": (x, y) = (min(width, number(1)) - 1, min(height, number(0)) - 1)
        case "G", "`": x = min(width, number(0)) - 1
        case "d": y = min(height, number(0)) - 1
        case "A": y = max(0, y - number(0))
        case "B": y = min(height - 1, y + number(0))
        case "C": x = min(width - 1, x + number(0))
        case "D": x = max(0, x - number(0))
        case "J":
            let here = y * width + x
            erase(number(0, 0) == 0 ? here..<cells.count : number(0, 0) == 1 ? 0..<here + 1 : 0..<cells.count)
        case "K":
            let row = y * width
            erase(number(0, 0) == 0 ? row + x..<row + width : number(0, 0) == 1 ? row..<row + x + 1 : row..<row + width)
        case "X": erase(y * width + x..<y * width + min(width, x + number(0)))
        case "b": for _ in 0..<number(0) { put(last) }
        case "@": shift(by: number(0))
        case "P": shift(by: -number(0))
        case "L": scroll(-number(0), in: y...region.upperBound)
        case "M": scroll(number(0), in: y...region.upperBound)
        case "S": scroll(number(0))
        case "T": scroll(-number(0))
        case "r":
            region = (number(0) - 1)...max(number(0) - 1, min(height, number(1, height)) - 1)
            (x, y) = (0, 0)
        case "m": if numbers.contains(where: { (30...49).contains($0) && $0 != 39 && $0 != 49 }) { usedColour = true }
        case "h": if isPrivate { for mode in numbers { set(mode, true) } }
        case "l": if isPrivate { for mode in numbers { set(mode, false) } }
        default: break
        }
        return end + 1
    }

    private mutating func set(_ mode: Int, _ on: Bool) {
        switch mode {
        case 25: isCursorShown = on
        case 1049 where on != isAlternate:
            isAlternate = on
            if on { mainCells = cells }
            cells = on || mainCells.count != cells.count ? Array(repeating: " ", count: cells.count) : mainCells
            if on { saved = (x, y) } else { (x, y) = (min(saved.x, width - 1), min(saved.y, height - 1)) }
        default: if on { modes.insert(mode) } else { modes.remove(mode) }
        }
    }

    private mutating func put(_ character: Character) {
        if wraps {
            x = 0
            lineFeed()
        }
        cells[y * width + x] = character
        last = character
        if x == width - 1 { wraps = true } else { x += 1 }
    }

    private mutating func lineFeed() {
        wraps = false
        if y == region.upperBound { scroll(1) } else { y = min(height - 1, y + 1) }
    }

    private mutating func erase(_ range: Range<Int>) { for index in range { cells[index] = " " } }

    private mutating func shift(by columns: Int) {
        var line = Array(cells[y * width + x..<(y + 1) * width])
        let blanks = [Character](repeating: " ", count: min(abs(columns), line.count))
        line = columns > 0 ? Array((blanks + line).prefix(line.count)) : Array(line.dropFirst(blanks.count)) + blanks
        cells.replaceSubrange(y * width + x..<(y + 1) * width, with: line)
    }

    private mutating func scroll(_ count: Int, in rows: ClosedRange<Int>? = nil) {
        let rows = rows ?? region
        guard rows.lowerBound <= rows.upperBound, count != 0 else { return }
        var lines = rows.map { Array(cells[$0 * width..<($0 + 1) * width]) }
        let blanks = Array(
            repeating: [Character](repeating: " ", count: width), count: min(abs(count), lines.count))
        lines = count > 0 ? Array(lines.dropFirst(blanks.count)) + blanks : blanks + lines.dropLast(blanks.count)
        cells.replaceSubrange(rows.lowerBound * width..<(rows.upperBound + 1) * width, with: lines.flatMap { $0 })
    }
}
