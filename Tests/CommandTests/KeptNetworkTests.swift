import Foundation
import Testing

/// The kept network, read with what others read it with: PyPI's safetensors and NumPy.
@Suite struct KeptNetworkTests {
    static let python: String = {
        let named = ProcessInfo.processInfo.environment["ESPALIER_TEST_PYTHON"]
        return named ?? Program.repository + "/.build/test-venv/bin/python"
    }()

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: python), "Scripts/test makes it"),
        arguments: [["digits"], ["digits", "--set", "method=none"], ["digits", "--set", "granularity=neuron"]])
    func `NumPy gets the same accuracy from the file`(recipe: [String]) throws {
        let folder = try TemporaryFolder()
        let trained = try Program.run(["train"] + recipe + ["--json", "--run", folder("run")])
        #expect(trained.code == 0, "\(trained.errors)")
        let last = try #require(trained.lines.last)
        let object = try #require(JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
        let script = Program.repository + "/Tests/CommandTests/read_kept.py"
        let read = try Program.run(
            [script, folder("run/final.safetensors"), Program.repository + "/Samples/data/digits-test"],
            program: Self.python)
        #expect(read.code == 0, "\(read.errors)")
        let found = try #require(JSONSerialization.jsonObject(with: Data(read.output.utf8)) as? [String: Any])
        #expect(found["accuracy"] as? Double == object["test_accuracy"] as? Double)
        #expect(found["nnz"] as? Int == object["nnz"] as? Int)
        #expect(found["nonzero_outside_mask"] as? Int == 0)
        let inspected = try Program.run("inspect", folder("run/final.safetensors")).output
        let payload = try #require(inspected.firstMatch(of: /file (\d+) bytes/)).1
        #expect(found["compact_bytes"] as? Int == Int(payload))
    }
}
