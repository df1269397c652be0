/// Bytes from a terminal to keys, whatever pieces they come in.
///
/// Written here and not left to ncurses because the mouse's SGR reports, both forms of the arrows (`ESC O A` and
/// `ESC [ A`) and shifted arrows are then the same under every terminal description, and can be tested as bytes.
package struct KeyDecoder {
    private var bytes: [UInt8] = []

    package init() {}

    /// Whether something has begun and may be a lone Esc: wait no longer than the escape delay.
    package var isWaiting: Bool { !bytes.isEmpty }

    package mutating func feed(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The next key; `nil` if there is none, or only its beginning.
    ///
    /// - Parameter final: nothing more came in time, so a beginning is taken as it stands.
    package mutating func next(final: Bool = false) -> Key? {
        while let first = bytes.first {
            if first == 0x1B {
                switch escape(final: final) {
                case .key(let key, let length):
                    bytes.removeFirst(length)
                    return key
                case .nothing(let length): bytes.removeFirst(length)
                case .incomplete: return nil
                }
            } else if first < 0x20 || first == 0x7F {
                bytes.removeFirst()
                if let key = KeyDecoder.controlKey(first) { return key }
            } else {
                let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
                if bytes.count < length && !final { return nil }
                let text = String(validating: bytes.prefix(length), as: UTF8.self)
                bytes.removeFirst(text == nil ? 1 : length)
                if let character = text?.first { return .character(character) }
            }
        }
        return nil
    }

    private enum Parsed {
        case key(Key, length: Int)
        /// A sequence that is no key here.
        case nothing(length: Int)
        case incomplete
    }

    private static func controlKey(_ byte: UInt8) -> Key? {
        switch byte {
        case 9: .tab
        case 10, 13: .enter
        case 8, 127: .backspace
        case 1...26: .control(Character(Unicode.Scalar(byte + 96)))
        default: nil
        }
    }

    private func escape(final: Bool) -> Parsed {
        guard bytes.count > 1 else { return final ? .key(.escape, length: 1) : .incomplete }
        switch bytes[1] {
        case UInt8(ascii: "O"):
            guard bytes.count > 2 else { return final ? .key(.escape, length: 1) : .incomplete }
            return KeyDecoder.key(letter: bytes[2], shift: false).map { .key($0, length: 3) } ?? .nothing(length: 3)
        case UInt8(ascii: "["): return controlSequence(final: final)
        // Esc and a key soon after: two keys. Alt with a key comes as the same.
        default: return .key(.escape, length: 1)
        }
    }

    /// `ESC [`, parameters, one final byte.
    private func controlSequence(final: Bool) -> Parsed {
        var end = 2
        // The Linux console's F1...F5 have a second bracket.
        if bytes.count > 2, bytes[2] == UInt8(ascii: "[") {
            guard bytes.count > 3 else { return final ? .nothing(length: 3) : .incomplete }
            let number = Int(bytes[3]) - 64
            return (1...5).contains(number) ? .key(.function(number), length: 4) : .nothing(length: 4)
        }
        while end < bytes.count, bytes[end] < 0x40 {
            // A control character is no part of a sequence: what is there is broken off.
            if bytes[end] < 0x20 { return .nothing(length: end) }
            end += 1
        }
        guard end < bytes.count else {
            guard final else { return .incomplete }
            return bytes.count == 2 ? .key(.escape, length: 1) : .nothing(length: bytes.count)
        }
        let length = end + 1
        let parameters = bytes[2..<end]
        if parameters.first == UInt8(ascii: "<") {
            let event = KeyDecoder.mouse(parameters.dropFirst(), pressed: bytes[end] == UInt8(ascii: "M"))
            return event.map { .key(.mouse($0), length: length) } ?? .nothing(length: length)
        }
        let numbers = KeyDecoder.numbers(parameters)
        let shift = numbers.count > 1 && numbers[1] == 2
        let key: Key?
        switch bytes[end] {
        // Answers to questions about the terminal, not keys.
        case _ where parameters.first == UInt8(ascii: "?") || parameters.first == UInt8(ascii: ">"): key = nil
        case UInt8(ascii: "~"): key = numbers.first.flatMap(KeyDecoder.key(number:))
        case let letter: key = KeyDecoder.key(letter: letter, shift: shift)
        }
        return key.map { .key($0, length: length) } ?? .nothing(length: length)
    }

    private static func numbers(_ bytes: some Sequence<UInt8>) -> [Int] {
        String(decoding: Array(bytes), as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
            .map { Int($0) ?? 0 }
    }

    private static func key(letter: UInt8, shift: Bool) -> Key? {
        switch letter {
        case UInt8(ascii: "A"): shift ? .shiftUp : .up
        case UInt8(ascii: "B"): shift ? .shiftDown : .down
        case UInt8(ascii: "C"): shift ? .shiftRight : .right
        case UInt8(ascii: "D"): shift ? .shiftLeft : .left
        case UInt8(ascii: "a"): .shiftUp
        case UInt8(ascii: "b"): .shiftDown
        case UInt8(ascii: "c"): .shiftRight
        case UInt8(ascii: "d"): .shiftLeft
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "Z"): .backTab
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

    /// `button;column;row`, counted from 1. Of the buttons only the left one and the wheel.
    private static func mouse(_ bytes: some Sequence<UInt8>, pressed: Bool) -> MouseEvent? {
        let parts = numbers(bytes)
        guard parts.count == 3, parts[1] > 0, parts[2] > 0 else { return nil }
        let kind: MouseEvent.Kind
        switch parts[0] & ~0b11100 {
        case 0: kind = pressed ? .press : .release
        case 32: kind = .drag
        case 64: kind = .wheelUp
        case 65: kind = .wheelDown
        default: return nil
        }
        return MouseEvent(x: parts[1] - 1, y: parts[2] - 1, kind: kind)
    }
}
