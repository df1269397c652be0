import CNcurses
import Foundation

/// Keys, answers of the terminal, and what signals ask for.
extension TerminalScreen {
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

    /// An answer on its way would come to the shell as keys, so it is waited for a moment, and what came without an end
    /// is thrown away. Nobody is there to see it after a hang-up.
    func awaitBackground() {
        guard let asked = askedAt else { return }
        askedAt = nil
        guard pendingSignal != SIGHUP, !inputEnded else { return }
        // A terminal nearby answers at once or never; one behind a network takes as long as its escape sequences may.
        let longest = min(.milliseconds(300), max(.milliseconds(75), escapeDelay * 3))
        let end = min(asked + TerminalScreen.patienceForBackground, .now + longest)
        while decoder.background == nil, !inputEnded, .now < end {
            var source = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if poll(&source, 1, 10) > 0 { readInput() }
        }
        if decoder.background == nil { tcflush(STDIN_FILENO, TCIFLUSH) }
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
            return pendingSignal == nil ? .resize : .interrupted
        }
        if TerminalGuard.takeContinued() {
            takeAgain()
            return pendingSignal == nil ? .resize : .interrupted
        }
        if TerminalGuard.takeResized() {
            resize()
            return .resize
        }
        return nil
    }
}
