import Foundation
import Testing

/// `espalier quantize`: a file of 8-bit integers that other commands take.
@Suite struct QuantizeTests {
    @Test func aRunBecomesIntegersThatAnswerAlmostAsWell() throws {
        let folder = try TemporaryFolder()
        let run = try SmallRun.train(in: folder), output = folder("small.safetensors")
        let made = try Program.run(["quantize", run, "--output", output, "--json"])
        #expect(made.code == 0, "\(made.errors)")
        let last = try #require(made.lines.last)
        let all = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
        let before = try #require(all["before"] as? Double), after = try #require(all["after"] as? Double)
        #expect(before > 60 && abs(before - after) < 2, "\(last)")
        #expect(made.lines.count == 4, "\(made.output)")

        // The file says by itself what the command said, and answers in the other commands.
        let measured = try Program.run(["evaluate", output, "--json"])
        #expect(measured.code == 0 && measured.output.contains("\(after)"), "\(measured.output)\(measured.errors)")
        let seen = try Program.run(["inspect", output])
        #expect(seen.output.contains("relu (convolution)") || seen.output.contains("of 72 weights"), "\(seen.output)")
        #expect(try Program.run(["evaluate", output, "--half"]).code == 64)
        #expect(try Program.run(["inspect", output, "--values", "half"]).code == 64)
        let floats = try Program.run(["export", output, "--output", folder("x.onnx")])
        #expect(floats.code == 65 && floats.errors.contains("found a network of 8-bit integers"), "\(floats.errors)")
        let again = try Program.run(["quantize", run, "--output", output])
        #expect(again.code == 65 && again.errors.contains("--force"))
        let wrong = try Program.run(["quantize", run, "--output", output, "--calibrate", "mean"])
        #expect(wrong.code == 64 && wrong.errors.contains("min-max"), "\(wrong.errors)")

        // Damaged, it is refused in one sentence.
        var bytes = try Data(contentsOf: URL(filePath: output))
        bytes[bytes.count - 3] ^= 1
        try bytes.write(to: URL(filePath: output))
        let damaged = try Program.run(["evaluate", output])
        #expect(damaged.code == 65 && damaged.errors.split(separator: "\n").count == 1, "\(damaged.errors)")
    }

    @Test func fineTuningIsToldBesideWhatWasBefore() throws {
        let folder = try TemporaryFolder()
        let run = try SmallRun.train(in: folder), output = folder("tuned.safetensors")
        // A rate that throws the weights away, and the file has what was there before.
        for rate in ["0.01", "10"] {
            let made = try Program.run([
                "quantize", run, "--output", output, "--force", "--finetune", "--steps", "6", "--rate", rate,
            ])
            #expect(made.code == 0, "\(made.errors)")
            let names = made.lines.prefix(3).map { $0.prefix { $0 != ":" } }
            #expect(names == ["floats", "8 bits before fine-tuning", "8 bits after fine-tuning"], "\(made.output)")
            let isWorse = made.errors.contains("made it worse"), kept = made.lines[isWorse ? 1 : 2]
            #expect(isWorse || rate == "0.01", "\(made.output)")
            let measured = try Program.run(["evaluate", output])
            #expect(measured.output.contains(kept.split(separator: " ")[5]), "\(measured.output)\(kept)")
        }
        for (options, words) in [
            (["--calibrate", "percentile="], "percentile=NUMBER"), (["--finetune", "--rate", "1e9"], "at most 100"),
            (["--steps", "5"], "--finetune"), (["--finetune", "--steps", "5", "--epochs", "1"], "one of them"),
            (["--finetune", "--rate", "0"], "above 0"), (["--finetune", "--epochs", "0"], "--epochs"),
        ] {
            let wrong = try Program.run(["quantize", run, "--output", output] + options)
            #expect(wrong.code == 64 && wrong.errors.contains(words), "\(options) \(wrong.errors)")
        }
    }
}
