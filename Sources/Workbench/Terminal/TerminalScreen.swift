import CNcurses
import Foundation

/// Why there is no screen; the plain mode still works.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
    case notATerminal
    case unknownTerminal(String)
    case modes

    package var description: String {
        switch self {
        case .notATerminal: "Input or output is not a terminal."
        case .unknownTerminal(let name):
            "The terminal type '\(name)' is not known here; try TERM=xterm-256color, or run without the workbench."
        case .modes: "The terminal's modes could not be read."
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
    private(set) package var pendingSignal: Int32?

    private var pairs: ColourPairs
    private let output: TerminalOutput
    /// The newest picture; shown once the terminal has taken the one before.
    private var newest: CellGrid?
    private var shown: CellGrid?
    /// What is on the terminal cannot be relied on: every cell is drawn, after clearing it where that is asked for.
    private var needsAll = true
    private var needsClearing = true
    private var decoder = KeyDecoder()
    private let escapeDelay: Duration
    /// Later than this an answer changes nothing: by then the person has seen the picture as it is.
    private static let patienceForBackground = Duration.seconds(2)
    private var isOpen = true
    private var inputEnded = false
    private let hasMouse: Bool
    /// Sequences of ANSI are understood, and those it does not know are passed over.
    private let isANSI: Bool
    package let clipboard: Clipboard
    /// When the terminal was asked for its background, until it answered or may no longer.
    private var askedAt: ContinuousClock.Instant?
    private let isSynchronized: Bool
    private let wakePipe: Int32

    /// Milliseconds in which a terminal that is being left must take something, or it is left as it is.
    private static let patience: Int32 = 300

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
        TerminalGuard.arm(true)
        TerminalScreen.setModes()
        palette = Palette(
            theme: options.theme ?? TerminalScreen.theme(environment) ?? .dark, map: options.map,
            depth: TerminalScreen.depth(options.depth, environment))
        pairs = ColourPairs(palette: palette)
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

    /// Restores everything, also where the terminal takes nothing any more. May be called twice. Signals that ask the
    /// program to end change nothing from here on, but for a third INT: it is about to.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        leave()
        TerminalGuard.arm(false)
        TerminalGuard.remove(ends: true)
    }

    /// For other threads: makes `nextKey` return `.interrupted`.
    package var waker: Waker { Waker() }

    // MARK: Showing

    /// Copies what differs from the last picture; writes nothing at all when nothing does. While the terminal has not
    /// taken the last one, the picture waits, and a newer one takes its place.
    package func show(_ picture: CellGrid) {
        guard isOpen else { return }
        newest = usesASCII ? picture.asciiOnly() : picture
        paint()
    }

    /// Draws the last picture again over whatever is on the terminal, for Ctrl-L.
    package func redraw() {
        newest = newest ?? shown
        (needsAll, needsClearing) = (true, true)
        paint()
    }

    private func paint() {
        guard let grid = newest, !output.isWaiting else { return }
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

    private func update() {
        wnoutrefresh(espalier_stdscr())
        doupdate()
        output.collect()
    }

    /// To the clipboard. After a frame and not within one, so that no sequence stands inside another; ncurses never
    /// sees the bytes, and so neither changes them nor counts them as columns.
    ///
    /// - Parameter told: is called once it is known, on this thread or another.
    package func copy(_ text: String, told: @escaping @Sendable (Clipboard.Outcome) -> Void) {
        guard isOpen else { return }
        switch clipboard {
        case .none: told(.failed("the terminal takes no copies"))
        case .tmux(let tmux): tmux.copy(text, told)
        case .terminal where output.isFull: told(.failed("the terminal takes nothing now"))
        case .terminal:
            write(Clipboard.bytes(text))
            told(.sent)
        }
    }

    // MARK: Keys

    /// Waits for a key, a wake-up or another size.
    ///
    /// - Parameter timeoutMilliseconds: negative waits for ever.
    /// - Returns: `nil` when the time is over.
    package func nextKey(timeoutMilliseconds: Int) -> Key? {
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(max(0, timeoutMilliseconds))
        while true {
            if let key = signalled() ?? decoder.next() { return key }
            var wait: Int32 = -1
            if timeoutMilliseconds >= 0 {
                let left = deadline - clock.now
                wait = Int32(clamping: max(0, Int((left / .milliseconds(1)).rounded(.up))))
            }
            let decisionAt = decoder.deadline(escapeDelay: escapeDelay)
            if let decisionAt {
                let left = Int32(clamping: max(0, Int(((decisionAt - clock.now) / .milliseconds(1)).rounded(.up))))
                wait = wait < 0 ? left : min(wait, left)
            }
            var sources = [
                pollfd(fd: wakePipe, events: Int16(POLLIN), revents: 0),
                // A negative descriptor is passed over: at the end of input, poll would return at once for ever.
                pollfd(fd: inputEnded ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: output.source, events: Int16(POLLOUT), revents: 0),
            ]
            let ready = poll(&sources, 3, wait)
            if ready < 0 { continue }
            if sources[2].revents != 0 {
                output.flush()
                paint()
            }
            if sources[1].revents != 0 {
                readInput()
                if takeBackground() { return .resize }
            } else if let decisionAt, clock.now >= decisionAt, let key = decoder.next(final: true) {
                // Only when nothing waits to be read: a busy loop must not tear a sequence.
                return key
            }
            if sources[0].revents != 0 {
                drainPipe()
                return signalled() ?? .interrupted
            }
            if ready == 0, timeoutMilliseconds >= 0, clock.now >= deadline { return nil }
        }
    }

    private func readInput() {
        // As much as Linux gives of a terminal at once.
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count > 0 {
            decoder.feed(buffer.prefix(count))
        } else if count == 0 || errno != EINTR {
            // The terminal is gone, whether or not SIGHUP says so.
            inputEnded = true
            pendingSignal = pendingSignal ?? SIGHUP
            TerminalGuard.wake()
        }
    }

    /// The answer to OSC 11, once: returns whether the picture has other colours now.
    private func takeBackground() -> Bool {
        guard let asked = askedAt, let colour = decoder.background else { return false }
        askedAt = nil
        let theme: Palette.Theme = colour.isLight ? .light : .dark
        guard .now - asked < TerminalScreen.patienceForBackground, theme != palette.theme else { return false }
        palette.theme = theme
        return true
    }

    /// An answer on its way would come to the shell as keys, so it is waited for a moment.
    private func awaitBackground() {
        guard let asked = askedAt else { return }
        askedAt = nil
        let end = min(asked + TerminalScreen.patienceForBackground, .now + .milliseconds(100))
        while decoder.background == nil, !inputEnded, .now < end {
            var source = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if poll(&source, 1, 10) > 0 { readInput() }
        }
    }

    private func drainPipe() {
        var buffer = [UInt8](repeating: 0, count: 256)
        while read(wakePipe, &buffer, buffer.count) > 0 {}
    }

    /// What signals ask for, done here on the thread that owns ncurses.
    private func signalled() -> Key? {
        if let number = TerminalGuard.takeSignal() {
            pendingSignal = number
            return .interrupted
        }
        if TerminalGuard.takeStopping() {
            suspend()
            return .resize
        }
        if TerminalGuard.takeContinued() {
            endwin()
            output.collect()
            resume()
            return .resize
        }
        if TerminalGuard.takeResized() {
            resize()
            return .resize
        }
        return nil
    }

    /// Gives the terminal back, stops until continued, and takes it again: Ctrl-Z, also as a command.
    package func suspend() {
        leave()
        TerminalGuard.setSavedModes()
        TerminalGuard.arm(false)
        TerminalGuard.stop()
        resume()
    }

    private func leave() {
        awaitBackground()
        sendModes(on: false)
        newest = nil
        if espalier_has_alternate_screen() {
            // Some terminals keep rows of it where it has grown.
            werase(espalier_stdscr())
        } else {
            // The picture stays, and what comes next is written over its last row.
            wmove(espalier_stdscr(), Int32(height - 1), 0)
            wclrtoeol(espalier_stdscr())
        }
        update()
        endwin()
        output.collect()
        output.drain(milliseconds: TerminalScreen.patience)
    }

    private func resume() {
        TerminalGuard.arm(true)
        TerminalGuard.setKeyModes()
        // The first update takes the alternate screen again.
        keypad(espalier_stdscr(), true)
        resize()
        (needsAll, needsClearing) = (true, true)
        newest = newest ?? shown
        // What was cut off went to the shell.
        decoder = KeyDecoder()
        sendModes(on: true)
    }

    private func resize() {
        var (columns, rows): (Int32, Int32) = (0, 0)
        guard espalier_size(&columns, &rows), Int(columns) != width || Int(rows) != height else { return }
        resizeterm(rows, columns)
        width = Int(columns)
        height = Int(rows)
        // Terminals wrap and cut what they showed in their own ways: nothing there can be relied on.
        (needsAll, needsClearing) = (true, true)
    }

    /// Pastes are told apart from keys, and the mouse is reported.
    private func sendModes(on: Bool) {
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
