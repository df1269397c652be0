import CNcurses
import Foundation

/// Why there is no screen; the plain mode still works.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
    case notATerminal
    case unknownTerminal(String)
    case modes
    /// A signal asked the program to end before it had the terminal.
    case interrupted(Int32)

    package var description: String {
        switch self {
        case .notATerminal: "Input or output is not a terminal."
        case .unknownTerminal(let name):
            "The terminal type '\(name)' is not known here; try TERM=xterm-256color, or run without the workbench."
        case .modes: "The terminal's modes could not be read."
        case .interrupted(let number): "Ended by signal \(number) before the workbench opened."
        }
    }
}

package struct ScreenOptions: Sendable {
    package var ascii = false
    /// `nil` finds it out; `.trueColour` only by asking for it here.
    package var depth: ColourDepth?
    package var theme: Palette.Theme?
    package var map: Palette.Map = .cividis
    package var mouse = true

    package init() {}
}

/// The one owner of ncurses: copies a grid's changes to the terminal, and reads keys.
///
/// Made and used on one thread; only `waker` goes to others.
package final class TerminalScreen {
    private(set) package var width: Int
    private(set) package var height: Int
    package let usesASCII: Bool
    package var palette: Palette {
        didSet {
            guard palette != oldValue else { return }
            pairs.use(palette)
            needsAll = true
        }
    }
    /// Bytes written, all together; for the budget of the line.
    package var bytesWritten: UInt64 { output.total }
    /// INT, TERM, HUP or another that asks the program to end, once one came; the loop is to end.
    internal(set) package var pendingSignal: Int32?

    private var pairs: ColourPairs
    let output: TerminalOutput
    /// The newest picture; shown once the terminal has taken the one before.
    var newest: CellGrid?
    var shown: CellGrid?
    /// What is on the terminal cannot be relied on: every cell is drawn, after clearing it where that is asked for.
    var needsAll = true
    var needsClearing = true
    var decoder: KeyDecoder
    let marksPastes: Bool
    let escapeDelay: Duration
    /// Later than this an answer changes nothing: by then the person has seen the picture as it is.
    static let patienceForBackground = Duration.seconds(2)
    var isOpen = true
    /// Somebody else has the terminal, and nothing is written to it: the process was stopped, or is about to end.
    var isGivenBack = false
    var inputEnded = false
    private let hasMouse: Bool
    /// Sequences of ANSI are understood, and those it does not know are passed over.
    private let isANSI: Bool
    package let clipboard: Clipboard
    /// When the terminal was asked for its background, until it answered or may no longer.
    var askedAt: ContinuousClock.Instant?
    private let isSynchronized: Bool
    let wakePipe: Int32

    /// - Throws: `TerminalError`; the terminal is then as it was.
    package init(_ options: ScreenOptions = ScreenOptions()) throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw TerminalError.notATerminal }
        let environment = ProcessInfo.processInfo.environment
        usesASCII = !espalier_set_locale() || options.ascii
        // Before newterm, which installs handlers of its own only where there are none.
        guard TerminalGuard.install() else { throw TerminalError.modes }
        wakePipe = TerminalGuard.pipe()
        do {
            output = try TerminalOutput()
        } catch {
            TerminalGuard.remove(ends: false)
            throw error
        }
        let kind = TerminalKind(environment)
        guard let isKnown = TerminalScreen.openTerminal(direct: options.depth == .trueColour, kind, output) else {
            TerminalGuard.remove(ends: false)
            throw TerminalError.unknownTerminal(environment["TERM"] ?? "")
        }
        guard TerminalScreen.setModes() else {
            let number = TerminalGuard.takeSignal() ?? SIGTERM
            TerminalGuard.remove(ends: true)
            throw TerminalError.interrupted(number)
        }
        palette = Palette(
            theme: options.theme ?? TerminalScreen.theme(environment) ?? .dark, map: options.map,
            depth: TerminalScreen.depth(options.depth, environment))
        pairs = ColourPairs(palette: palette)
        marksPastes = TerminalScreen.marksPastes(environment)
        decoder = KeyDecoder(marksPastes: marksPastes)
        let term = environment["TERM"] ?? ""
        isSynchronized =
            espalier_is_ansi() && environment["TMUX"] == nil && !term.hasPrefix("tmux") && !term.hasPrefix("screen")
        escapeDelay = .milliseconds(TerminalScreen.escapeDelay(environment))
        hasMouse = options.mouse
        isANSI = espalier_is_ansi()
        clipboard = Clipboard(environment)
        width = Int(espalier_width())
        height = Int(espalier_height())
        resize()
        sendModes(on: true)
        if options.theme == nil, TerminalScreen.theme(environment) == nil,
            TerminalScreen.mayAskBackground(environment, isKnown: isKnown)
        {
            // The first picture does not wait for the answer.
            write("\u{1B}]11;?\u{07}".utf8)
            askedAt = .now
        }
    }

    deinit { close() }

    /// For other threads: makes `nextKey` return `.interrupted`.
    package var waker: Waker { Waker() }

    // MARK: Showing

    /// Copies what differs from the last picture; writes nothing at all when nothing does. While the terminal has not
    /// taken the last one, the picture waits, and a newer one takes its place.
    package func show(_ picture: CellGrid) {
        guard isOpen, !isGivenBack else { return }
        newest = usesASCII ? picture.asciiOnly() : picture
        paint()
    }

    /// Draws the last picture again over whatever is on the terminal, for Ctrl-L.
    package func redraw() {
        newest = newest ?? shown
        (needsAll, needsClearing) = (true, true)
        paint()
    }

    func paint() {
        guard let grid = newest, !output.isWaiting, !isGivenBack else { return }
        newest = nil
        let old = needsAll || shown?.width != grid.width || shown?.height != grid.height ? nil : shown
        guard old != grid else { return }
        if isSynchronized { output.append("\u{1B}[?2026h".utf8) }
        if old == nil {
            if needsClearing || grid.width < width || grid.height < height { erase() }
            // Clearing is an update of its own, so that what follows is no more than the cells that are put.
            if needsClearing {
                clearok(espalier_curscr(), true)
                update()
            }
            (needsAll, needsClearing) = (false, false)
        }
        var count = 0
        for index in grid.cells.indices where grid.cells[index] != old?.cells[index] {
            put(grid, index)
            count += 1
            if count % output.cellsAtOnce == 0 { update() }
        }
        update()
        shown = grid
        if isSynchronized { output.append("\u{1B}[?2026l".utf8) }
        output.flush()
    }

    private func put(_ grid: CellGrid, _ index: Int) {
        let (y, x) = index.quotientAndRemainder(dividingBy: grid.width)
        guard x < width, y < height else { return }
        let cell = grid.cells[index]
        let style = palette.weight(cell.style)
        var weight = 0
        if style.bold { weight |= ESPALIER_BOLD }
        if style.dim { weight |= ESPALIER_DIM }
        if style.reverse { weight |= ESPALIER_REVERSE }
        if style.underline { weight |= ESPALIER_UNDERLINE }
        espalier_put(Int32(y), Int32(x), wchar_t(cell.glyph.value), Int32(weight), pairs.pair(style))
    }

    func update() {
        wnoutrefresh(espalier_stdscr())
        doupdate()
        output.collect()
    }

    /// To the clipboard. After a frame and not within one, so that no sequence stands inside another; ncurses never
    /// sees the bytes, and so neither changes them nor counts them as columns.
    ///
    /// - Parameter told: is called once it is known, on this thread or another.
    package func copy(_ text: String, told: @escaping @Sendable (Clipboard.Outcome) -> Void) {
        guard isOpen, !isGivenBack else { return }
        switch clipboard {
        case .none: told(.failed("the terminal takes no copies"))
        case .tmux(let tmux): tmux.copy(text, told)
        case .terminal where output.isFull: told(.failed("the terminal takes nothing now"))
        case .terminal:
            write(Clipboard.bytes(text))
            told(.sent)
        }
    }

    // MARK: Size and modes

    func resize() {
        var (columns, rows): (Int32, Int32) = (0, 0)
        guard espalier_size(&columns, &rows), Int(columns) != width || Int(rows) != height else { return }
        resizeterm(rows, columns)
        width = Int(columns)
        height = Int(rows)
        // Terminals wrap and cut what they showed in their own ways: nothing there can be relied on.
        (needsAll, needsClearing) = (true, true)
    }

    /// Pastes are told apart from keys, and the mouse is reported.
    func sendModes(on: Bool) {
        guard isANSI else { return }
        write((on ? "\u{1B}[?2004h" : "\u{1B}[?2004l").utf8)
        guard hasMouse else { return }
        write((on ? "\u{1B}[?1002h\u{1B}[?1006h" : "\u{1B}[?1006l\u{1B}[?1002l").utf8)
    }

    /// To the terminal and past ncurses, between two frames.
    private func write(_ bytes: some Collection<UInt8>) {
        output.collect()
        output.append(bytes)
        output.flush()
    }
}
