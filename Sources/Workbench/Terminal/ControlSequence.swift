/// What a sequence says that came to its end: a key, the mouse, or nothing. Answers to questions are nothing here, and
/// so is everything that only looks like a key.
enum ControlSequence {
    /// `ESC [`, parameters, final byte.
    static func key(_ parameters: [UInt8], _ final: UInt8) -> Key? {
        if parameters.first == UInt8(ascii: "<") {
            guard final == UInt8(ascii: "M") || final == UInt8(ascii: "m") else { return nil }
            return numbers(parameters.dropFirst()).flatMap { mouse($0, isRelease: final == UInt8(ascii: "m")) }
        }
        guard let numbers = numbers(parameters) else { return nil }
        switch final {
        case UInt8(ascii: "M") where numbers.count == 3: return mouse([numbers[0] - 32] + numbers.dropFirst())
        case UInt8(ascii: "~"):
            guard let number = numbers.first, numbers.count <= 2, !hasAlt(numbers) else { return nil }
            return key(number: number)
        // The place of the cursor, by this letter too.
        case UInt8(ascii: "R") where !parameters.isEmpty: return nil
        // rxvt's shifted arrows.
        case UInt8(ascii: "a")...UInt8(ascii: "d"): return parameters.isEmpty ? letter(final, isShifted: true) : nil
        case UInt8(ascii: "M"): return nil
        default:
            guard numbers.count <= 2, numbers.first ?? 1 <= 1, !hasAlt(numbers) else { return nil }
            return letter(final, isShifted: numbers.count == 2 && numbers[1] == 2)
        }
    }

    /// `ESC O`, digits of some, final byte.
    static func singleShift(_ parameters: [UInt8], _ final: UInt8) -> Key? {
        guard let numbers = numbers(parameters), numbers.count <= 2 else { return nil }
        let modifiers = numbers.last ?? 1
        return hasAlt([1, modifiers]) ? nil : letter(final, isShifted: modifiers == 2)
    }

    /// Modifiers are counted from 1: Shift 1, Alt 2, Ctrl 4, Meta 8. An arrow with Alt is not that arrow.
    private static func hasAlt(_ numbers: [Int]) -> Bool { numbers.count > 1 && (numbers[1] - 1) & 0b1010 != 0 }

    /// Numbers apart by semicolons, an empty one 0; `nil` for anything else.
    private static func numbers(_ bytes: some Collection<UInt8>) -> [Int]? {
        guard !bytes.isEmpty else { return [] }
        var numbers = [0]
        for byte in bytes {
            switch byte {
            case UInt8(ascii: ";"): numbers.append(0)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // No terminal is as wide; beyond, it stays too large for anything.
                numbers[numbers.count - 1] = min(100_000, numbers[numbers.count - 1] * 10 + Int(byte) - 48)
            default: return nil
            }
        }
        return numbers
    }

    private static func letter(_ letter: UInt8, isShifted: Bool) -> Key? {
        switch letter {
        case UInt8(ascii: "A"): isShifted ? .shiftUp : .up
        case UInt8(ascii: "B"): isShifted ? .shiftDown : .down
        case UInt8(ascii: "C"): isShifted ? .shiftRight : .right
        case UInt8(ascii: "D"): isShifted ? .shiftLeft : .left
        case UInt8(ascii: "a"): .shiftUp
        case UInt8(ascii: "b"): .shiftDown
        case UInt8(ascii: "c"): .shiftRight
        case UInt8(ascii: "d"): .shiftLeft
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "Z"): .backTab
        // Enter of the keypad, behind `ESC O` alone.
        case UInt8(ascii: "M"): .enter
        case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(letter) - 79)
        default: nil
        }
    }

    private static func key(number: Int) -> Key? {
        switch number {
        case 1, 7: .home
        case 4, 8: .end
        case 3: .delete
        case 5: .pageUp
        case 6: .pageDown
        case 11...15: .function(number - 10)
        case 17...21: .function(number - 11)
        case 23, 24: .function(number - 12)
        default: nil
        }
    }

    // MARK: Mouse

    /// `button;column;row`, counted from 1. Of the buttons only the left one and the wheel.
    private static func mouse(_ numbers: [Int], isRelease: Bool = false) -> Key? {
        guard numbers.count == 3, (1...10_000).contains(numbers[1]), (1...10_000).contains(numbers[2]) else {
            return nil
        }
        let kind: MouseEvent.Kind
        // Without the keys that were held.
        switch numbers[0] & ~0b11100 {
        case 0: kind = isRelease ? .release : .press
        // The forms before SGR do not say which button was let go.
        case 3: kind = .release
        case 32: kind = .drag
        case 64: kind = .wheelUp
        case 65: kind = .wheelDown
        default: return nil
        }
        return .mouse(MouseEvent(x: numbers[1] - 1, y: numbers[2] - 1, kind: kind))
    }

    /// How many characters follow a final byte that has no parameters: a mouse report of X10, or of highlighting.
    static func payload(_ final: UInt8) -> Int? {
        switch final {
        case UInt8(ascii: "M"): 3
        case UInt8(ascii: "t"): 2
        case UInt8(ascii: "T"): 6
        default: nil
        }
    }

    /// The values of so many characters, of one byte each or of two in UTF-8; `nil` while some are missing.
    ///
    /// - Parameter mayGoOn: whether more came with it. A report in bytes is whole with one byte a character, and to wait
    ///   for another would take the next key.
    static func payload(_ bytes: [UInt8], _ characters: Int, mayGoOn: Bool) -> [Int]? {
        guard bytes.count >= characters else { return nil }
        if bytes.count == characters, !mayGoOn { return bytes.map(Int.init) }
        var values: [Int] = []
        var at = 0
        while at < bytes.count, values.count < characters {
            let byte = bytes[at]
            at += 1
            if (0xC2..<0xE0).contains(byte) {
                guard at < bytes.count else { return mayGoOn ? nil : bytes.prefix(characters).map(Int.init) }
                if (0x80..<0xC0).contains(bytes[at]) {
                    values.append(Int(byte & 31) << 6 | Int(bytes[at] & 63))
                    at += 1
                    continue
                }
            }
            values.append(Int(byte))
        }
        if values.count == characters { return values }
        return mayGoOn ? nil : bytes.prefix(characters).map(Int.init)
    }

    /// Button, column and row, each with 32 more so that none is a control.
    static func oldMouse(_ values: [Int]) -> Key? { values.count == 3 ? mouse(values.map { $0 - 32 }) : nil }

    // MARK: Answers

    /// Whether a string of this kind may begin with the byte, as answers do.
    static func mayBegin(_ introducer: UInt8, _ byte: UInt8) -> Bool {
        switch introducer {
        case UInt8(ascii: "]"): "0123456789lLI".utf8.contains(byte)
        case UInt8(ascii: "P"): "0123456789>!$+".utf8.contains(byte)
        default: true
        }
    }

    /// OSC 11: `11;rgb:RRRR/GGGG/BBBB`, with one to four hexadecimal digits each.
    static func background(_ string: [UInt8]) -> RGB? {
        let text = String(decoding: string, as: UTF8.self)
        guard let body = ["]11;rgb:", "]11;rgba:"].first(where: text.hasPrefix).map({ text.dropFirst($0.count) }) else {
            return nil
        }
        let parts = body.prefix { $0 != "\u{1B}" }.split(separator: "/", omittingEmptySubsequences: false)
        let shares = parts.prefix(3).compactMap { part -> UInt32? in
            guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit), let value = UInt32(part, radix: 16)
            else { return nil }
            return value * 255 / (1 << (4 * UInt32(part.count)) - 1)
        }
        guard shares.count == 3, parts.count <= 4 else { return nil }
        return RGB(shares[0] << 16 | shares[1] << 8 | shares[2])
    }
}
