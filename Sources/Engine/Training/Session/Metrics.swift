import Foundation
import Interchange

/// `metrics.jsonl`, and the curve that it holds: every line on the disk, points in memory as many as a screen can show.
final class Metrics {
    private let path: String
    /// Nil where the run is only looked at.
    private var file: AppendFile?
    /// Lines in the file.
    private(set) var count = 0
    /// Lines that wait for a disk that takes them.
    private var waiting: [String] = []
    private(set) var curve: [CurvePoint] = []
    /// Beyond them every second one goes, so that a session of days holds no more than one of an hour.
    static let mostPoints = 4096
    /// Of earlier processes.
    let elapsedSeconds: Double
    /// What stood at the end of what is kept and was no whole line.
    let damaged: JSONLines.Line?

    /// - Parameters:
    ///   - step: of the checkpoint; lines beyond it are cut off, for it does not know them.
    ///   - count: of the lines that belong to the checkpoint, where it says so.
    ///   - isReadOnly: to look at; nothing is cut off or written.
    init(_ path: String, upTo step: Int, count: Int?, isReadOnly: Bool = false) throws {
        self.path = path
        var curve: [CurvePoint] = []
        var complete = 0
        var elapsed = 0.0
        var damaged: JSONLines.Line?
        if try FileKind.at(path) != .absent {
            let read = try JSONLines.read(path)
            for line in read.lines where curve.count < count ?? .max {
                guard let text = line.text, let known = MetricsLine(json: text) else {
                    damaged = damaged ?? line
                    continue
                }
                guard known.step <= step else { break }
                // Whatever the checkpoint does not know goes; what it knows is not to be lost without a word.
                if let damaged { throw read.problem(damaged, "a line of metrics") }
                curve.append(known.point)
                complete = line.end
                elapsed = known.elapsedSeconds
            }
        }
        elapsedSeconds = elapsed
        self.damaged = damaged
        self.count = curve.count
        self.curve = Self.thinned(curve)
        if !isReadOnly { file = try AppendFile(path, keeping: complete) }
    }

    func append(_ line: MetricsLine) throws {
        while let first = waiting.first {
            try write(first)
            waiting.removeFirst()
        }
        try write(line.json)
        show(line)
    }

    /// Keeps a line that the disk did not take until the next one: the curve has no gap.
    func postpone(_ line: MetricsLine) {
        waiting.append(line.json)
        show(line)
    }

    private func write(_ line: String) throws {
        try file?.append(line)
        count += 1
    }

    private func show(_ line: MetricsLine) {
        curve.append(line.point)
        if curve.count > Self.mostPoints { curve = Self.thinned(curve) }
    }

    /// Forgets what came after a step that an undo went back to.
    func cut(to step: Int) throws {
        guard let last = curve.last, last.step > step else { return }
        let lines = try lines()
        let curve = lines.map { MetricsLine(json: $0) }.prefix { $0.map { $0.step <= step } ?? false }
            .compactMap { $0?.point }
        try replace(by: Array(lines[..<curve.count]), curve)
    }

    // MARK: The way back from an undo

    /// The last line of such a file.
    private struct Seal: Codable {
        var checksum: String
    }

    func write(to path: String) throws {
        let bytes = Self.bytes(try lines())
        let seal = Seal(checksum: String(Checksum.crc32([bytes]), radix: 16))
        try AtomicFile.write([bytes, try JSONEncoder().encode(seal) + [10]], to: path)
    }

    /// Takes the lines that were written there.
    func replace(from other: String) throws {
        let read = try JSONLines.read(other)
        var texts = read.lines.map { $0.text ?? "" }
        if let last = texts.last, let seal = try? JSONDecoder().decode(Seal.self, from: Data(last.utf8)) {
            texts.removeLast()
            guard seal.checksum == String(Checksum.crc32([Self.bytes(texts)]), radix: 16) else {
                throw FileProblem(
                    path: other, place: "contents", found: "lines that do not fit the checksum",
                    expected: "the file as it was written")
            }
        }
        let curve = try zip(texts, read.lines).map { text, line in
            guard let known = MetricsLine(json: text) else { throw read.problem(line, "a line of metrics") }
            return known.point
        }
        try replace(by: texts, curve)
    }

    // The file first: where it cannot be written the curve stays as it was.
    private func replace(by lines: [String], _ curve: [CurvePoint]) throws {
        try AtomicFile.write(Self.bytes(lines), to: path)
        (count, waiting, self.curve) = (lines.count, [], Self.thinned(curve))
        file = try AppendFile(path)
    }

    /// All of them, those that wait too.
    private func lines() throws -> [String] {
        let read = try JSONLines.read(path)
        return try read.lines.map { line in
            guard let text = line.text else { throw read.problem(line, "a line of metrics") }
            return text
        } + waiting
    }

    private static func bytes(_ lines: [String]) -> [UInt8] { Array(lines.map { $0 + "\n" }.joined().utf8) }

    /// Of two neighbours one stays, a measured one before one that is not; the newest eighth stays whole.
    private static func thinned(_ curve: [CurvePoint]) -> [CurvePoint] {
        var curve = curve
        while curve.count > mostPoints {
            let older = curve.count - mostPoints / 8
            var kept: [CurvePoint] = []
            kept.reserveCapacity(curve.count)
            for first in stride(from: 0, to: older, by: 2) {
                let second = first + 1
                let takesFirst =
                    second >= older
                    || curve[first].validationFigure != nil && curve[second].validationFigure == nil
                kept.append(curve[takesFirst ? first : second])
            }
            curve = kept + curve[older...]
        }
        return curve
    }
}

extension MetricsLine {
    var point: CurvePoint {
        CurvePoint(
            step: step, elapsedSeconds: elapsedSeconds, loss: loss, trainFigure: trainFigure,
            validationFigure: validated ? validationFigure : nil, sparsity: sparsity,
            scheduledSparsity: scheduledSparsity, samplesPerSecond: samplesPerSecond)
    }
}
