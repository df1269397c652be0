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
        let shapes = ["fc1": [100, 64], "fc2": [50, 100], "fc3": [10, 50]]
        var keys: [String: String] = [:], masks: [String: String] = [:]
        for (layer, shape) in shapes {
            keys["\(layer).weight"] = "float32 \(shape)"
            keys["\(layer).bias"] = "float32 [\(shape[0])]"
            masks["\(layer).weight_mask"] = "uint8 \(shape)"
        }
        #expect(found["keys"] as? [String: String] == keys, "as load_state_dict(strict=True) wants them")
        #expect(found["mask_keys"] as? [String: String] == masks)
    }

    /// The names and shapes of `state_dict()` of the same network in PyTorch, batch norm's counter among them, and no others.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: python), "Scripts/test makes it"))
    func `A file holds what PyTorch's state_dict has and nothing else`() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            data: digits
            network:
              - {name: stem, operator: convolution, channels: 4, kernel: 3, padding: 1}
              - {name: bn, operator: batch-norm}
              - {operator: relu}
              - {name: grouped, operator: convolution, channels: 8, kernel: 3, groups: 2}
              - {operator: global-average-pool}
              - {name: fc, operator: linear, outputs: 10}
            """, to: "net.yaml")
        let trained = try Program.run("train", folder("net.yaml"), "--steps", "7", "--run", folder("run"))
        #expect(trained.code == 0, "\(trained.errors)")
        let read = try Program.run(
            [
                Program.repository + "/Tests/CommandTests/read_kept.py", folder("run/final.safetensors"),
                Program.repository + "/Samples/data/digits-test",
            ], program: Self.python)
        #expect(read.code == 0, "\(read.errors)")
        let found = try #require(JSONSerialization.jsonObject(with: Data(read.output.utf8)) as? [String: Any])
        let expected: [String: String] = [
            "stem.weight": "float32 [4, 1, 3, 3]", "stem.bias": "float32 [4]", "bn.weight": "float32 [4]",
            "bn.bias": "float32 [4]", "bn.running_mean": "float32 [4]", "bn.running_var": "float32 [4]",
            "bn.num_batches_tracked": "int64 []", "grouped.weight": "float32 [8, 2, 3, 3]",
            "grouped.bias": "float32 [8]",
            "fc.weight": "float32 [10, 8]", "fc.bias": "float32 [10]",
        ]
        #expect(found["keys"] as? [String: String] == expected)
    }

    /// The masks lie beside; without them the zeros are what was pruned. So they are beside the masks of another network,
    /// which a kill between the two files leaves where one network takes the place of another.
    @Test func `A kept network is read with its masks, without them, and not with others`() throws {
        let folder = try TemporaryFolder()
        for (run, seed) in [("a", "1"), ("b", "2")] {
            #expect(try Program.run("train", "digits", "--seed", seed, "--run", folder(run)).code == 0)
        }
        let file = folder("a/final.safetensors"), masks = "a/final.masks.safetensors"
        let whole = try Program.run("inspect", file), measured = try Program.run("evaluate", file, "--on", "test")
        #expect(whole.code == 0 && measured.code == 0, "\(whole.errors)\(measured.errors)")
        let saved = folder.bytes(masks)
        try FileManager.default.removeItem(atPath: folder(masks))
        #expect(try Program.run("inspect", file).output == whole.output)
        #expect(try Program.run("evaluate", file, "--on", "test").output == measured.output)
        try folder.bytes("b/final.masks.safetensors").write(to: URL(fileURLWithPath: folder(masks)))
        for (arguments, expected) in [(["inspect", file], whole), (["evaluate", file, "--on", "test"], measured)] {
            let read = try Program.run(arguments)
            #expect(read.code == 0 && read.output == expected.output, "\(read.errors)")
            #expect(read.errors.contains("the masks of another network"), "\(read.errors)")
        }
        var bits = saved
        bits[bits.count - 1] = 2
        try bits.write(to: URL(fileURLWithPath: folder(masks)))
        #expect(try Program.run("inspect", file).errors.contains("do not fit the checksum"))
        try saved.write(to: URL(fileURLWithPath: folder(masks)))
        #expect(try Program.run("inspect", folder(masks)).errors.contains("the network itself, which lies beside it"))
        #expect(try Program.run("inspect", file).output == whole.output)
    }
}
