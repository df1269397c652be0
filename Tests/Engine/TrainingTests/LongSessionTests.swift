import Foundation
import Interchange
import Testing
import Training

/// What a session of days holds in memory is no more than what one of an hour does; its files have everything.
@Suite struct LongSessionTests {
    @Test func theCurveIsThinnedAndTheFileIsNot() throws {
        let folder = TemporaryFolder()
        let first = try Play(digits(), in: folder("run"), [.init(30, .pause)])
        _ = try first.snapshot { $0.phase == .paused }
        try first.stop()
        let path = folder("run/metrics.jsonl")
        let line = try #require(try JSONLines.read(path).lines.first?.text)
        var object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let lines = try (0..<20_000).map { number in
            object["step"] = number / 700
            object["validated"] = number % 10 == 3
            object["loss"] = Double(number)
            object["validation_accuracy"] = 50.0
            return String(
                decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), as: UTF8.self)
        }
        try AtomicFile.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: path)
        // Of a checkpoint of before, which did not say how many lines are its own.
        let checkpoint = try Safetensors.read(first.run.latest)
        var metadata = checkpoint.metadata
        metadata["session"] = metadata["session"]?.replacing(/"metrics":\d+,/, with: "")
        try Safetensors.write(
            TensorFile(sealing: checkpoint.tensors, metadata: metadata, path: checkpoint.path), to: first.run.latest)
        let play = try Play(in: folder("run"), startsPaused: true)
        let curve = try play.snapshot { $0.phase == .paused && !$0.layers.isEmpty }.curve
        #expect(curve.count <= 4096 && curve.count > 2048)
        #expect(zip(curve, curve.dropFirst()).allSatisfy { $0.loss < $1.loss })
        #expect(curve[0].loss < 50 && curve.last?.loss == 19_999)
        // Whole at the end, and of two neighbours the measured one.
        #expect(curve.suffix(500).map(\.loss) == (19_500..<20_000).map { Double($0) })
        #expect(curve.count { $0.validationFigure != nil } > curve.count / 4)
        try play.stop()
        #expect(try JSONLines.read(path).lines.count == 20_000)
    }
}
