import CNcurses
import Foundation

extension TerminalScreen {
    /// Opens the terminal by its own name, else by names that nearly all answer to.
    ///
    /// - Returns: whether it was known by its own name; `nil` if there is no description at all.
    static func openTerminal(direct: Bool, _ kind: TerminalKind, _ output: TerminalOutput) -> Bool? {
        // The size is right from the start (see `espalier_newterm`): ncurses sets the region that scrolls by it.
        use_env(true)
        use_tioctl(false)
        // Only newterm: initscr would end the program for a terminal it does not know.
        if direct, !kind.isDirect, espalier_newterm("xterm-direct", output.file) != nil { return kind.isKnown }
        if kind.isKnown, espalier_newterm(nil, output.file) != nil { return true }
        for name in ["xterm-256color", "xterm"] where espalier_newterm(name, output.file) != nil { return false }
        return nil
    }

    /// ncurses is left out of the terminal's own modes: what it writes to is a pipe.
    ///
    /// - Returns: false where something asks the program to end while it waits for the terminal.
    static func setModes() -> Bool {
        guard TerminalGuard.setKeyModes() else { return false }
        keypad(espalier_stdscr(), true)
        scrollok(espalier_stdscr(), false)
        leaveok(espalier_stdscr(), true)
        // Without this, keys waiting would stop an update midway.
        typeahead(-1)
        curs_set(0)
        if has_colors() {
            start_color()
            use_default_colors()
        }
        return true
    }

    /// Milliseconds after which a lone ESC is Esc: as for every program with ncurses where ESCDELAY is set, longer where
    /// the way is long.
    package static func escapeDelay(_ environment: [String: String]) -> Int {
        if let asked = environment["ESCDELAY"].flatMap({ Int($0) }), asked > 0 { return min(asked, 10_000) }
        let isRemote = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].contains { environment[$0]?.isEmpty == false }
        return isRemote ? 100 : 25
    }

    static func depth(_ asked: ColourDepth?, _ environment: [String: String]) -> ColourDepth {
        // https://no-color.org: set and not empty.
        if asked == nil, environment["NO_COLOR"]?.isEmpty == false { return .mono }
        guard has_colors() else { return .mono }
        let most: ColourDepth
        switch espalier_colours() {
        case ..<8: most = .mono
        case ..<16: most = .eight
        case ..<256: most = .sixteen
        case _ where espalier_is_direct_24(): most = .trueColour
        // Numbers are colours in fewer bits, but the first eight are as everywhere.
        case _ where espalier_is_direct(): most = .eight
        default: most = .indexed
        }
        return min(most, asked ?? most)
    }

    /// What COLORFGBG says of the background, `15;0` or `0;default;15`; `nil` if it says nothing.
    package static func theme(_ environment: [String: String]) -> Palette.Theme? {
        guard let paper = environment["COLORFGBG"]?.split(separator: ";").last.flatMap({ Int($0) }) else { return nil }
        return paper == 7 || paper == 15 ? .light : .dark
    }

    /// Whether a paste comes between marks (`?2004`), as far as the terminal's name tells.
    package static func marksPastes(_ environment: [String: String]) -> Bool {
        let term = environment["TERM"] ?? ""
        if term.hasPrefix("screen") { return environment["TMUX"]?.isEmpty == false }
        return !["linux", "cons25", "con132", "bterm", "vt", "ansi", "sun", "wy"].contains(where: term.hasPrefix)
    }

    /// Whether OSC 11 may be asked: not of terminals that would show the question, or whose type is only a guess.
    static func mayAskBackground(_ environment: [String: String], isKnown: Bool) -> Bool {
        let term = environment["TERM"] ?? ""
        guard isKnown, has_colors(), espalier_is_ansi(), environment["STY"]?.isEmpty != false else { return false }
        // tmux calls itself screen too, and answers.
        if term.hasPrefix("screen") { return environment["TMUX"]?.isEmpty == false }
        return !["linux", "cons25", "con132", "bterm", "vt"].contains(where: term.hasPrefix)
    }
}
