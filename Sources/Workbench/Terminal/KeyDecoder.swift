/// Bytes from a terminal to keys, whatever pieces they come in.
///
/// Written here and not left to ncurses because mouse reports, both forms of the arrows (`ESC O A` and `ESC [ A`),
/// pastes and answers that come late are then the same under every terminal description, and can be tested as bytes.
///
/// What begins with ESC is taken to its end, over any number of reads, and is a key, an answer or nothing. Bytes of it
/// are no keys, because a key may cut the network; what was cut off ends with ESC, or with a silence (`Silence`).
///
/// - Complexity: linear in the bytes; it stores no more than a piece of a paste.
package struct KeyDecoder {
    enum State: Equatable {
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

    /// No sequence that means anything here is longer.
    static let mostKept = 64

    var state = State.ground
    /// ESC stood before it: Alt and what follows.
    var isAlt = false
    /// It was waited for in vain, so it is dropped when its rest comes.
    var isLate = false
    /// More came of it in one read than a person types.
    var isSure = false
    /// It was taken for the rest of a sequence after an Esc, by its first byte alone.
    private var isGuess = false
    var kept: [UInt8] = []
    var length = 0
    /// The byte before, within a string.
    var previous: UInt8 = 0
    var pasteBegins = Marker(KeyDecoder.beginOfPaste)
    private static let beginOfPaste = Array("\u{1B}[200~".utf8)
    var paste = PastedText()

    var ofThisRead = 0
    /// The byte that the same read has next.
    var following: UInt8?
    private var now = ContinuousClock.now
    private var silence = Silence()
    /// A lone ESC was taken for Esc, until the read after it.
    private var hasEscaped = false
    /// It was within a string, and may have been the first half of ST.
    private var hasEscapedString = false
    /// A lone ESC came after a pause, within a string or a paste.
    private var mayGiveUp = false

    /// Where plain text of this read began.
    private var run: Int?
    /// Nil where the terminal marks what is pasted: there, much at once is a script or a line that was slow.
    private var unmarked: UnmarkedPaste?

    var keys: [Key] = []
    private var taken = 0

    /// The terminal's background, once it answered.
    package internal(set) var background: RGB?

    /// - Parameter marksPastes: whether the terminal puts its marks around a paste when it is asked to.
    package init(marksPastes: Bool = false) {
        unmarked = marksPastes ? nil : UnmarkedPaste()
    }

    /// Whether something has begun: after the escape delay without more, `next(final: true)` decides.
    package var isWaiting: Bool { state != .ground && state != .paste && !isLate }

    /// When `next(final: true)` is to be called where nothing comes before.
    package func deadline(escapeDelay: Duration) -> ContinuousClock.Instant? {
        state == .ground && !hasEscaped ? nil : silence.nextLook(escapeDelay: escapeDelay)
    }

    /// Takes what one read brought.
    package mutating func feed(_ read: some Collection<UInt8>, at now: ContinuousClock.Instant = .now) {
        guard !read.isEmpty else { return }
        self.now = now
        ofThisRead = 0
        unmarked?.beginRead(at: now)
        let rest = read.dropFirst(resume(read) ? 1 : 0)
        silence.end(at: now)
        var index = rest.startIndex
        while index != rest.endIndex {
            let byte = rest[index]
            rest.formIndex(after: &index)
            following = index == rest.endIndex ? nil : rest[index]
            take(byte)
            if state != .ground, !isCharacter { endRun() }
        }
        endRun()
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
        silence.look(at: now)
        if state == .escape {
            keys.append(.escape)
            reset()
            hasEscaped = true
        } else if silence.isFor(Silence.most) {
            hasEscaped = false
            if state != .ground { reset() }
        } else if mayGiveUp, silence.isFor(Silence.aroundEscape) {
            hasEscapedString = isString
            mayGiveUp = false
            reset()
            hasEscaped = true
        } else if state != .ground, state != .paste {
            isLate = true
        }
    }

    /// What the silence before a read means for it.
    ///
    /// - Returns: whether its first byte is to be dropped.
    private mutating func resume(_ read: some Collection<UInt8>) -> Bool {
        let first = read.first!
        let isSingle = read.count == 1
        mayGiveUp = false
        defer { (hasEscaped, hasEscapedString) = (false, false) }
        if hasEscaped {
            if hasEscapedString, first == UInt8(ascii: "\\") { return true }
            if isRest(first, isSingle: isSingle) {
                begin(.escape)
                isLate = true
                isGuess = isSingle
            }
        } else if first == 0x1B, isString || state == .paste {
            let isAfterPause = silence.isFor(Silence.aroundEscape)
            if isSingle {
                mayGiveUp = isAfterPause
            } else if isAfterPause, isString, read.dropFirst().first != UInt8(ascii: "\\") {
                // No terminal has it within a string: a key or an answer, and the string's end was lost.
                reset()
            }
        } else if isSingle, state != .ground, state != .paste, isOfAPerson(first) {
            reset()
        }
        return false
    }

    /// Whether what comes after Esc is the rest of what was torn behind its ESC: it begins as one. A person types one
    /// key a read, so a single byte counts only where it follows soon.
    private func isRest(_ first: UInt8, isSingle: Bool) -> Bool {
        if !silence.isFor(Silence.torn) { return first >= 0x20 }
        guard "[O]PX^_".utf8.contains(first) else { return false }
        // Behind the others all keys would be swallowed for long.
        let isShort = first == UInt8(ascii: "[") || first == UInt8(ascii: "O")
        return !isSingle || !silence.isFor(isShort ? Silence.unsure : Silence.aroundEscape)
    }

    /// Whether a single byte is a key although something is open. What swallows but one key may wait for long.
    private func isOfAPerson(_ byte: UInt8) -> Bool {
        guard byte != 0x07, byte < 0x80 else { return false }
        guard isString else { return silence.isFor(isGuess ? Silence.unsure : Silence.person) }
        if isGuess, kept.count == 1, !ControlSequence.mayBegin(kept[0], byte) { return true }
        if isGuess, !isSure { return silence.isFor(Silence.aroundEscape) }
        return silence.isFor(isSure ? Silence.person : Silence.unsure)
    }

    private var isString: Bool {
        if case .string = state { return true }
        return false
    }

    private var isCharacter: Bool {
        if case .character = state { return !isAlt }
        return false
    }

    private mutating func endRun() {
        if let start = run { unmarked?.replace(&keys, from: start, at: now) }
        run = nil
    }

    mutating func begin(_ state: State) {
        reset()
        self.state = state
        ofThisRead = 1
    }

    mutating func beginPaste() {
        begin(.paste)
        paste = PastedText()
    }

    mutating func reset() {
        state = .ground
        isAlt = false
        isLate = false
        isSure = false
        isGuess = false
        kept.removeAll(keepingCapacity: true)
        length = 0
        previous = 0
        pasteBegins = Marker(KeyDecoder.beginOfPaste)
    }

    mutating func finish(_ key: Key? = nil) {
        if let key, !isLate { append(key) }
        reset()
    }

    mutating func append(_ key: Key) {
        if key.mayBeOfText { run = run ?? keys.count } else { endRun() }
        keys.append(key)
    }

    mutating func emit(_ text: String) {
        if !text.isEmpty { keys.append(.paste(text)) }
    }

    mutating func keep(_ byte: UInt8) {
        length += 1
        if kept.count < KeyDecoder.mostKept { kept.append(byte) }
    }
}
