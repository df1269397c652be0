import Foundation
import Text

/// Why a file was refused or could not be written: the file, the place in it, what was found, what was expected.
package struct FileProblem: Error, CustomStringConvertible, Equatable, Sendable {
    package let path: String
    /// For instance "byte 4", "header", "tensor 'fc1.weight'", "writing".
    package let place: String
    package let found: String
    package let expected: String
    /// Of the system call that failed, where it was one.
    package let code: Int32?

    package init(path: String, place: String, found: String, expected: String, code: Int32? = nil) {
        self.code = code
        self.path = path
        self.place = place
        self.found = found
        self.expected = expected
    }

    /// Equal where they say the same.
    package static func == (left: FileProblem, right: FileProblem) -> Bool { left.description == right.description }

    package var description: String { "\(path), \(place): found \(found), expected \(expected)" }

    /// A failed system call. The code stands first so that `errno` is read before the other arguments are made.
    package static func system(code: Int32 = errno, _ path: String, _ place: String, expected: String) -> FileProblem {
        FileProblem(
            path: path, place: place, found: "'\(String(cString: strerror(code)))'", expected: expected, code: code)
    }

    /// Text from a file as a message may show it: short, and nothing in it unseen.
    package static func quote(_ text: String) -> String {
        "'" + String(text.unicodeScalars.prefix(60)).visible + (text.unicodeScalars.count > 60 ? "…'" : "'")
    }
}
