import Foundation
import Text
import Training

/// Writes lines for people and scripts. A line that cannot be written (the disk behind a redirection is full) is lost, and
/// nothing else: `FileHandle.write` would end the process, and with it the run.
enum Output {
    private static let output = WaitingLines(STDOUT_FILENO)
    private static let errors = WaitingLines(STDERR_FILENO)

    /// How a person calls this program again: as it was called.
    static var program: String {
        Espalier.arguments.first.flatMap { $0.contains("/") ? $0 : nil } ?? "espalier"
    }

    /// One line each: what a text names may hold anything, a line break or an escape sequence among it, and that is
    /// shown, not sent.
    static func line(_ text: String) { lines(text.visible) }
    static func error(_ text: String) { errorLines(text.visible) }

    /// Text of our own that has several lines, and maybe escape sequences of our own.
    static func lines(_ text: String) {
        errors.settle()
        output.put(Array((text + "\n").utf8))
    }
    static func errorLines(_ text: String) {
        output.settle()
        errors.put(Array((text + "\n").utf8))
    }

    /// One line of JSON, made by an encoder; what is not seen is escaped.
    static func json(_ text: String) { lines(text.visibleJSON) }
    static func json(_ fields: [String: JSONValue]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts, finite numbers and lists of them: there is nothing that an encoder refuses.
        json(String(decoding: try! encoder.encode(fields), as: UTF8.self))
    }

    /// The program was asked to end: no reader that is slow holds it up.
    static func hurry() {
        output.hurry()
        errors.hurry()
    }

    /// Waits until readers have everything; to be called before the process ends.
    static func finish() {
        output.finish()
        errors.finish()
    }

    /// - Throws: where a line of the result was lost, its reader gone away excepted.
    static func requireWritten() throws {
        output.finish()
        guard let reason = output.lost else { return }
        error("espalier: standard output: \(String(cString: strerror(reason))); what was printed is incomplete")
        throw Exit.cannotSave
    }
}
