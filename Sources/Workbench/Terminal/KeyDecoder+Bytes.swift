/// What one byte means, after those before it.
extension KeyDecoder {
    mutating func take(_ byte: UInt8) {
        ofThisRead += 1
        switch state {
        case .ground: plain(byte)
        case .paste:
            if paste.take(byte) {
                emit(paste.takeLast())
                reset()
            }
        case .string(let isEightBit): string(byte, isEightBit: isEightBit)
        case _ where byte == 0x1B:
            // Whatever it was, it was cut off, and another begins. Behind an ESC it is Alt with what comes.
            let isAlt = state == .escape
            begin(.escape)
            self.isAlt = isAlt
        case .escape: escape(byte)
        case .designation: if (0x30...0x7E).contains(byte) { finish() }
        case .singleShift:
            if (0x30...0x3F).contains(byte) {
                keep(byte)
            } else if (0x40...0x7E).contains(byte) {
                finish(isAlt ? nil : ControlSequence.singleShift(kept, byte))
            }
        case .controlSequence: controlSequence(byte)
        case .consoleFunction: finish((0x41...0x45).contains(byte) && !isAlt ? .function(Int(byte) - 64) : nil)
        case .payload(let characters): payload(byte, of: characters)
        case .character(let missing): character(byte, missing: missing)
        }
    }

    private mutating func plain(_ byte: UInt8) {
        switch byte {
        case 0x1B: begin(.escape)
        case 0x00..<0x20, 0x7F: if let key = KeyDecoder.control(byte) { append(key) }
        case 0x20..<0x7F: append(.character(Character(Unicode.Scalar(byte))))
        case 0x80..<0xA0: eightBit(byte)
        case 0xC2..<0xF5: beginCharacter(byte)
        default: break
        }
    }

    private static func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 9: .tab
        case 10, 13: .enter
        case 8, 127: .backspace
        case 1...26: .control(Character(Unicode.Scalar(byte + 96)))
        default: nil
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "["): state = .controlSequence
        case UInt8(ascii: "O"): state = .singleShift
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            state = .string(isEightBit: false)
            keep(byte)
        case 0x20..<0x30: state = .designation
        case 0x30..<0x7F: finish(.alt(Character(Unicode.Scalar(byte))))
        case 0x80..<0xA0: eightBit(byte)
        case 0xC2..<0xF5:
            beginCharacter(byte)
            isAlt = true
        // Alt with Enter, Tab, Backspace or Ctrl and a letter.
        default: finish()
        }
    }

    /// The controls of one byte, as terminals send them that were told to; also as a character of UTF-8.
    private mutating func eightBit(_ byte: UInt8) {
        switch byte {
        case 0x9B: begin(.controlSequence)
        case 0x8F: begin(.singleShift)
        case 0x90, 0x98, 0x9D, 0x9E, 0x9F:
            begin(.string(isEightBit: true))
            keep(byte == 0x9D ? UInt8(ascii: "]") : byte)
        default: finish()
        }
        ofThisRead = 2
    }

    private mutating func beginCharacter(_ byte: UInt8) {
        begin(.character(missing: byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3))
        keep(byte)
    }

    private mutating func character(_ byte: UInt8, missing: Int) {
        guard (0x80..<0xC0).contains(byte) else {
            // Broken off. Behind an ESC the byte belongs to what is dropped; else it is a key of its own.
            let isAlt = isAlt
            reset()
            if !isAlt { plain(byte) }
            return
        }
        keep(byte)
        guard missing == 1 else { return state = .character(missing: missing - 1) }
        // However late: nothing else can have a byte like these.
        isLate = false
        guard let scalar = String(validating: kept, as: UTF8.self)?.unicodeScalars.first else { return finish() }
        if scalar.value < 0xA0 {
            eightBit(UInt8(scalar.value))
        } else {
            finish(isAlt ? .alt(Character(scalar)) : .character(Character(scalar)))
        }
    }

    private mutating func controlSequence(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "$") where following == nil && isNumber(kept):
            // rxvt's keys with Shift; elsewhere it stands before the final byte.
            finish()
        case 0x20..<0x40: keep(byte)
        case UInt8(ascii: "[") where length == 0: state = .consoleFunction
        case 0x40..<0x7F:
            if length == 0, let characters = ControlSequence.payload(byte) {
                state = .payload(characters: characters)
                kept.removeAll(keepingCapacity: true)
            } else if byte == UInt8(ascii: "~"), kept.elementsEqual("200".utf8) {
                beginPaste()
            } else {
                finish(isAlt || length > kept.count ? nil : ControlSequence.key(kept, byte))
            }
        // Controls and what is above ASCII do not end it.
        default: break
        }
    }

    /// Numbers of one byte, or as characters of UTF-8 (mode 1005) where the read has more for them.
    private mutating func payload(_ byte: UInt8, of characters: Int) {
        keep(byte)
        let mayGoOn = following.map { $0 != 0x1B } ?? false
        guard let values = ControlSequence.payload(kept, characters, mayGoOn: mayGoOn) else { return }
        finish(isAlt ? nil : ControlSequence.oldMouse(values))
    }

    private mutating func string(_ byte: UInt8, isEightBit: Bool) {
        let isEnd =
            switch byte {
            case 0x07: true
            case UInt8(ascii: "\\"): previous == 0x1B
            // Not within a character of UTF-8, such as an opening quotation mark.
            case 0x9C: isEightBit && (previous < 0x80 || previous == 0xC2)
            default: false
            }
        previous = byte
        // A string that was cut off does not take a paste with it, in which a BEL may stand.
        if pasteBegins.take(byte) { return beginPaste() }
        guard isEnd else { return keep(byte) }
        if let colour = ControlSequence.background(kept) { background = colour }
        finish()
    }

    private func isNumber(_ bytes: [UInt8]) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { (0x30...0x39).contains($0) }
    }
}
