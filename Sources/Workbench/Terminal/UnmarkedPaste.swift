/// A paste from a terminal that does not mark it, as the Linux console, GNU screen and `tmux paste-buffer` send it: more
/// plain text in one read than a person types. A key that repeats is none.
struct UnmarkedPaste {
    /// What comes so soon after it belongs to it: a long paste takes many reads, and the last may be one letter.
    private static let pause = Duration.milliseconds(100)

    private var text = PastedText()
    private var latest: ContinuousClock.Instant?
    private var goesOn = false

    mutating func beginRead(at now: ContinuousClock.Instant) {
        goesOn = latest.map { now - $0 < UnmarkedPaste.pause } ?? false
    }

    /// Puts the text that keys are, if they were pasted, in their place.
    ///
    /// - Parameter start: where the keys of one run of plain text in one read begin.
    mutating func replace(_ keys: inout [Key], from start: Int, at now: ContinuousClock.Instant) {
        let run = keys[start...]
        guard !run.isEmpty, goesOn || isPasted(run.filter(\.isPlain)) else { return }
        if !goesOn { text = PastedText() }
        goesOn = true
        latest = now
        for key in run {
            switch key {
            case .character(let character): for byte in character.utf8 { _ = text.take(byte) }
            case .enter: _ = text.take(0x0A)
            case .tab: _ = text.take(0x09)
            default: break
            }
        }
        keys.removeSubrange(start...)
        let piece = text.takePiece()
        if !piece.isEmpty { keys.append(.paste(piece)) }
    }

    private func isPasted(_ run: [Key]) -> Bool {
        guard Set(run).count > 1 else { return false }
        // Nobody answers a question in the same read that asks it.
        return run.count > 2 || run.last == .character("y") || run.last == .character("Y")
    }
}

extension Key {
    fileprivate var isPlain: Bool {
        switch self {
        case .character, .enter, .tab: true
        default: false
        }
    }

    /// What a pasted text may hold; Backspace corrects what was typed, and is no text.
    var mayBeOfText: Bool {
        if case .control = self { return true }
        return isPlain
    }
}
