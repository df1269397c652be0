import Foundation
import Interchange

/// The append-only journal: commands (what a person did), which are executed again on a resume, and records (what a
/// schedule did), which are then only compared. JSON lines, flushed before a command is executed.
final class Journal {
    struct Entry: Codable, Equatable {
        var step: Int
        var command: Command?
        var record: Record?
    }
    struct Record: Codable, Equatable {
        var kind: String
        var kept: Int
    }
    fileprivate static let failed = "failed"

    private let file: AppendFile
    /// Lines of an earlier process.
    private let earlier: [Entry]
    /// Lines written or gone through.
    private(set) var position: Int
    let tailDropped: Bool

    /// - Parameter position: lines that the checkpoint already holds.
    init(_ path: String, position: Int) throws {
        var entries: [Entry] = []
        var complete: Int?
        var tail = false
        if FileManager.default.fileExists(atPath: path) {
            let lines = try JSONLines.read(path)
            complete = lines.completeBytes
            tail = lines.tailDropped
            for (number, line) in lines.lines.enumerated() {
                guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8)) else {
                    throw FileProblem(
                        path: path, place: "line \(number + 1)", found: String(line.prefix(80)),
                        expected: "a journal entry")
                }
                entries.append(entry)
            }
        }
        guard position <= entries.count else {
            throw FileProblem(
                path: path, place: "line \(entries.count)", found: "\(entries.count) lines",
                expected: "at least \(position), which the checkpoint has executed")
        }
        file = try AppendFile(path, keeping: complete)
        earlier = entries
        self.position = position
        tailDropped = tail
    }

    /// The line to be gone through again next, if any is left.
    var replaying: Entry? { position < earlier.count ? earlier[position] : nil }

    /// Writes and flushes, or, on a replay, compares with what was written then and goes past it.
    /// - Returns: false where a replay does not repeat what the journal says.
    func write(_ entry: Entry) throws -> Bool {
        if replaying == entry {
            position += 1
            return true
        }
        let wasExpected = replaying == nil
        abandonReplay()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try file.append(String(decoding: try encoder.encode(entry), as: UTF8.self), flush: true)
        position += 1
        return wasExpected
    }

    /// Whether the command that is next failed when it was executed.
    var failsNext: Bool { position + 1 < earlier.count && earlier[position + 1].record?.kind == Self.failed }
    func skip(_ lines: Int) { position = min(position + lines, earlier.count) }

    /// Gives up on the lines that are left: they cannot be reached again.
    func abandonReplay() { position = max(position, earlier.count) }
}

extension Journal.Entry {
    /// The command in the line before could not be carried out.
    static func failure(step: Int) -> Journal.Entry {
        Journal.Entry(step: step, command: nil, record: Journal.Record(kind: Journal.failed, kept: 0))
    }
}
