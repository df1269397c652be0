/// Bytes from a terminal to keys, whatever pieces they come in.
///
/// Written here and not left to ncurses because mouse reports, both forms of the arrows (`ESC O A` and `ESC [ A`),
/// pastes and answers that come late are then the same under every terminal description, and can be tested as bytes.
///
/// What begins with ESC is taken to its end, over any number of reads, and is a key, an answer or nothing. Bytes of it
/// are never keys, because a key may cut the network.
///
/// - Complexity: linear in the bytes; it stores no more than a piece of a paste.
package struct KeyDecoder {
    private enum State: Equatable {
        case ground
        /// ESC came. What follows says what it is.
        case escape
        /// `ESC (` and the like, to a final byte.
        case designation
        /// `ESC O`, digits, one final byte.
        case singleShift
        /// `ESC [`, parameters, one final byte.
        case controlSequence
        /// `ESC [ [`: the Linux console's F1 to F5 have one byte more.
        case consoleFunction
        /// `ESC [ M` and so many characters that are numbers, not text.
        case payload(characters: Int)
        /// OSC, DCS, APC, PM or SOS, to BEL or ST. The 8-bit forms have an ST of one byte.
        case string(isEightBit: Bool)
        /// A character of several bytes, so many of them still to come.
        case character(missing: Int)
        case paste
    }

    /// Silence after which what was cut off is given up, and the next byte is a key again.
    private enum Patience {
        /// Only an introducer came, which may have been Alt with a bracket.
        static let unsure = Duration.milliseconds(500)
        static let sequence = Duration.seconds(2)
        static let paste = Duration.seconds(5)
    }

    /// A string that is longer ends with the first pause, should its end never come.
    private static let mostOfString = 65_536
    /// No sequence that means anything here is longer.
    private static let mostKept = 64

    private var state = State.ground
    /// ESC stood before it: Alt and what follows.
    private var isAlt = false
    /// It was waited for in vain, so it is dropped when its rest comes.
    private var isLate = false
    /// More came of it in one read than a person types.
    private var isSure = false
    private var kept: [UInt8] = []
    private var length = 0
    /// The byte before, within a string.
    private var previous: UInt8 = 0
    private var pasteBegins = Marker(KeyDecoder.beginOfPaste)
    private static let beginOfPaste = Array("\u{1B}[200~".utf8)
    private var ofThisRead = 0
    private var paste = PastedText()

    private var latest = ContinuousClock.now
    /// When a lone ESC was taken for Esc, until the read after it.
    private var escapedAt: ContinuousClock.Instant?
    /// So long after it that one byte is no rest of a sequence.
    private var isByteAKey = false

    private var keys: [Key] = []
    private var taken = 0

    /// The terminal's background, once it answered.
    private(set) package var background: RGB?

    package init() {}

    /// Whether something has begun: after the escape delay without more, `next(final: true)` decides.
    package var isWaiting: Bool {
        state != .ground && state != .paste && (!isLate || length > KeyDecoder.mostOfString)
    }

    /// When `next(final: true)` is to be called where nothing comes before. Silence counts only where somebody looked:
    /// bytes that lay there while the program was busy or stopped were not late.
    package func deadline(escapeDelay: Duration) -> ContinuousClock.Instant? {
        if let escapedAt { return escapedAt + (isByteAKey ? Patience.sequence : Patience.unsure) }
        guard state != .ground else { return nil }
        return latest + (isWaiting ? escapeDelay : patience)
    }

    /// Takes what one read brought.
    package mutating func feed(_ read: some Collection<UInt8>, at now: ContinuousClock.Instant = .now) {
        guard let first = read.first else { return }
        latest = now
        ofThisRead = 0
        if escapedAt != nil, isRest(first, read.count) {
            begin(.escape)
            isLate = true
        }
        escapedAt = nil
        for byte in read { take(byte) }
        if ofThisRead > 2 { isSure = true }
        if state == .paste { emit(paste.takePiece()) }
    }

    /// The next key; `nil` if there is none, or only its beginning.
    ///
    /// - Parameter final: nothing more came within the escape delay. A lone ESC is Esc then; anything else that was
    ///   cut off is nothing, and so is its rest.
    package mutating func next(final: Bool = false, at now: ContinuousClock.Instant = .now) -> Key? {
        if final { beQuiet(at: now) }
        guard taken < keys.count else { return nil }
        defer {
            taken += 1
            if taken == keys.count {
                keys.removeAll(keepingCapacity: true)
                taken = 0
            }
        }
        return keys[taken]
    }

    // MARK: Cut off

    private mutating func beQuiet(at now: ContinuousClock.Instant) {
        if let escapedAt {
            isByteAKey = now >= escapedAt + Patience.unsure
            if now >= escapedAt + Patience.sequence { self.escapedAt = nil }
        } else if state == .escape, !isLate {
            keys.append(.escape)
            reset()
            escapedAt = now
            isByteAKey = false
        } else if isWaiting, length <= KeyDecoder.mostOfString {
            isLate = true
        } else if isWaiting || now >= latest + patience {
            reset()
        }
    }

    private var patience: Duration {
        switch state {
        case .paste: Patience.paste
        case .character: Patience.sequence
        default: isSure ? Patience.sequence : Patience.unsure
        }
    }

    /// Whether what comes after Esc is the rest of a sequence that was torn behind its ESC: it begins as one. A person
    /// types one key a read, so a single byte counts only where it follows at once.
    private func isRest(_ first: UInt8, _ count: Int) -> Bool {
        KeyDecoder.introducers.contains(first) && (count > 1 || !isByteAKey)
    }

    private static let introducers = "[O]PX^_".utf8

    private mutating func begin(_ state: State) {
        reset()
        self.state = state
        ofThisRead = 1
    }

    private mutating func beginPaste() {
        begin(.paste)
        paste = PastedText()
    }

    private mutating func reset() {
        state = .ground
        isAlt = false
        isLate = false
        isSure = false
        kept.removeAll(keepingCapacity: true)
        length = 0
        previous = 0
        pasteBegins = Marker(KeyDecoder.beginOfPaste)
    }

    private mutating func finish(_ key: Key? = nil) {
        if let key, !isLate { keys.append(key) }
        reset()
    }

    private mutating func emit(_ text: String) {
        if !text.isEmpty { keys.append(.paste(text)) }
    }

    private mutating func keep(_ byte: UInt8) {
        length += 1
        if kept.count < KeyDecoder.mostKept { kept.append(byte) }
    }

    // MARK: One byte

    private mutating func take(_ byte: UInt8) {
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
        case 0x00..<0x20, 0x7F: if let key = KeyDecoder.control(byte) { keys.append(key) }
        case 0x20..<0x7F: keys.append(.character(Character(Unicode.Scalar(byte))))
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

    /// Numbers of one byte, or as characters of UTF-8 (mode 1005).
    private mutating func payload(_ byte: UInt8, of characters: Int) {
        keep(byte)
        guard let values = ControlSequence.payload(kept, characters) else { return }
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
}
