import CNcurses
import Foundation

/// Giving the terminal back, for good or until the process is continued.
extension TerminalScreen {
    /// Milliseconds in which a terminal that is being left must take something, or it is left as it is.
    private static let patience: Int32 = 300
    /// Milliseconds in which it must take everything. Whoever asked the program to end waits no longer.
    private static let limit: Int32 = 1000

    /// Restores everything, also where the terminal takes nothing any more. May be called twice. Signals that ask the
    /// program to end change nothing from here on, but for a third INT: it is about to.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        // A process that was stopped and then asked to end has given it back already, and somebody else has it.
        if !isGivenBack { giveBack() }
        TerminalGuard.remove(ends: true)
    }

    /// Gives the terminal back, stops until continued, and takes it again: Ctrl-Z, also as a command. Where something
    /// asks the program to end meanwhile, the terminal stays given back.
    package func suspend() {
        guard isOpen, !isGivenBack else { return }
        giveBack()
        TerminalGuard.stop()
        takeAgain()
    }

    private func giveBack() {
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
        let isWhole = output.drain(patience: TerminalScreen.patience, limit: TerminalScreen.limit)
        // What it has not taken of the last pictures is dropped, but not the way back.
        if isWhole { TerminalGuard.setSavedModes() } else { TerminalGuard.restore() }
        TerminalGuard.arm(false)
        isGivenBack = true
    }

    /// After a stop, that of a SIGSTOP too: what is on the terminal is not known.
    func takeAgain() {
        guard TerminalGuard.takeSignal().map({ pendingSignal = $0 }) == nil else { return }
        guard TerminalGuard.setKeyModes() else {
            pendingSignal = TerminalGuard.takeSignal() ?? SIGTERM
            return
        }
        if !isGivenBack {
            endwin()
            output.collect()
        }
        isGivenBack = false
        // The first update takes the alternate screen again.
        keypad(espalier_stdscr(), true)
        resize()
        (needsAll, needsClearing) = (true, true)
        newest = newest ?? shown
        // What was cut off went to the shell.
        decoder = KeyDecoder(marksPastes: marksPastes)
        sendModes(on: true)
    }
}
