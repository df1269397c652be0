import Foundation
import Interchange
import Terminal

/// What a person set once for all runs, in `$XDG_CONFIG_HOME/espalier/config`: a setting a line, `name = value`.
package struct Configuration: Sendable {
    package var palette: Palette.Map?
    package var theme: Palette.Theme?
    package var ascii = false
    package var truecolor = false
    package var mouse = true
    package var attemptSteps: Int?
    package var commands = CommandTable.standard

    package init() {}

    /// Why the file was refused.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package var path: String
        /// Counted from 1; nil for the file as a whole.
        package var line: Int?
        package var found: String
        package var accepted: String

        package var description: String {
            "\(path):\(line.map { "\($0):" } ?? "") \(found); accepted: \(accepted)"
        }
    }

    /// Where the file is looked for; nil where there is no home.
    package static func path(_ environment: [String: String]) -> String? {
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/espalier/config" }
        return environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.config/espalier/config" }
    }

    /// The person's file; without one, everything as it comes.
    ///
    /// - Throws: `Problem`.
    package static func read(_ environment: [String: String]) throws -> Configuration {
        guard let path = path(environment), Files.exists(path) else { return Configuration() }
        guard let data = try? FileBytes.read(path) else {
            throw Problem(path: path, line: nil, found: "it cannot be read", accepted: "a text file")
        }
        guard data.count <= 65_536, let text = String(validating: data, as: UTF8.self) else {
            throw Problem(path: path, line: nil, found: "\(data.count) bytes", accepted: "text in UTF-8, at most 64 KB")
        }
        return try Configuration(text, path: path)
    }

    /// - Throws: `Problem`, at the first line that is wrong.
    package init(_ text: String, path: String) throws(Problem) {
        var lines: [String: Int] = [:]
        var rebindings: [CommandTable.Rebinding] = []
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = String(raw).trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            func problem(_ found: String, _ accepted: String) -> Problem {
                Problem(path: path, line: index + 1, found: found, accepted: accepted)
            }
            // The first sign parts them: `key.heat.zoom-in = =` means the key.
            guard let sign = line.firstIndex(of: "=") else { throw problem("“\(line)”", "name = value") }
            let name = line[..<sign].trimmingCharacters(in: .whitespaces)
            let value = line[line.index(after: sign)...].trimmingCharacters(in: .whitespaces)
            if let before = lines[name] {
                throw problem("\(name), set in line \(before) already", "one line for each name")
            }
            lines[name] = index + 1
            if name.hasPrefix("key.") {
                rebindings.append(try Self.rebinding(name, value, index + 1, problem))
            } else {
                try set(name, value, problem)
            }
        }
        do {
            commands = try CommandTable.standard.rebinding(rebindings)
        } catch {
            throw Problem(path: path, line: error.line, found: error.found, accepted: error.accepted)
        }
    }

    private typealias Report = (_ found: String, _ accepted: String) -> Problem

    private mutating func set(_ name: String, _ value: String, _ problem: Report) throws(Problem) {
        func one<Choice: RawRepresentable & CaseIterable>(of: Choice.Type) throws(Problem) -> Choice
        where Choice.RawValue == String {
            guard let choice = Choice(rawValue: value) else {
                throw problem("\(name) = \(value)", Choice.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return choice
        }
        func yesOrNo() throws(Problem) -> Bool {
            switch value {
            case "yes", "true": return true
            case "no", "false": return false
            default: throw problem("\(name) = \(value)", "yes, no")
            }
        }
        switch name {
        case "palette": palette = try one(of: Palette.Map.self)
        case "theme": theme = try one(of: Palette.Theme.self)
        case "ascii": ascii = try yesOrNo()
        case "truecolor": truecolor = try yesOrNo()
        case "mouse": mouse = try yesOrNo()
        case "attempt-steps":
            guard let steps = Int(value), (1...100_000).contains(steps) else {
                throw problem("\(name) = \(value)", "a whole number from 1 to 100000")
            }
            attemptSteps = steps
        default:
            throw problem(
                "\(name)", "palette, theme, ascii, truecolor, mouse, attempt-steps, key.COMMAND, key.VIEW.COMMAND")
        }
    }

    /// `key.threshold.try = t T`: the keys of a command, apart by blanks; `none` takes them all.
    private static func rebinding(_ name: String, _ value: String, _ line: Int, _ problem: Report) throws(Problem)
        -> CommandTable.Rebinding
    {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().map(String.init)
        let view = parts.count == 2 ? ViewID(rawValue: parts[0]) : nil
        guard parts.count == 1 || view != nil else {
            throw problem(name, "key.COMMAND, or key.VIEW.COMMAND with \(ViewID.allCases.map(\.rawValue))")
        }
        var keys: [Key] = []
        for word in value.split(separator: " ") where value != "none" {
            // These come as Enter, Tab, Backspace or as signals, and never as themselves.
            guard let key = Key(name: String(word)), !"chijmz".contains(where: { key == .control($0) }) else {
                throw problem(
                    "\(word) for \(name)",
                    "one character, space, enter, tab, esc, up, shift-up, home, pageup, ctrl-r, alt-x, f5 and the like, or none"
                )
            }
            keys.append(key)
        }
        guard !keys.isEmpty || value == "none" else { throw problem("\(name) without a key", "keys, or none") }
        return CommandTable.Rebinding(view: view, name: parts[parts.count - 1], keys: keys, line: line)
    }
}

extension ScreenOptions {
    package init(_ configuration: Configuration) {
        self.init()
        ascii = configuration.ascii
        if configuration.truecolor { depth = .trueColour }
        theme = configuration.theme
        if let palette = configuration.palette { map = palette }
        mouse = configuration.mouse
    }
}

extension WorkbenchOptions {
    package init(_ configuration: Configuration) {
        self.init()
        if let steps = configuration.attemptSteps { attemptSteps = steps }
        commands = configuration.commands
    }
}
