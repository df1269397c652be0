import Foundation
import Text
import Training

/// Writes lines for people and scripts. A line that cannot be written (the disk behind a redirection is full) is lost, and
/// nothing else: `FileHandle.write` would end the process, and with it the run.
enum Output {
    /// How a person calls this program again: as it was called.
    static var program: String {
        CommandLine.arguments.first.flatMap { $0.contains("/") ? $0 : nil } ?? "espalier"
    }

    /// One line each: what a text names may hold anything, a line break or an escape sequence among it, and that is
    /// shown, not sent. A text that is meant to have several lines is given line by line.
    static func line(_ text: String) { write(text.visible + "\n", to: STDOUT_FILENO) }
    static func error(_ text: String) { write(text.visible + "\n", to: STDERR_FILENO) }

    /// The first reason why a line of the result was lost; not that its reader went away.
    private static let loss = Locked<Int32?>(nil)

    /// - Throws: where a line of the result was lost, its reader gone away excepted.
    static func requireWritten() throws {
        // All streams: the variable `stdout` is not safe to touch in Swift.
        if fflush(nil) != 0, errno != EPIPE { loss.withLock { $0 = $0 ?? errno } }
        guard let reason = loss.withLock({ $0 }) else { return }
        error("espalier: standard output: \(String(cString: strerror(reason))); what was printed is incomplete")
        throw Exit.cannotSave
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress!, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                if descriptor == STDOUT_FILENO, errno != EPIPE { loss.withLock { $0 = $0 ?? errno } }
                return
            }
            bytes = bytes.dropFirst(written)
        }
    }
}
