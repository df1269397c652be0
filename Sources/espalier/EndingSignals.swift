import CNcurses
import Foundation

/// Signals that ask a program without a screen to end: INT, TERM, HUP, QUIT and all others that someone sends on purpose
/// and that end a program that does nothing about them.
enum EndingSignals {
    /// Without those that the parent ignored (nohup, a shell's `&`, `trap ''`): these stay ignored.
    private static func heeded() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in 1..<espalier_signal_count() where espalier_asks_to_end(number) && !espalier_is_ignored(number) {
            sigaddset(&signals, number)
        }
        return signals
    }

    /// Blocks them in this thread and in those it starts, so that none is lost while the program sets itself up.
    ///
    /// - Returns: what takes them: calls a body for each that came and comes, on a thread of its own.
    static func hold() -> (@escaping @Sendable (Int32) -> Void) -> Void {
        var signals = heeded()
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        return { [signals] body in
            onThreadWithoutSignals {
                var signals = signals
                while true {
                    var number: Int32 = 0
                    if sigwait(&signals, &number) == 0 { body(number) }
                }
            }
        }
    }

    /// A signal to the process is taken by any thread that has not blocked it, and a thread that only waits or writes must
    /// not be the one. A terminal's wish that who writes in the background stops holds here too.
    static func onThreadWithoutSignals(_ body: @escaping @Sendable () -> Void) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        sigdelset(&all, SIGTTOU)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        Thread.detachNewThread(body)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
