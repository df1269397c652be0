/// Rows of cells in a text: separated by commas or another sign, in quotes where they hold it, line breaks or quotes.
///
/// The bytes are looked at as they are: what is above ASCII belongs to a cell.
struct Rows {
    struct Cell {
        /// Without quotes around it, and without spaces around it where it has none.
        var range: Range<Int>
        /// Quotes inside are doubled.
        var hasQuotes = false
    }

    let separator: UInt8
    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private var at: Int
    private(set) var cells: [Cell] = []
    /// Of the row in `cells`, counted from 1.
    private(set) var line = 0
    private var nextLine = 1

    /// A row of more cells than this is no row of a table.
    private static let mostCells = 1 << 20

    init(_ bytes: UnsafeRawBufferPointer, separator: UInt8, path: String) {
        self.bytes = bytes
        self.separator = separator
        self.path = path
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The sign that the first line has most of; a comma where it has none.
    static func separator(of bytes: UnsafeRawBufferPointer, path: String) -> UInt8 {
        if path.lowercased().hasSuffix(".tsv") { return 9 }
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes.prefix(1 << 20) {
            if byte == 34 { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == 10 || byte == 13 { break }
            if [9, 44, 59, 124].contains(byte) { counts[byte, default: 0] += 1 }
        }
        // The order settles equal counts.
        return [44, 9, 59, 124].max { counts[$0, default: 0] < counts[$1, default: 0] }!
    }

    func problem(_ found: String, expected: String, cell: Int? = nil) -> FileProblem {
        FileProblem(
            path: path, place: "line \(line)" + (cell.map { ", cell \($0 + 1)" } ?? ""), found: found,
            expected: expected)
    }

    func bytes(_ cell: Cell) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[cell.range]) }

    func text(_ cell: Cell) -> String {
        let text = String(decoding: bytes(cell), as: UTF8.self)
        return cell.hasQuotes ? text.replacing("\"\"", with: "\"") : text
    }

    /// Goes to the next row that is not empty; false at the end.
    ///
    /// - Throws: `FileProblem` for a quote that is not closed, text behind one, or a zero byte.
    mutating func next() throws -> Bool {
        repeat {
            guard at < bytes.count else { return false }
            try row()
        } while cells.count == 1 && cells[0].range.isEmpty
        return true
    }

    private mutating func row() throws {
        cells.removeAll(keepingCapacity: true)
        line = nextLine
        while true {
            cells.append(try cell())
            guard cells.count <= Self.mostCells else {
                throw problem("more than \(Self.mostCells) cells", expected: "a row of a table")
            }
            guard at < bytes.count else { return }
            let end = bytes[at]
            at += 1
            if end == separator { continue }
            // A line break: \n, \r\n or \r.
            if end == 13, at < bytes.count, bytes[at] == 10 { at += 1 }
            nextLine += 1
            return
        }
    }

    /// Ends before the separator or the line break.
    private mutating func cell() throws -> Cell {
        func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 && separator != 9 }
        while at < bytes.count, isBlank(bytes[at]) { at += 1 }
        guard at < bytes.count, bytes[at] == 34 else {
            let start = at
            while at < bytes.count, bytes[at] != separator, bytes[at] != 10, bytes[at] != 13 {
                guard bytes[at] != 0 else { throw problem("a zero byte", expected: "text", cell: cells.count) }
                at += 1
            }
            var end = at
            while end > start, isBlank(bytes[end - 1]) { end -= 1 }
            return Cell(range: start..<end)
        }
        at += 1
        var cell = Cell(range: at..<at)
        while true {
            guard at < bytes.count else {
                throw problem("the end of the file", expected: "the quote that closes a cell", cell: cells.count)
            }
            if bytes[at] == 34 {
                guard at + 1 < bytes.count, bytes[at + 1] == 34 else { break }
                cell.hasQuotes = true
                at += 1
            }
            if bytes[at] == 10 || bytes[at] == 13 && !(at + 1 < bytes.count && bytes[at + 1] == 10) { nextLine += 1 }
            at += 1
        }
        cell.range = cell.range.lowerBound..<at
        at += 1
        while at < bytes.count, isBlank(bytes[at]) { at += 1 }
        guard at == bytes.count || bytes[at] == separator || bytes[at] == 10 || bytes[at] == 13 else {
            throw problem("text behind a closing quote", expected: "the end of the cell", cell: cells.count)
        }
        return cell
    }
}

/// A number with a dot, as tables have it; nil for anything else.
enum CellNumber {
    /// Digits up to 10¹⁵ and tens up to 10²² are exact in a double, so one division or product of them is rounded once.
    static func value(_ bytes: UnsafeRawBufferPointer) -> Double? {
        var at = 0
        let isNegative = bytes.first == 45
        if isNegative || bytes.first == 43 { at = 1 }
        var digits = 0.0, count = 0, fraction = 0, hasDot = false
        while at < bytes.count {
            let byte = bytes[at]
            if byte &- 48 < 10 {
                digits = digits * 10 + Double(byte - 48)
                count += 1
                if hasDot { fraction += 1 }
            } else if byte == 46, !hasDot {
                hasDot = true
            } else {
                break
            }
            at += 1
        }
        if at == bytes.count, count > 0, count <= 15 {
            let value = digits / tens[fraction]
            return isNegative ? -value : value
        }
        // More digits than are exact, or an exponent.
        let isNumber = count > 0 && (at == bytes.count || bytes[at] | 32 == 101)
        guard bytes.count <= 400, isNumber || isWord(bytes) else { return nil }
        return Double(String(decoding: bytes, as: UTF8.self))
    }

    private static let tens: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// Infinity is a number, and not a finite one; NaN is a missing value.
    private static func isWord(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let word = String(decoding: bytes, as: UTF8.self).lowercased()
        return ["inf", "+inf", "-inf", "infinity", "-infinity"].contains(word)
    }

    static func isMissing(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.isEmpty { return true }
        guard bytes.count <= 4, bytes[0] == 63 || bytes[0] | 32 == 110 else { return false }
        return ["na", "n/a", "nan", "null", "none", "?"].contains(String(decoding: bytes, as: UTF8.self).lowercased())
    }
}
