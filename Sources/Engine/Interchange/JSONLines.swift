import Descriptors
import Foundation
import Text

/// Reads back what `AppendFile` wrote, and what became of it: line ends of Windows, blank lines that an editor left, a
/// last line that a crash cut short.
package struct JSONLines: Sendable, Equatable {
    package static let descriptor = Descriptor(
        name: "json-lines", summary: "Journal and metrics: one JSON object a line, append-only")

    package struct Line: Sendable, Equatable {
        /// In the file, from 1.
        package let number: Int
        /// Nil where the bytes are not UTF-8.
        package let text: String?
        /// Bytes of the file before the line, and with it and its line break.
        package let start: Int
        package let end: Int

        fileprivate var isObject: Bool {
            text.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) } is [String: Any]
        }

        /// As a message may show it.
        package var shown: String {
            text.map { "'\(String($0.unicodeScalars.prefix(80)).visible)'" } ?? "bytes that are not UTF-8"
        }
    }

    /// All that are not blank.
    package let lines: [Line]
    package let path: String

    /// - Throws: `FileProblem` where the file cannot be read.
    package static func read(_ path: String) throws -> JSONLines {
        let bytes = try FileBytes.read(path)
        var lines: [Line] = []
        var start = 0
        var number = 1
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
            let content = bytes[start..<end]
            // Blank, tab, the carriage return of CRLF.
            if !content.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) {
                let text = String(validating: content.last == 13 ? content.dropLast() : content, as: UTF8.self)
                lines.append(Line(number: number, text: text, start: start, end: min(end + 1, bytes.count)))
            }
            start = end + 1
            number += 1
        }
        return JSONLines(lines: lines, path: path)
    }

    /// What the lines hold.
    package struct Decoded<Value> {
        package var values: [(line: Line, value: Value)] = []
        /// The last line where it is damaged: the trace of a crash in the middle of writing it.
        package var damaged: Line?
        /// Bytes of the file that `AppendFile` is to keep.
        package var completeBytes = 0
    }

    /// - Parameter what: that a line must be, for messages.
    /// - Throws: `FileProblem` with the number of a damaged line that others follow.
    package func decoded<Value>(as what: String, _ decode: (String) -> Value?) throws -> Decoded<Value> {
        var result = Decoded<Value>()
        for (index, line) in lines.enumerated() {
            guard let value = line.text.flatMap(decode) else {
                // No crash leaves a whole object: whoever wrote that meant something by it.
                guard index == lines.count - 1, !line.isObject else { throw problem(line, what) }
                result.damaged = line
                return result
            }
            result.values.append((line, value))
            result.completeBytes = line.end
        }
        return result
    }

    package func problem(_ line: Line, _ what: String) -> FileProblem {
        FileProblem(path: path, place: "line \(line.number)", found: line.shown, expected: what)
    }
}
