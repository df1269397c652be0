import Foundation
import Testing

/// Killed, stopped and resumed on any number of threads, a run ends with the same bytes.
@Suite struct ResumeTests {
    private static let recipe = [
        "digits", "--set", "epochs=200", "--set", "schedule.end=6000", "--set", "checkpoint-every=250", "--seed", "3",
    ]

    private static func finals(_ folder: TemporaryFolder, _ run: String) -> [Data] {
        ["final.safetensors", "final.bitmask.safetensors"].map { folder.bytes("\(run)/\($0)") }
    }

    @Test func `Killed and resumed, and on one thread and on two, the bytes are the same`() throws {
        let folder = try TemporaryFolder()
        #expect(try Program.run(["train"] + Self.recipe + ["--run", folder("whole"), "--threads", "2"]).code == 0)
        let whole = Self.finals(folder, "whole")
        #expect(whole.allSatisfy { !$0.isEmpty })

        #expect(try Program.run(["train"] + Self.recipe + ["--run", folder("one"), "--threads", "1"]).code == 0)
        #expect(Self.finals(folder, "one") == whole)

        // Twice killed: while dense or barely cut, and among the cuts.
        var running = try Running(["train"] + Self.recipe + ["--run", folder("killed"), "--threads", "2"])
        for cut in ["cut-1", "cut-40"] {
            try waitUntil("the first checkpoint and \(cut)") {
                folder.exists("killed/checkpoints/latest.safetensors")
                    && folder.exists("killed/checkpoints/\(cut).safetensors")
            }
            running.signal(SIGKILL)
            #expect(try running.wait().code == 128 + SIGKILL)
            #expect(!folder.exists("killed/final.safetensors"))
            running = try Running(["resume", folder("killed"), "--threads", "1"])
        }
        let resumed = try running.wait()
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(Self.finals(folder, "killed") == whole)
        #expect(!resumed.errors.contains("journal does not match"), "\(resumed.errors)")
        let steps = { (run: String) in
            folder.text("\(run)/metrics.jsonl").matches(of: /"step":(\d+)/).map { Int($0.1)! }
        }
        #expect(steps("killed") == steps("whole"), "the curve has no gap and nothing twice")
        // A loss is the mean since the line before, across a kill as well.
        let losses = { (run: String) in
            folder.text("\(run)/metrics.jsonl").matches(of: /"loss":([^,]+),/).map { String($0.1) }
        }
        #expect(losses("killed") == losses("whole"))
        #expect(
            folder.text("killed/journal.jsonl").split(separator: "\n")
                == folder.text("whole/journal.jsonl").split(separator: "\n"))
    }

    @Test func `Another seed is another network`() throws {
        let folder = try TemporaryFolder()
        for seed in ["1", "2"] {
            #expect(
                try Program.run("train", "digits", "--steps", "60", "--seed", seed, "--run", folder(seed)).code == 0)
        }
        #expect(Self.finals(folder, "1")[0] != Self.finals(folder, "2")[0])
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func `Steps are remembered by resume`(signal: Int32) throws {
        let folder = try TemporaryFolder()
        let arguments = Self.recipe + ["--set", "checkpoint-every=1000000", "--steps", "4000"]
        #expect(try Program.run(["train"] + arguments + ["--run", folder("whole")]).code == 0)
        let running = try Running(["train"] + arguments + ["--run", folder("run")])
        try waitUntil("the first cut") { folder.exists("run/checkpoints/cut-1.safetensors") }
        running.signal(signal)
        let stopped = try running.wait()
        #expect(stopped.code == 128 + signal)
        #expect(stopped.errors.contains("espalier resume \(folder("run"))"))
        #expect(try folder.step("run") > 0, "a signal writes a checkpoint")
        let resumed = try Program.run("resume", folder("run"), "--json")
        #expect(resumed.code == 0)
        #expect(try #require(resumed.lines.last).contains("\"step\":4000,"))
        #expect(Self.finals(folder, "run") == Self.finals(folder, "whole"))
    }

    @Test func `Without a checkpoint it starts at 0; a finished run stays finished`() throws {
        let folder = try TemporaryFolder()
        #expect(try Program.run("train", "digits", "--run", folder("whole")).code == 0)
        try FileManager.default.createDirectory(atPath: folder("bare"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: folder("whole/recipe.yaml"), toPath: folder("bare/recipe.yaml"))
        #expect(try Program.run("resume", folder("bare")).code == 0)
        #expect(Self.finals(folder, "bare") == Self.finals(folder, "whole"))
        let before = folder.bytes("whole/checkpoints/latest.safetensors")
        let again = try Program.run("resume", folder("whole"))
        #expect(again.errors.contains("finished before"), "\(again.errors)")
        #expect(again.code == 0, "\(again.errors)")
        #expect(folder.bytes("whole/checkpoints/latest.safetensors") == before)
        #expect(Self.finals(folder, "bare") == Self.finals(folder, "whole"))
    }

    @Test func `What is no run is said`() throws {
        let folder = try TemporaryFolder()
        let result = try Program.run("resume", folder.path)
        #expect(result.code == 65)
        #expect(result.errors.contains("\(folder.path), folder: found no recipe.yaml"))
    }

    @Test func `A checkpoint that was cut short is refused by name`() throws {
        let folder = try TemporaryFolder()
        let running = try Running(["train"] + Self.recipe + ["--run", folder("run")])
        try waitUntil("a checkpoint") { folder.exists("run/checkpoints/latest.safetensors") }
        running.signal(SIGKILL)
        _ = try running.wait()
        let path = "run/checkpoints/latest.safetensors"
        try folder.bytes(path).dropLast(100).write(to: URL(fileURLWithPath: folder(path)))
        let result = try Program.run("resume", folder("run"))
        #expect(result.code == 65)
        #expect(result.errors.contains(folder(path)))
    }
}
