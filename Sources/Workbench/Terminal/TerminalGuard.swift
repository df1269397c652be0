import CNcurses
import Foundation

/// Wakes the loop that waits in `nextKey`, from any thread.
package struct Waker: Sendable {
    package func wake() { TerminalGuard.wake() }
}

/// Gives the terminal back however the program ends, and turns signals into words for the loop.
///
/// INT, TERM, HUP and all others that ask a program to end only raise a flag and wake the loop; those that were ignored
/// at the start stay so. What the process cannot survive writes the restoring bytes from the handler, sets the
/// terminal's modes as they were, and goes on to end the process with its own status.
///
/// The state is static in the C header, so nothing here may be inlined into another file (see `guard.h`).
package enum TerminalGuard {
    /// Out of a string of the terminal that was cut off, synchronized output, bracketed paste, mouse and keypad modes, colours, the alternate screen; the cursor shown.
    static let restoreText: StaticString =
        "\u{1B}\\\u{1B}[?2026l\u{1B}[?2004l\u{1B}[?1006l\u{1B}[?1002l\u{1B}(B\u{1B}[0m\u{1B}[?1l\u{1B}>\u{1B}[?1049l\u{1B}[?25h\r"

    /// Saves the terminal's modes and puts the handlers in place.
    ///
    /// Swift's own backtracer would hold the terminal for half a minute, so a crash goes on to it only when somebody
    /// asked for it by `SWIFT_BACKTRACE`.
    @inline(never)
    static func install() -> Bool {
        let asked = ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"]?.isEmpty == false
        return restoreText.utf8Start.withMemoryRebound(to: CChar.self, capacity: restoreText.utf8CodeUnitCount + 1) {
            espalier_guard_install($0, asked)
        }
    }

    /// Puts back the terminal's modes and the handlers there were before.
    ///
    /// - Parameter ends: the program is about to end, so that signals that ask it to change nothing any more.
    @inline(never)
    static func remove(ends: Bool) { espalier_guard_remove(ends) }

    /// Where to write what a terminal that takes nothing must not hold up; -1: standard output, where there is no other.
    @inline(never)
    static func terminal() -> Int32 { espalier_guard_terminal() }

    /// Whether the terminal is still the screen's: a handler on another thread lowers it.
    @inline(never)
    static func flag() -> UnsafePointer<sig_atomic_t> { espalier_guard_flag() }

    /// The terminal gives the restoring bytes and its modes back now, if they are not back yet.
    @inline(never)
    package static func restore() { espalier_guard_restore() }

    /// Tells of every signal that asks the program to end, whatever its loop does meanwhile.
    ///
    /// - Parameter body: is called on a thread of its own, for one signal after the other.
    package static func watch(_ body: @escaping @Sendable (_ number: Int32) -> Void) {
        Thread.detachNewThread { while let number = nextSignal() { body(number) } }
    }

    @inline(never)
    private static func nextSignal() -> Int32? {
        let number = espalier_guard_next()
        return number < 0 ? nil : number
    }

    /// Whether there is something to restore: true from the alternate screen's beginning to its end.
    @inline(never)
    static func arm(_ active: Bool) { espalier_guard_arm(active) }

    /// The terminal's modes for a program that reads keys, once the program has the terminal.
    ///
    /// - Returns: false where something asks the program to end meanwhile; the terminal is then left as it is.
    @inline(never)
    static func setKeyModes() -> Bool { espalier_guard_key_modes() }

    /// The terminal's modes as they were before, while suspended.
    @inline(never)
    static func setSavedModes() { espalier_guard_saved_modes() }

    /// The reading end of the pipe that handlers and other threads write to.
    @inline(never)
    static func pipe() -> Int32 { espalier_guard_pipe() }

    @inline(never)
    static func wake() { espalier_guard_wake() }

    @inline(never)
    static func takeSignal() -> Int32? {
        let number = espalier_guard_take_pending()
        return number == 0 ? nil : number
    }

    @inline(never)
    static func takeResized() -> Bool { espalier_guard_take_resized() }

    @inline(never)
    static func takeStopping() -> Bool { espalier_guard_take_stopping() }

    @inline(never)
    static func takeContinued() -> Bool { espalier_guard_take_continued() }

    /// Stops the process; returns when it is continued.
    @inline(never)
    static func stop() { espalier_guard_stop() }
}
