import Foundation
import Testing

/// `activations`: zeros told, thresholds found, kept, exported, and read again as the same network.
@Suite struct ActivationsCommandTests {
    @Test func `Thresholds are found, kept and exported`() throws {
        let folder = try TemporaryFolder()
        let trained = try Program.run("train", "digits", "--run", folder("run"))
        #expect(trained.code == 0, "\(trained.errors)")
        let told = try Program.run("activations", folder("run"))
        #expect(told.code == 0, "\(told.errors)")
        #expect(told.lines.contains { $0.hasPrefix("relu1          fc1") }, "\(told.output)")
        let found = try Program.run(
            "activations", folder("run"), "--quantile", "0.8", "--json", "--output", folder("fat.safetensors"))
        #expect(found.code == 0, "\(found.errors)")
        let lines = try found.lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.count == 3)
        for line in lines.dropLast() {
            #expect(abs(try #require(line["zeros_with_threshold"] as? Double) - 0.8) < 0.1)
            #expect((line["rates"] as? [Double])?.count == line["units"] as? Int)
        }
        let expected = try #require(lines.last?["accuracy_with_thresholds"] as? Double)
        let kept = try Program.run("evaluate", folder("fat.safetensors"), "--json")
        #expect(kept.code == 0, "\(kept.errors)")
        let measured =
            try #require(
                JSONSerialization.jsonObject(with: Data(kept.output.utf8)) as? [String: Any])["accuracy"] as? Double
        #expect(abs(try #require(measured) - expected) < 1e-9)
        let largest = try Program.run(
            "activations", folder("run"), "--keep", "0.25", "--json", "--output", folder("top.safetensors"))
        #expect(largest.code == 0, "\(largest.errors)")
        let tops = try largest.lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(tops.count == 3 && tops[2]["seconds_an_image_with_top_k"] as? Double ?? 0 > 0)
        for line in tops.dropLast() {
            #expect(try #require(line["zeros_with_top_k"] as? Double) >= 0.74 && line["kept"] as? Double == 0.25)
        }
        #expect(try Program.run("inspect", folder("top.safetensors")).code == 0)
        let exported = try Program.run("export", folder("fat.safetensors"), "--output", folder("fat.onnx"))
        #expect(exported.code == 0, "\(exported.errors)")
        let imported = try Program.run("import", folder("fat.onnx"))
        #expect(imported.output.contains("ThresholdedRelu ×2"), "\(imported.output)")
    }

    @Test func `What does not go together is refused`() throws {
        let both = try Program.run("activations", "run", "--quantile", "0.5", "--budget", "1")
        #expect(both.code == 64 && both.errors.contains("--quantile, --budget or --keep, one of them"))
        #expect(try Program.run("activations", "run", "--keep", "0").code == 64)
        let alone = try Program.run("activations", "run", "--output", "a.safetensors")
        #expect(alone.errors.contains("--output needs --quantile, --budget or --keep"))
    }
}
