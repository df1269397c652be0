import Foundation
import Interchange

/// One line of `metrics.jsonl` and of `train --json`.
package struct MetricsLine: Codable, Sendable {
    package var event: String?
    package var step: Int
    package var epoch: Double
    /// The mean of the steps since the line before.
    package var loss: Double
    /// The mean since the last line for which validation was measured, for those who are shown these alone; not written.
    package var lossSinceLook: Double?
    /// Percent, like all accuracies.
    package var trainAccuracy: Double?
    package var validationAccuracy: Double?
    package var testAccuracy: Double?
    package var sparsity: Double
    package var scheduledSparsity: Double?
    package var nnz: Int
    package var bytes: Int
    package var fileBytes: Int?
    package var samplesPerSecond: Double?
    package var denseSamplesPerSecond: Double?
    package var elapsedSeconds: Double
    /// Whether validation accuracy was measured at this step (else it is the latest one).
    package var validated: Bool

    package var json: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// A figure that is not known yet is null: every line has the same fields.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(event, forKey: .event)
        try fields.encode(step, forKey: .step)
        try fields.encode(epoch, forKey: .epoch)
        try fields.encode(loss, forKey: .loss)
        try fields.encode(trainAccuracy, forKey: .trainAccuracy)
        try fields.encode(validationAccuracy, forKey: .validationAccuracy)
        try fields.encodeIfPresent(testAccuracy, forKey: .testAccuracy)
        try fields.encode(sparsity, forKey: .sparsity)
        try fields.encodeIfPresent(scheduledSparsity, forKey: .scheduledSparsity)
        try fields.encode(nnz, forKey: .nnz)
        try fields.encode(bytes, forKey: .bytes)
        try fields.encodeIfPresent(fileBytes, forKey: .fileBytes)
        try fields.encode(samplesPerSecond, forKey: .samplesPerSecond)
        try fields.encodeIfPresent(denseSamplesPerSecond, forKey: .denseSamplesPerSecond)
        try fields.encode(elapsedSeconds, forKey: .elapsedSeconds)
        try fields.encode(validated, forKey: .validated)
    }

    init?(json: String) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let line = try? decoder.decode(MetricsLine.self, from: Data(json.utf8)) else { return nil }
        self = line
    }

    init(
        step: Int, epoch: Double, loss: Double, sparsity: Double, nnz: Int, bytes: Int, elapsedSeconds: Double,
        validated: Bool
    ) {
        self.step = step
        self.epoch = epoch
        self.loss = loss
        self.sparsity = sparsity
        self.nnz = nnz
        self.bytes = bytes
        self.elapsedSeconds = elapsedSeconds
        self.validated = validated
    }

    var point: CurvePoint {
        CurvePoint(
            step: step, elapsedSeconds: elapsedSeconds, loss: loss, trainAccuracy: trainAccuracy,
            validationAccuracy: validated ? validationAccuracy : nil, sparsity: sparsity,
            scheduledSparsity: scheduledSparsity, samplesPerSecond: samplesPerSecond)
    }
}

/// `metrics.jsonl`, and the curve that it holds.
final class Metrics {
    private let path: String
    private var file: AppendFile
    private(set) var curve: [CurvePoint]
    /// Of earlier processes.
    let elapsedSeconds: Double
    private var lines: [String]

    /// - Parameter step: lines beyond it are cut off: the checkpoint does not know them.
    init(_ path: String, upTo step: Int) throws {
        self.path = path
        let earlier = FileManager.default.fileExists(atPath: path) ? try JSONLines.read(path).lines : []
        let known = earlier.compactMap { text in MetricsLine(json: text).map { ($0, text) } }.filter {
            $0.0.step <= step
        }
        lines = known.map(\.1)
        curve = known.map(\.0.point)
        elapsedSeconds = known.last?.0.elapsedSeconds ?? 0
        try Metrics.rewrite(lines, path)
        file = try AppendFile(path)
    }

    func append(_ line: MetricsLine) throws {
        let text = line.json
        try file.append(text)
        lines.append(text)
        curve.append(line.point)
    }

    /// The lines, for the way back from an undo.
    func write(to path: String) throws { try Metrics.rewrite(lines, path) }

    /// Takes the lines that were written there.
    func replace(from other: String) throws {
        lines = try JSONLines.read(other).lines
        curve = lines.compactMap { MetricsLine(json: $0)?.point }
        try Metrics.rewrite(lines, path)
        file = try AppendFile(path)
    }

    /// Forgets what came after a step that an undo went back to.
    func cut(to step: Int) throws {
        let keep = curve.prefix { $0.step <= step }.count
        guard keep < curve.count else { return }
        curve.removeLast(curve.count - keep)
        lines.removeLast(lines.count - keep)
        try Metrics.rewrite(lines, path)
        file = try AppendFile(path)
    }

    private static func rewrite(_ lines: [String], _ path: String) throws {
        try AtomicFile.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: path)
    }
}
