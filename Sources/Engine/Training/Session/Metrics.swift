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
    /// Of a finished run with a floor: "met" or "missed" by its validation accuracy.
    package var floor: String?
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
        try fields.encodeIfPresent(floor, forKey: .floor)
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

/// `metrics.jsonl`, and the curve that it holds: every line on the disk, points in memory as many as a screen can show.
final class Metrics {
    private let path: String
    private var file: AppendFile
    private(set) var curve: [CurvePoint]
    /// Beyond them every second one goes, so that a session of days holds no more than one of an hour.
    static let mostPoints = 4096
    /// Of earlier processes.
    let elapsedSeconds: Double

    /// - Parameter step: lines beyond it are cut off: the checkpoint does not know them.
    init(_ path: String, upTo step: Int) throws {
        self.path = path
        let earlier = FileManager.default.fileExists(atPath: path) ? try JSONLines.read(path).lines : []
        let known = earlier.compactMap { text in MetricsLine(json: text).map { ($0, text) } }.filter {
            $0.0.step <= step
        }
        curve = Metrics.thinned(known.map(\.0.point))
        elapsedSeconds = known.last?.0.elapsedSeconds ?? 0
        try Metrics.rewrite(known.map(\.1), path)
        file = try AppendFile(path)
    }

    func append(_ line: MetricsLine) throws {
        let text = line.json
        try file.append(text)
        curve.append(line.point)
        if curve.count > Metrics.mostPoints { curve = Metrics.thinned(curve) }
    }

    /// The lines, for the way back from an undo.
    func write(to path: String) throws { try Metrics.rewrite(JSONLines.read(self.path).lines, path) }

    /// Takes the lines that were written there.
    func replace(from other: String) throws { try take(JSONLines.read(other).lines) }

    /// Forgets what came after a step that an undo went back to.
    func cut(to step: Int) throws {
        guard let last = curve.last, last.step > step else { return }
        let lines = try JSONLines.read(path).lines
        try take(Array(lines.prefix { MetricsLine(json: $0).map { $0.step <= step } ?? false }))
    }

    private func take(_ lines: [String]) throws {
        curve = Metrics.thinned(lines.compactMap { MetricsLine(json: $0)?.point })
        try Metrics.rewrite(lines, path)
        file = try AppendFile(path)
    }

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
                    || curve[first].validationAccuracy != nil && curve[second].validationAccuracy == nil
                kept.append(curve[takesFirst ? first : second])
            }
            curve = kept + curve[older...]
        }
        return curve
    }

    private static func rewrite(_ lines: [String], _ path: String) throws {
        try AtomicFile.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: path)
    }
}
