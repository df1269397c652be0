import Foundation
import Interchange

/// The append-only journal: commands (what a person did), which are executed again on a resume, and records (what a
/// schedule did), which are then only compared. JSON lines, flushed before a command is executed.
final class Journal {
    struct Entry: Codable, Equatable {
        var step: Int
        var command: Command?
        var record: Record?
        /// Number of an earlier line that a person left out of the run: from then on it is passed over wherever the run
        /// is gone through again.
        var without: Int?
    }
    struct Record: Codable, Equatable {
        var kind: String
        var kept: Int
    }
    fileprivate static let failed = "failed"
    private static let entry = "a journal entry: a step with a command, a record or 'without'"

    /// Lines are called by the number they have in the file.
    typealias Line = (number: Int, entry: Entry)

    private let path: String
    private let file: AppendFile?
    /// Lines of an earlier process.
    private var earlier: [Line] = []
    /// Lines written or gone through.
    private(set) var position: Int
    /// What stood at the end and was no whole line.
    let damaged: JSONLines.Line?
    /// Lines that the checkpoint has executed and the file has lost.
    let lost: Int
    /// Of `earlier`: what is not gone through again.
    private var passedOver: Set<Int> = []
    /// Where a line was left out: until its `without` is reached, what schedules do may differ from what they did.
    private var changes: [Range<Int>] = []

    /// - Parameters:
    ///   - position: lines that the checkpoint already holds.
    ///   - without: numbers of lines that are to be left out from now on.
    ///   - isReadOnly: to look at; nothing is cut off, written or gone through.
    init(_ path: String, position: Int, without: [Int] = [], isReadOnly: Bool = false) throws {
        self.path = path
        var complete: Int?
        var damaged: JSONLines.Line?
        if try FileKind.at(path) != .absent {
            let read = try JSONLines.read(path).decoded(as: Self.entry, Self.decode)
            (complete, damaged) = (read.completeBytes, read.damaged)
            earlier = read.values.map { ($0.line.number, $0.value) }
        }
        self.damaged = damaged
        guard position >= 0 else {
            throw FileProblem(
                path: path, place: "line \(earlier.count)", found: "\(position) lines that the checkpoint has executed",
                expected: "0 or more")
        }
        // What they did is in the checkpoint.
        lost = max(0, position - earlier.count)
        self.position = position - lost
        file = isReadOnly ? nil : try AppendFile(path, keeping: complete)
        try findWhatIsPassedOver()
        for number in without { try leaveOut(number) }
    }

    private static func decode(_ line: String) -> Entry? {
        guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8)) else { return nil }
        let parts = [entry.command != nil, entry.record != nil, entry.without != nil]
        return parts.count { $0 } == 1 ? entry : nil
    }

    // MARK: What is left out

    private func findWhatIsPassedOver() throws {
        for (index, line) in earlier.enumerated() {
            if line.entry.record?.kind == Self.failed, index > 0, earlier[index - 1].entry.command != nil {
                passedOver.formUnion([index - 1, index])
            }
            guard let number = line.entry.without else { continue }
            guard let left = earlier[..<index].firstIndex(where: { $0.number == number }) else {
                throw FileProblem(
                    path: path, place: "line \(line.number)", found: "'without' line \(number)",
                    expected: "an earlier line")
            }
            passOver(left, until: index)
        }
    }

    private func passOver(_ left: Int, until index: Int) {
        passedOver.formUnion([left, index])
        changes.append(left..<index)
        // What schedules did then followed from what is left out.
        passedOver.formUnion((left..<index).filter { earlier[$0].entry.record != nil })
    }

    private func leaveOut(_ number: Int) throws {
        func problem(_ found: String) -> FileProblem {
            FileProblem(
                path: path, place: "line \(number), which is to be left out", found: found,
                expected: "a command or record that is still to be gone through")
        }
        guard let index = earlier.firstIndex(where: { $0.number == number }) else { throw problem("no such line") }
        let entry = earlier[index].entry
        guard entry.without == nil else { throw problem("a note that line \(entry.without!) is left out") }
        if passedOver.contains(index) { return }
        guard index >= position else { throw problem("a line that the last checkpoint has executed") }
        let note = Entry(step: entry.step, without: number)
        try append(note)
        earlier.append(((earlier.last?.number ?? 0) + 1, note))
        passOver(index, until: earlier.count - 1)
    }

    // MARK: Going through it

    /// The line to be gone through again next, if any is left.
    var replaying: Line? {
        guard file != nil else { return nil }
        while position < earlier.count, passedOver.contains(position) { position += 1 }
        return position < earlier.count ? earlier[position] : nil
    }

    /// Commands that no checkpoint holds yet.
    var commandsLeft: Int {
        guard position < earlier.count else { return 0 }
        return (position..<earlier.count).count { !passedOver.contains($0) && earlier[$0].entry.command != nil }
    }

    /// Writes and flushes, or, on a replay, compares with what was written then and goes past it.
    /// - Throws: `ReplayFailure` where a replay does not repeat what the journal says.
    func write(_ entry: Entry) throws {
        guard let line = replaying else {
            try append(entry)
            position += 1
            return
        }
        if line.entry == entry {
            position += 1
        } else if entry.record == nil || !changes.contains(where: { $0.contains(position) }) {
            throw ReplayFailure(
                path, line, "the run now has \(entry.description), and the journal \(line.entry.description)")
        }
    }

    /// What is next did nothing, as it did when it was written.
    func skip() { position = min(position + 1, earlier.count) }

    /// The command that was written last could not be carried out: it must change nothing when it is gone through.
    func noteFailure(step: Int) {
        let failure = Entry(step: step, record: Record(kind: Self.failed, kept: 0))
        if (try? append(failure)) != nil { return position += 1 }
        // A disk that takes no note lets go of the command's own line.
        if (try? file?.dropLast()) != nil { position -= 1 }
    }

    private func append(_ entry: Entry) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try file?.append(String(decoding: try encoder.encode(entry), as: UTF8.self), flush: true)
    }
}

extension Journal.Entry {
    /// As a message may call it.
    var description: String {
        if let command { return "'\(command.name)' at step \(step)" }
        if let record { return "'\(record.kind)' by the schedule at step \(step), \(record.kept) weights kept" }
        return "a note at step \(step)"
    }
}

/// Why a journal could not be gone through. Nothing of it is passed over: the run stops before it would become another.
package struct ReplayFailure: Error, CustomStringConvertible {
    package let description: String
    /// What failed, where a command did.
    package let cause: (any Error)?

    init(_ path: String, _ line: Journal.Line, _ reason: String, cause: (any Error)? = nil) {
        description =
            "\(path), line \(line.number): \(line.entry.description) cannot be repeated: \(reason). Nothing is passed "
            + "over: mend that, or leave the line out with --without-command \(line.number)"
        self.cause = cause
    }
}
