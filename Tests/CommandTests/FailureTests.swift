import Foundation
import Terminal
import Testing

/// A loss that is no number, a disk that is full, a processor that is too old.
@Suite(.serialized) struct FailureTests {
    private static let exploding = [
        "digits", "--set", "learning-rate={name: constant, rate: 100}", "--set", "method=none", "--set", "epochs=9000",
    ]

    @Test func `NaN ends a run without a person, naming step and layer`() throws {
        let folder = try TemporaryFolder()
        let result = try Program.run(["train"] + Self.exploding + ["--json", "--run", folder("run")])
        #expect(result.code == 1)
        #expect(
            result.errors.firstMatch(
                of: /became NaN or infinite after step \d+, first in layer fc[123]; the network stands at step \d+/)
                != nil,
            "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(!folder.exists("run/final.safetensors"))
        #expect(try Program.run("inspect", folder("run")).code == 0, "the last good step is on disk")
    }

    @Test func `NaN stops the workbench at the last good step`() throws {
        let desk = try Desk(Self.exploding)
        try desk.terminal.wait(for: "✗ NaN in fc")
        try desk.terminal.wait(for: "first in layer fc")
        try desk.escape(until: "the question gone") { $0.text.contains("is the last good one") }
        #expect(try desk.leave() == 0)
        #expect(desk.picture.text.contains("became NaN or infinite"))
    }

    /// A disk that fills up behind a run, and is emptied again.
    final class Disk {
        enum Kind: CaseIterable, Sendable { case small, limit }
        let kind: Kind
        let folder: TemporaryFolder
        private let isMounted: Bool

        init?(_ kind: Kind) throws {
            self.kind = kind
            folder = try TemporaryFolder()
            guard kind == .small else {
                isMounted = false
                return
            }
            // 16 MiB: only root may mount; others have the limit.
            isMounted = mount("tmpfs", folder.path, "tmpfs", 0, "size=16m") == 0
            if !isMounted { return nil }
        }

        deinit { if isMounted { umount2(folder.path, Int32(MNT_DETACH)) } }

        func fill(against process: pid_t) throws {
            guard kind == .small else {
                let limited = try Program.run(["--pid", "\(process)", "--fsize=1024:"], program: "/usr/bin/prlimit")
                return #expect(limited.code == 0)
            }
            let file = open(folder("fill"), O_WRONLY | O_CREAT, 0o600)
            defer { close(file) }
            for size in [65536, 4096, 1] { while write(file, [UInt8](repeating: 7, count: size), size) > 0 {} }
        }

        func empty(for process: pid_t) throws {
            if kind == .small {
                unlink(folder("fill"))
            } else {
                _ = try Program.run(["--pid", "\(process)", "--fsize=unlimited:"], program: "/usr/bin/prlimit")
            }
        }
    }

    @Test(arguments: Disk.Kind.allCases, [true, false])
    func `A full disk ends a run without a person, and the old checkpoint stays`(kind: Disk.Kind, cuts: Bool) throws {
        guard let disk = try Disk(kind) else { return }
        let recipe =
            cuts
            ? ["digits", "--set", "epochs=4000", "--set", "schedule.begin=2000", "--set", "schedule.end=60000"]
            : ["digits", "--set", "method=none", "--set", "epochs=4000"]
        let folder = disk.folder
        let running = try Running(
            ["train"] + recipe + ["--set", "checkpoint-every=500", "--run", folder("run")])
        try waitUntil("a checkpoint") { folder.exists("run/checkpoints/latest.safetensors") }
        try disk.fill(against: running.process)
        let result = try running.wait()
        #expect(result.code == 74, "\(result.errors)")
        #expect(result.errors.contains("run/"), "\(result.errors)")
        #expect(
            result.errors.contains(kind == .small ? "No space left on device" : "File too large"), "\(result.errors)")
        // Nobody is there who could train on.
        let remedy = kind == .small ? "make room" : "raise the limit on the size of files (ulimit -f)"
        #expect(!result.errors.contains("paused"), "\(result.errors)")
        #expect(
            result.errors.hasSuffix("espalier: \(remedy), then go on with: \(Program.path) resume \(folder("run"))\n"),
            "\(result.errors)")
        try disk.empty(for: 0)
        #expect(try Program.run("inspect", folder("run")).code == 0)
        // Room again: it goes on from there.
        let resumed = try Running(["resume", folder("run"), "--json"])
        try waitUntil("lines after the resume") {
            folder.text("run/metrics.jsonl").split(separator: "\n").last?.contains("\"step\"") == true
                && resumed.isRunning
        }
        resumed.signal(SIGTERM)
        let ended = try resumed.wait()
        #expect(ended.code == 128 + SIGTERM, "\(ended.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("run")).allSatisfy { !$0.hasPrefix(".esp") })
    }

    @Test(arguments: Disk.Kind.allCases, [true, false])
    func `A full disk pauses the workbench, which says so and goes on when there is room`(
        kind: Disk.Kind, cuts: Bool
    ) throws {
        guard let disk = try Disk(kind) else { return }
        let recipe =
            cuts
            ? ["digits", "--set", "epochs=9000", "--set", "schedule.begin=1000", "--set", "schedule.end=300000"]
            : Desk.longDigits
        let desk = try Desk(
            recipe + ["--set", "checkpoint-every=500"], in: disk.folder)
        try desk.waitForTraining()
        try waitUntil("a checkpoint") { disk.folder.exists("run/checkpoints/latest.safetensors") }
        try disk.fill(against: desk.program)
        func goesOn() throws {
            try desk.terminal.wait(for: "a pause, or the end of the session") {
                $0.text.contains("‖ PAUSED") || $0.text.contains("✗ FAILED")
            }
            try #require(desk.picture.text.contains("‖ PAUSED"))
            try desk.terminal.wait(for: "cannot save")
            try disk.empty(for: desk.program)
            desk.terminal.send("p")
            try desk.waitForTraining()
            #expect(try desk.leave() == 0)
        }
        try goesOn()
    }

    /// The masks of a kept network fit, its weights do not; of C no file does.
    @Test func `A write that fails leaves nothing behind, whatever it is made of`() throws {
        let folder = try TemporaryFolder()
        #expect(try Program.run("train", "digits", "--steps", "40", "--run", folder("run")).code == 0)
        func limited(_ arguments: [String]) throws {
            // Without a compiler no file is written elsewhere.
            let result = try Program.run(
                ["--fsize=16384:", Program.path] + arguments, environment: ["PATH": folder("none")],
                program: "/usr/bin/prlimit")
            #expect(result.code == 74, "\(arguments): \(result.errors)")
            #expect(result.errors.contains("File too large"), "\(arguments): \(result.errors)")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == ["run"], "\(arguments) left \(left)")
        }
        try limited(["prune", folder("run"), "--sparsity", "0.5", "--output", folder("pruned.safetensors")])
        try limited(["export", folder("run"), "--format", "c99", "--output", folder("a/b/c")])
    }

    static let emulator = "/usr/bin/qemu-x86_64"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: emulator), "Scripts/test installs qemu-user"))
    func `A processor without the vectors of the build gets a sentence`() throws {
        #if arch(x86_64)
            guard ProcessInfo.processInfo.environment["ESPALIER_CPU"] != "portable" else { return }
            let result = try Program.run(["-cpu", "Nehalem", Program.path, "list"], program: Self.emulator)
            #expect(result.code == 69)
            #expect(result.errors.contains("this build needs a processor with AVX"))
            #expect(result.output.isEmpty)
        #endif
    }
}
