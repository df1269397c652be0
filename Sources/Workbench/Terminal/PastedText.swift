/// What stands between `ESC [ 200 ~` and `ESC [ 201 ~`, for one line: line ends and tabs are blanks, other controls are
/// left out. It is given out in pieces, so that a paste of any length takes no room.
struct PastedText {
    private var bytes: [UInt8] = []
    private var end = Marker(PastedText.end)
    private static let end = Array("\u{1B}[201~".utf8)
    /// Line ends that are blanks if more follows: a paste that ends with one is not meant to.
    private var lineEnds = 0
    private var endedWithReturn = false

    /// - Returns: whether it was the end.
    mutating func take(_ byte: UInt8) -> Bool {
        let before = end.matched
        if end.take(byte) { return true }
        // What looked like the end is text.
        if end.matched <= before { bytes += end.bytes[..<before] }
        if end.matched == 0 { bytes.append(byte) }
        return false
    }

    /// What is complete of it so far.
    mutating func takePiece() -> String {
        let tail = incompleteTail
        let piece = line(bytes.dropLast(tail))
        bytes.removeFirst(bytes.count - tail)
        return piece
    }

    mutating func takeLast() -> String { line(bytes[...]) }

    /// Bytes of a character whose rest is to come.
    private var incompleteTail: Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte >= 0xC0 { return back < (byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4) ? back : 0 }
            if byte < 0x80 { return 0 }
        }
        return 0
    }

    private mutating func line(_ bytes: ArraySlice<UInt8>) -> String {
        var line = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x0A where endedWithReturn: break
            case 0x0A...0x0D, 0x85, 0x2028, 0x2029: lineEnds += 1
            case _ where scalar.properties.generalCategory == .control && scalar != "\t": break
            default:
                for _ in 0..<lineEnds { line.append(" ") }
                lineEnds = 0
                line.append(scalar == "\t" ? " " : scalar)
            }
            endedWithReturn = scalar == "\r"
        }
        return String(line)
    }
}

/// Finds a sequence that begins with its only ESC in a stream of bytes.
struct Marker {
    let bytes: [UInt8]
    private(set) var matched = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Returns: whether the byte completes it.
    mutating func take(_ byte: UInt8) -> Bool {
        if byte == bytes[matched] { matched += 1 } else { matched = byte == bytes[0] ? 1 : 0 }
        guard matched == bytes.count else { return false }
        matched = 0
        return true
    }
}
