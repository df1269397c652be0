import CNcurses
import Foundation

extension TerminalScreen {
    /// Opens the terminal by its own name, else by names that nearly all answer to.
    ///
    /// - Returns: whether colours are given in full; `nil` if there is no description at all.
    static func openTerminal(direct: Bool, _ output: TerminalOutput) -> Bool? {
        // Only newterm: initscr would end the program for a terminal it does not know.
        if direct, espalier_newterm("xterm-direct", output.file) != nil { return true }
        if espalier_newterm(nil, output.file) != nil { return false }
        for name in ["xterm-256color", "xterm"] where espalier_newterm(name, output.file) != nil { return false }
        return nil
    }

    /// ncurses is left out of the terminal's own modes: what it writes to is a pipe.
    static func setModes() {
        TerminalGuard.setKeyModes()
        set_escdelay(25)
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
