import CNcurses
import Foundation

/// What the description of a terminal's type says of it, before anything is sent.
package struct TerminalKind {
    /// Its type has a description; without one it is taken for an xterm.
    let isKnown: Bool
    /// The cursor goes where it is told: without that there is no screen, on paper, glass or a dialled line.
    package let placesCursor: Bool
    /// A colour's number is its red, green and blue.
    let isDirect: Bool

    package init(_ environment: [String: String]) {
        var isDirect = false
        let name = environment["TERM"] ?? ""
        let answer = name.isEmpty ? -1 : espalier_describe(name, &isDirect)
        self.isDirect = isDirect
        // Types such as `unknown` and `network` are described as being none: ncurses does not tell them from those
        // without a description, but there is one.
        placesCursor = answer == 1 || (answer == -1 && !TerminalKind.isDescribed(name, environment))
        isKnown = answer == 1
    }

    private static func isDescribed(_ name: String, _ environment: [String: String]) -> Bool {
        guard let first = name.utf8.first, !name.contains("/") else { return false }
        var folders = [environment["TERMINFO"], environment["HOME"].map { $0 + "/.terminfo" }].compactMap(\.self)
        folders += environment["TERMINFO_DIRS"]?.split(separator: ":").map(String.init) ?? []
        folders += ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"]
        return folders.contains { folder in
            // By its first letter, or by that letter's number where letters do not tell large from small.
            [String(Character(Unicode.Scalar(first))), String(first, radix: 16)].contains {
                FileManager.default.fileExists(atPath: "\(folder)/\($0)/\(name)")
            }
        }
    }
}
