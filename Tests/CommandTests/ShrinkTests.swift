import Foundation
import Testing

/// `espalier shrink`: a smaller network as a file that every other command takes.
@Suite struct ShrinkTests {
    private static func kept(_ folder: TemporaryFolder) throws -> String {
        let recipe = folder("small.yaml")
        try """
        name: small
        network:
          - {name: conv1, operator: convolution, channels: 8, kernel: 3, padding: 1}
          - {operator: batch-norm, name: norm1}
          - {operator: relu}
          - {operator: max-pool, kernel: 2}
          - {name: conv2, operator: convolution, channels: 8, kernel: 3}
          - {operator: relu}
          - {operator: flatten}
          - {name: fc, operator: linear, outputs: 10}
        data: digits
        validation: 237
        batch: 60
        epochs: 2
        method: one-shot
        granularity: neuron
        schedule: {name: one-shot, final: 0.4, at: 20}
        learning-rate: {name: constant, rate: 0.05}
        """.write(toFile: recipe, atomically: true, encoding: .utf8)
        let run = folder("run")
        let done = try Program.run(["train", recipe, "--run", run])
        #expect(done.code == 0, "\(done.errors)")
        return run
    }

    @Test func aSmallerNetworkIsTakenByAllCommands() throws {
        let folder = try TemporaryFolder()
        let run = try Self.kept(folder)
        let half = folder("half.safetensors")
        let made = try Program.run(["shrink", run, "--to-channels", "0.5", "--output", half])
        #expect(made.code == 0, "\(made.errors)")
        // Half of all channels: those that did nothing, and the weakest of the others.
        #expect(made.output.contains("8 → 6") && made.output.contains("times as fast"), "\(made.output)")
        #expect(made.output.contains("units gone: 6 that did nothing, 2 for the target"), "\(made.output)")
        #expect(made.output.contains("same function"), "\(made.output)")
        let again = try Program.run(["shrink", run, "--output", half])
        #expect(again.code == 65 && again.errors.contains("--force"))

        let measured = try Program.run(["evaluate", half])
        #expect(measured.code == 0, "\(measured.errors)")
        let model = folder("half.onnx")
        #expect(try Program.run(["export", half, "--output", model]).code == 0)
        #expect(try Program.run(["inspect", model]).output.contains("6×9"))
        #expect(try Program.run(["inspect", half]).output.contains("6×9"))

        // Trained on: as a recipe's network, wherever the file now is.
        let moved = folder("moved.safetensors")
        for name in ["", ".masks", ".bitmask"] {
            let from = folder("half\(name).safetensors")
            if FileManager.default.fileExists(atPath: from) {
                try FileManager.default.moveItem(atPath: from, toPath: folder("moved\(name).safetensors"))
            }
        }
        #expect(try Program.run(["evaluate", moved]).output == measured.output)
        let recipe = folder("tune.yaml")
        try """
        network: \(moved)
        data: digits
        validation: 237
        epochs: 1
        learning-rate: {name: constant, rate: 0.001}
        """.write(toFile: recipe, atomically: true, encoding: .utf8)
        let tuned = try Program.run(["train", recipe, "--run", folder("tuned")])
        #expect(tuned.code == 0, "\(tuned.errors)")
        // An ONNX model shrinks, too.
        let smaller = try Program.run(
            ["shrink", model, "--to-parameters", "0.7", "--output", folder("smaller.onnx"), "--json"])
        #expect(smaller.code == 0 && smaller.output.contains("\"is_exact\":true"), "\(smaller.errors)")
    }

    /// A folder as the output: a run that trains on with momentum in its new places, and can be taken back.
    @Test func aRunGoesOnWithItsOptimizerState() throws {
        let folder = try TemporaryFolder()
        let run = try Self.kept(folder), half = folder("half")
        let made = try Program.run(["shrink", run, "--to-channels", "0.5", "--output", half])
        #expect(made.code == 0, "\(made.errors)")
        #expect(made.output.contains("8 → 6") && made.output.contains("to go on with: "), "\(made.output)")
        #expect(try Program.run(["inspect", half]).output.contains("6×9"))
        // Of six rows of nine weights: as many numbers of momentum, and not zeros.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: half + "/checkpoints/latest.safetensors"))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try #require(
            JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: [String: Any]])
        let slot = try #require(header["conv1.weight.slot0"])
        let offsets = try #require(slot["data_offsets"] as? [Int])
        #expect(slot["shape"] as? [Int] == [54])
        #expect(bytes[(8 + length + offsets[0])..<(8 + length + offsets[1])].contains { $0 != 0 })
        let resumed = try Program.run(["resume", half, "--steps", "3"])
        #expect(resumed.code == 0 && resumed.output.contains("test "), "\(resumed.errors)")
        // The first run is as it was; what is no run cannot become one; nothing is written over.
        #expect(try Program.run(["inspect", run]).output.contains("8×9"))
        let again = try Program.run(["shrink", run, "--output", half])
        #expect(again.code == 65, "\(again.errors)")
        let file = try Program.run(["shrink", run + "/final.safetensors", "--output", folder("other")])
        #expect(file.code == 65 && file.errors.contains("the folder of a run"), "\(file.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder("other")))
    }

    @Test func whatIsDeadGoesAndTheFigureStays() throws {
        let folder = try TemporaryFolder()
        let run = try Self.kept(folder)
        let small = folder("small.safetensors")
        let made = try Program.run(["shrink", run, "--dead-only", "--output", small])
        #expect(made.code == 0 && made.output.contains("that did nothing"), "\(made.errors)")
        #expect(
            try Program.run(["evaluate", small, "--json"]).output == Program.run(["evaluate", run, "--json"]).output)
    }

    @Test func wrongTargetsAreRefused() throws {
        let folder = try TemporaryFolder()
        for arguments in [
            ["--to-parameters", "2"], ["--to-channels", "0.5", "--to-latency", "0.5"],
            ["--dead-only", "--to-channels", "0.5"], ["--multiple", "0"],
        ] {
            let done = try Program.run(["shrink", "lenet", "--output", folder("x.onnx")] + arguments)
            #expect(done.code == 64, "\(arguments): \(done.errors)")
        }
        #expect(try Program.run(["shrink", "lenet", "--output", folder("x.txt")]).code == 64)
    }
}
