import Foundation
import Testing

/// `train`, `resume`, `inspect`, `evaluate`, `list` and `--render`, as a script would use them.
@Suite struct TrainTests {
    @Test func `JSON lines hold what is promised, the last the test accuracy`() throws {
        let folder = try TemporaryFolder()
        let result = try Program.run("train", "digits", "--json", "--run", folder("run"))
        #expect(result.code == 0, "\(result.errors)")
        let fields = [
            "step", "epoch", "loss", "train_accuracy", "validation_accuracy", "sparsity", "nnz", "bytes",
            "samples_per_second", "elapsed_seconds",
        ]
        var steps: [Int] = []
        for line in result.lines {
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            for field in fields { #expect(object[field] != nil, "\(field) is missing in \(line)") }
            steps.append(try #require(object["step"] as? Int))
        }
        #expect(steps == steps.sorted())
        let last = try #require(JSONSerialization.jsonObject(with: Data(result.lines.last!.utf8)) as? [String: Any])
        #expect(last["event"] as? String == "finished")
        #expect(try #require(last["test_accuracy"] as? Double) > 85)
        #expect(last["nnz"] as? Int == 1190)
        #expect(last["step"] as? Int == 1520)
        for name in ["recipe.yaml", "journal.jsonl", "metrics.jsonl", "checkpoints", "final.safetensors"] {
            #expect(folder.exists("run/" + name), "\(name)")
        }
        #expect(!folder.text("run/recipe.yaml").contains("thread"))
        #expect(folder.text("run/metrics.jsonl").split(separator: "\n").map(String.init) == result.lines)
    }

    @Test func `Lines for people end with the same numbers`() throws {
        let folder = try TemporaryFolder()
        let result = try Program.run("train", "digits", "--run", folder("run"), "--steps", "120")
        #expect(result.code == 0)
        #expect(result.lines.first == "run \(folder("run")): digits")
        #expect(try #require(result.lines.last).wholeMatch(of: /test \d+\.\d\d % of 360/) != nil)
    }

    @Test func `A run is inspected and measured as it finished`() throws {
        let folder = try TemporaryFolder()
        let trained = try Program.run("train", "digits", "--run", folder("run"), "--set", "seed=5")
        let tested = try #require(trained.lines.last?.firstMatch(of: /test (\d+\.\d\d) %/)).1
        for target in ["run", "run/final.safetensors", "run/final.bitmask.safetensors"] {
            let inspected = try Program.run("inspect", folder(target))
            #expect(inspected.code == 0, "\(inspected.errors)")
            #expect(inspected.output.contains("1190 / 11900"))
            #expect(inspected.output.contains("file 6888 bytes"))
            let lines = try Program.run("inspect", folder(target), "--json").lines
            #expect(lines.count == 3)
            let measured = try Program.run("evaluate", folder(target), "--on", "test")
            #expect(measured.output.hasPrefix("test \(tested) % "), "\(target): \(measured.output)")
        }
        let json = try Program.run("evaluate", folder("run"), "--json")
        #expect(json.output.contains("\"on\":\"validation\"") && json.output.contains("\"count\":237"))
        let half = try Program.run("evaluate", folder("run"), "--half", "--json")
        #expect(half.code == 0 && half.output.contains("\"half\":true") && json.output.contains("\"half\":false"))
        #expect(try Program.run("evaluate", folder("run"), "--half").output.contains("half precision"))
    }

    @Test func `A name's escape sequence is shown and not sent`() throws {
        let folder = try TemporaryFolder()
        let result = try Program.run("train", folder("a\u{1B}[2Jb\u{85}.yaml"))
        #expect(result.code == 65 && result.errors.contains("a␛[2Jb<U+0085>.yaml"), "\(result.errors)")
        #expect(!result.errors.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
    }

    @Test func `What exists is listed, whole or by kind`() throws {
        let all = try Program.run("list")
        #expect(all.code == 0)
        for name in [
            "lenet-300-100", "lenet-5", "convolution", "fashion-mnist", "magnitude", "random", "neuron", "global",
            "uniform", "cubic", "gradual-magnitude", "proximal-l1", "static-sparse", "sgd", "cosine", "safetensors",
        ] {
            #expect(all.output.contains("  \(name): "), "\(name)")
        }
        #expect(try Program.run("list", "schedule").lines.first == "schedule")
        #expect(try Program.run("list", "--markdown").output.contains("| `cubic` |"))
        let wrong = try Program.run("list", "nonsense")
        #expect(wrong.code == 64)
        #expect(wrong.errors.contains("criterion"))
    }

    @Test func `A run that is not empty is refused`() throws {
        let folder = try TemporaryFolder()
        try folder.write("mine", to: "thesis.txt")
        let result = try Program.run("train", "digits", "--run", folder.path)
        #expect(result.code == 65)
        #expect(
            result.errors
                == "espalier: \(folder.path), folder: found 1 entries, expected a new or empty folder for the run\n")
        #expect(folder.text("thesis.txt") == "mine")
    }

    /// A process killed in its first milliseconds leaves a folder that is no run yet.
    @Test func `What a start that was killed left is begun anew`() throws {
        let folder = try TemporaryFolder()
        let files = FileManager.default
        try files.createDirectory(atPath: folder("run/checkpoints"), withIntermediateDirectories: true)
        for name in ["lock", ".espalier-123-0"] {
            #expect(files.createFile(atPath: folder("run/\(name)"), contents: Data("x".utf8)))
        }
        let result = try Program.run(["train", "digits", "--steps", "3", "--run", folder("run")])
        #expect(result.code == 0, "\(result.errors)")
        #expect(folder.exists("run/final.safetensors") && !folder.exists("run/.espalier-123-0"))
        // A checkpoint is somebody's.
        try files.createDirectory(atPath: folder("other/checkpoints/x"), withIntermediateDirectories: true)
        #expect(try Program.run(["train", "digits", "--steps", "3", "--run", folder("other")]).code == 65)
    }

    @Test func `Two processes do not share a run`() throws {
        let folder = try TemporaryFolder()
        let first = try Running(["train"] + Desk.longDigits + ["--run", folder("run")])
        // Not the first checkpoint: asked to end before its first step, a new run is taken away.
        try waitUntil("steps") { folder.text("run/metrics.jsonl").contains("\"step\"") }
        let second = try Program.run("resume", folder("run"))
        #expect(second.code == 65)
        #expect(second.errors.contains("the run is open in another process"))
        first.signal(SIGTERM)
        let ended = try first.wait()
        #expect(ended.code == 128 + SIGTERM)
        #expect(ended.errors.contains("go on with: \(Program.path) resume \(folder("run"))"))
    }

    @Test(arguments: ["session", "heat", "threshold"])
    func `A view is printed once, at any size`(view: String) throws {
        let folder = try TemporaryFolder()
        #expect(try Program.run("train", "digits", "--run", folder("run"), "--steps", "600").code == 0)
        func contents() throws -> [String: Data] {
            var found: [String: Data] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
                found[name] = folder.bytes(name)
            }
            return found
        }
        let before = try contents()
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            let arguments = ["workbench", folder("run"), "--render", view, "--size", "\(width)x\(height)", "--format"]
            let text = try Program.run(arguments + ["text"])
            #expect(text.code == 0, "\(text.errors)")
            #expect(text.lines.count == height, "\(width)×\(height)")
            #expect(text.lines.allSatisfy { $0.count <= width })
            #expect(text.output.contains(" \(view.capitalized)]"))
            #expect(text.output.contains("fc1"))
            #expect(!text.output.contains("\u{1B}"))
            let ansi = try Program.run(arguments + ["ansi"])
            #expect(ansi.code == 0)
            #expect(ansi.output.contains("\u{1B}["))
            let ascii = try Program.run(arguments + ["text", "--ascii"])
            #expect(!ascii.output.utf8.contains { $0 >= 0x80 })
        }
        let after = try contents()
        #expect(after == before, "the run is left as it was found")
        let wrong = try Program.run("workbench", folder("run"), "--render", "kitchen")
        #expect(wrong.code == 64)
        #expect(wrong.errors.contains("accepted: session, heat, threshold"))
    }

    @Test func `With its descriptors closed a run's files hold what is theirs`() throws {
        let folder = try TemporaryFolder()
        let command = "'\(Program.path)' train digits --steps 30 --run '\(folder("run"))' <&- >&- 2>&-"
        #expect(try Program.run(["-c", command], program: "/bin/sh").code == 0)
        #expect(try Program.run("resume", folder("run")).code == 0)
        #expect(!folder.text("run/journal.jsonl").contains("epoch "))
    }

    @Test func `A recipe of any file name gives a run that opens`() throws {
        let folder = try TemporaryFolder()
        try folder.write("network: mlp-64-8-10\ndata: digits\nvalidation: 100\n", to: "tab\tx.yaml")
        #expect(try Program.run("train", folder("tab\tx.yaml"), "--steps", "3", "--run", folder("run")).code == 0)
        #expect(try Program.run("inspect", folder("run")).code == 0)
    }

    /// With pooling to one value a channel, weights fit images of any size.
    @Test func `A network is measured on images of its own size`() throws {
        let folder = try TemporaryFolder()
        func data(_ size: Int) throws {
            for (name, count) in [("train", 200), ("t10k", 100)] {
                let images: [UInt8] =
                    [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, UInt8(size), 0, 0, 0, UInt8(size)]
                    + (0..<count * size * size).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
                let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + (0..<count).map { UInt8($0 % 10) }
                try Data(images).write(to: URL(fileURLWithPath: folder("\(name)-images-idx3-ubyte")))
                try Data(labels).write(to: URL(fileURLWithPath: folder("\(name)-labels-idx1-ubyte")))
            }
        }
        try data(12)
        try folder.write(
            """
            data: \(folder.path)
            batch: 20
            validation: 40
            network:
              - {name: c, operator: convolution, channels: 4, kernel: 3, padding: 1}
              - {name: pool, operator: global-average-pool}
              - {name: flat, operator: flatten}
              - {name: out, operator: linear, outputs: 10}
            """, to: "pooled.yaml")
        let trained = try Program.run("train", folder("pooled.yaml"), "--steps", "4", "--run", folder("run"))
        #expect(trained.code == 0, "\(trained.errors)")
        #expect(try Program.run("evaluate", folder("run/final.safetensors")).code == 0)
        try data(8)
        for target in ["run/final.safetensors", "run"] {
            let result = try Program.run("evaluate", folder(target))
            #expect(result.code == 65 && result.errors.contains("1×12×12"), "\(target): \(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        #expect(try Program.run("resume", folder("run")).code == 65)
    }
}
