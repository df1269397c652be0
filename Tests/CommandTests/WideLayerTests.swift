import Foundation
import Testing

/// A layer of 20,000 × 20,000 with 40,000 weights through the whole program, in less memory than a dense array of it would
/// take: 1.6 GB as floats, 0.4 GB as flags.
@Suite struct WideLayerTests {
    private static let recipe = """
        network: mlp-64-20000-20000-10
        data: digits
        validation: 237
        batch: 60
        validate-every: 10
        checkpoint-every: 5
        audit: true
        method: static-sparse
        schedule: {name: constant, final: 0.9999}
        criterion: random
        distribution: {name: by-hand, layers: {fc1: 0.9, fc2: 0.9999, fc3: 0.9}}
        learning-rate: {name: constant, rate: 0.01}
        """

    /// - Parameter kilobytes: of addresses, so what would be resident is less still.
    private static func limited(_ arguments: String..., kilobytes: Int = 700_000) throws -> Running {
        try limited(arguments, kilobytes: kilobytes)
    }
    private static func limited(_ arguments: [String], kilobytes: Int = 700_000) throws -> Running {
        try Running(
            ["-c", "ulimit -v \(kilobytes) && exec \"$0\" \"$@\"", Program.path] + arguments, program: "/bin/sh")
    }

    @Test func `A wide layer trains, is killed, resumes and is kept within its nonzeros' memory`() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.recipe, to: "wide.yaml")
        let whole = try Self.limited(
            "train", folder("wide.yaml"), "--steps", "30", "--threads", "2", "--run", folder("whole")
        ).wait()
        #expect(whole.code == 0, "\(whole.errors)")
        #expect(whole.errors.contains("layer fc2 is written as compressed rows"))

        let running = try Self.limited(
            "train", folder("wide.yaml"), "--steps", "30", "--threads", "2", "--run", folder("killed"))
        try waitUntil("a step") { folder.text("killed/metrics.jsonl").contains("\"step\"") }
        running.signal(SIGKILL)
        _ = try running.wait()
        let resumed = try Self.limited("resume", folder("killed"), "--threads", "1").wait()
        #expect(resumed.code == 0, "\(resumed.errors)")
        for name in ["final.safetensors", "final.bitmask.safetensors", "checkpoints/latest.safetensors"] {
            #expect(folder.bytes("killed/\(name)") == folder.bytes("whole/\(name)"), "\(name)")
            #expect(folder.bytes("whole/\(name)").count > 0)
        }
        // A bit for each position would be 50 MB.
        #expect(folder.bytes("whole/checkpoints/latest.safetensors").count < 5_000_000)

        let tested = try #require(whole.lines.last?.firstMatch(of: /test (\d+\.\d\d) %/)).1
        for target in ["whole", "whole/final.safetensors", "whole/final.bitmask.safetensors"] {
            let inspected = try Self.limited("inspect", folder(target)).wait()
            #expect(inspected.code == 0, "\(inspected.errors)")
            #expect(inspected.output.contains("40000 / 400000000"), "\(inspected.errors)")
            let measured = try Self.limited("evaluate", folder(target), "--on", "test").wait()
            #expect(measured.output.hasPrefix("test \(tested) % "), "\(target): \(measured.output)\(measured.errors)")
        }
        // A form that holds the zeros is refused, one that does not is written.
        for form in [["x.onnx"], ["x.npz"], ["x.safetensors"], ["c", "--format", "c99"]] {
            let refused = try Self.limited(["export", folder("whole"), "--output", folder(form[0])] + form.dropFirst())
                .wait()
            #expect(refused.code == 65, "\(form): \(refused.errors)")
            #expect(
                refused.errors.hasPrefix("espalier: weights with all their zeros take 1.6 GB, and ")
                    && refused.errors.split(separator: "\n").count == 1, "\(form): \(refused.errors)")
            #expect(!folder.exists(form[0]))
        }
        let sparse = try Self.limited(
            "export", folder("whole"), "--sparse", "--output", folder("sparse.safetensors")
        ).wait()
        #expect(sparse.code == 0 && folder.bytes("sparse.safetensors").count < 5_000_000, "\(sparse.errors)")
    }

    @Test func `Dense, the same network is refused before anything is made`() throws {
        let folder = try TemporaryFolder()
        let refused = try Program.run(
            "train", "wide", "--set", "criterion=magnitude", "--run", folder("run"))
        #expect(refused.code == 65)
        #expect(refused.errors.contains("GB to train") && refused.errors.contains("criterion random"))
        #expect(!folder.exists("run"))
    }
}
