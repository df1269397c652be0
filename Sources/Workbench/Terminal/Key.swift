/// What the mouse did, and in which cell.
package struct MouseEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case press, release, drag, wheelUp, wheelDown }

    package var x, y: Int
    package var kind: Kind

    package init(x: Int, y: Int, kind: Kind) {
        self.x = x
        self.y = y
        self.kind = kind
    }
}

/// One thing that came in: a key, the mouse, another size, or word that there is new data.
package enum Key: Hashable, Sendable {
    case character(Character)
    case enter, escape, tab, backTab, backspace, delete
    case up, down, left, right, shiftUp, shiftDown, shiftLeft, shiftRight
    case pageUp, pageDown, home, end
    /// Ctrl with a letter, in lower case.
    case control(Character)
    case alt(Character)
    case function(Int)
    /// Text that the terminal says was pasted, for one line.
    case paste(String)
    case mouse(MouseEvent)
    case resize
    /// Woken by another thread or a signal; no key.
    case interrupted

    /// As footers and help show it.
    package var title: String {
        switch self {
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .enter: "Enter"
        case .escape: "Esc"
        case .tab: "Tab"
        case .backTab: "Shift-Tab"
        case .backspace: "Backspace"
        case .delete: "Del"
        case .up: "↑"
        case .down: "↓"
        case .left: "←"
        case .right: "→"
        case .shiftUp: "Shift-↑"
        case .shiftDown: "Shift-↓"
        case .shiftLeft: "Shift-←"
        case .shiftRight: "Shift-→"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .home: "Home"
        case .end: "End"
        case .control(let letter): "Ctrl-\(letter.uppercased())"
        case .alt(let character): "Alt-\(character)"
        case .function(let number): "F\(number)"
        case .paste: "paste"
        case .mouse(let event): "mouse \(event.kind)"
        case .resize: "resize"
        case .interrupted: "wake"
        }
    }

    private static let named: [(String, Key)] = [
        ("space", .character(" ")), ("enter", .enter), ("return", .enter), ("esc", .escape), ("escape", .escape),
        ("tab", .tab), ("shift-tab", .backTab), ("backtab", .backTab), ("backspace", .backspace),
        ("delete", .delete), ("del", .delete), ("up", .up), ("down", .down), ("left", .left), ("right", .right),
        ("shift-up", .shiftUp), ("shift-down", .shiftDown), ("shift-left", .shiftLeft),
        ("shift-right", .shiftRight), ("pageup", .pageUp), ("pgup", .pageUp), ("pagedown", .pageDown),
        ("pgdn", .pageDown), ("home", .home), ("end", .end),
    ]

    /// From the words of the key-binding file: `a`, `A`, `space`, `ctrl-r`, `alt-x`, `shift-up`, `f5`; `nil` if it is none.
    package init?(name: String) {
        if name.count == 1, let character = name.first, !character.isWhitespace {
            self = .character(character)
            return
        }
        let lower = name.lowercased()
        if let match = Key.named.first(where: { $0.0 == lower }) {
            self = match.1
        } else if lower.hasPrefix("ctrl-"), lower.count == 6, let letter = lower.last, letter.isASCII,
            letter.isLetter
        {
            self = .control(letter)
        } else if lower.hasPrefix("alt-"), name.count == 5, let character = name.last, Key.canHaveAlt(character) {
            self = .alt(character)
        } else if lower.hasPrefix("f"), let number = Int(lower.dropFirst()), (1...24).contains(number) {
            self = .function(number)
        } else {
            return nil
        }
    }

    /// Alt comes as an ESC before the character, and some characters behind an ESC begin or end what is no key.
    private static func canHaveAlt(_ character: Character) -> Bool {
        guard let ascii = character.asciiValue else { return !character.isWhitespace }
        return (0x30..<0x7F).contains(ascii) && !"[O]PX^_\\".utf8.contains(ascii)
    }
}
