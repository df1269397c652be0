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
}
