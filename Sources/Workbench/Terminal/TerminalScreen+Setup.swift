import CNcurses
import Foundation

extension TerminalScreen {
    /// Opens the terminal by its own name, else by names that nearly all answer to.
    ///
    /// - Returns: whether colours are given in full; `nil` if there is no description at all.
    static func openTerminal(direct: Bool) -> Bool? {
        // Only newterm: initscr would end the program for a terminal it does not know.
        if direct, espalier_newterm("xterm-direct") != nil { return true }
        if espalier_newterm(nil) != nil { return false }
        for name in ["xterm-256color", "xterm"] where espalier_newterm(name) != nil { return false }
        return nil
    }

    static func setModes() {
        set_escdelay(25)
        cbreak()
        noecho()
        nonl()
        // Else Ctrl-C and Ctrl-Z drop output on its way, and with it the bytes that end mouse and frame modes.
        noqiflush()
        keypad(espalier_stdscr(), true)
        scrollok(espalier_stdscr(), false)
        leaveok(espalier_stdscr(), true)
        // Without this, keys waiting would stop an update midway.
        typeahead(-1)
        curs_set(0)
        espalier_free_keys()
        if has_colors() {
            start_color()
            use_default_colors()
        }
    }

    static func depth(_ asked: ColourDepth?, isDirect: Bool, _ environment: [String: String]) -> ColourDepth {
        // https://no-color.org: set and not empty.
        if asked == nil, environment["NO_COLOR"]?.isEmpty == false { return .mono }
        guard has_colors() else { return .mono }
        let most: ColourDepth
        switch espalier_colours() {
        case ..<8: most = .mono
        case ..<16: most = .eight
        case ..<256: most = .sixteen
        default: most = isDirect ? .trueColour : .indexed
        }
        return min(most, asked ?? most)
    }

    /// What the terminal says of its background, `15;0`; dark if it says nothing.
    static func theme(_ environment: [String: String]) -> Palette.Theme {
        let paper = environment["COLORFGBG"]?.split(separator: ";").last.flatMap { Int($0) }
        return paper == 7 || paper == 15 ? .light : .dark
    }
}

/// Bytes this thread has written, from the system's own account: ncurses writes to the descriptor itself, so
/// nothing in between can count.
struct WrittenBytes {
    private let file = open("/proc/thread-self/io", O_RDONLY | O_CLOEXEC)

    /// 0 where the system keeps no account.
    func total() -> UInt64 {
        guard file >= 0 else { return 0 }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = pread(file, &buffer, buffer.count, 0)
        guard count > 0 else { return 0 }
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("wchar:") }) else { return 0 }
        return UInt64(line.dropFirst(7)) ?? 0
    }
}
