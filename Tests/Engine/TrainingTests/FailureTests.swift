import Foundation
import Graph
import Testing
import Training

@Suite struct FailureTests {
    private static let wild = "learning-rate: {name: constant, rate: 100}"

    @Test func aLossThatIsNoNumberStopsAtTheLastGoodState() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(Self.wild), in: folder("run"))
        let shown = try play.snapshot { if case .notANumber = $0.phase { true } else { false } }
        guard case .notANumber(let layer) = shown.phase else { return }
        #expect(["fc1", "fc2", "fc3"].contains(layer))
        #expect(play.messages.contains { $0.contains("first in layer \(layer)") && $0.contains("the last good one") })
        try play.stop()
        // The checkpoint is the last good state, not the broken one.
        let state = try play.state()
        #expect(state.progress.step == shown.step)
        for layer in state.layers { #expect(layer.arrays.values.allSatisfy { $0.isFinite }) }
    }

    /// The layer is looked for among the outputs, so these are still there, and no gradients in their place.
    @Test func aLossThatIsNoNumberLeavesTheOutputs() throws {
        let recipe = try RecipeReader.read("network: resnet-8\ndata: digits\nvalidation: 237", file: "r", name: "r")
        let trainer = Trainer(try TrainingPlan(recipe), team: .init(size: 1))
        let first = try trainer.step()
        #expect(first.isFinite)
        let last = try #require(trainer.network.layers.last)
        last.values.pointer.update(repeating: .greatestFiniteMagnitude, count: last.values.count)
        let second = try trainer.step()
        #expect(!second.isFinite)
        let shared = trainer.network.tensors.filter { $0.gradient === $0.values }
        #expect(!shared.isEmpty)
        for tensor in shared { #expect(tensor.values.array.allSatisfy { $0.isFinite }) }
    }

    @Test func withoutAPersonItEndsTheRun() throws {
        let folder = TemporaryFolder()
        guard case .failed(let error) = try Play(digits(Self.wild), in: folder("run"), interactive: false).end() else {
            Issue.record("it went on")
            return
        }
        #expect(error is NotANumber && "\(error)".contains("became NaN or infinite"))
    }

    /// Weights that are broken when validation comes by are not remembered as good.
    @Test func brokenWeightsAreNeverTheLastGoodOnes() throws {
        for every in 1...6 {
            let folder = TemporaryFolder()
            let play = try Play(digits(Self.wild).with("validate-every", every), in: folder("run"), interactive: false)
            _ = try play.end()
            let state = try play.state()
            for layer in state.layers { #expect(layer.arrays.values.allSatisfy { $0.isFinite }, "every \(every)") }
        }
    }

    /// A full disk, acted by a file where the folder was: root is not stopped by permissions.
    @Test(arguments: [true, false]) func aCheckpointThatCannotBeWrittenLosesNothing(_ interactive: Bool) throws {
        let folder = TemporaryFolder()
        let path = folder("run"), files = FileManager.default
        let play = try Play(digits(), in: path, interactive: interactive, [.init(30, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        let old = try #require(contents(path + "/checkpoints/latest.safetensors"))
        try files.moveItem(atPath: path + "/checkpoints", toPath: path + "/aside")
        _ = files.createFile(atPath: path + "/checkpoints", contents: Data())
        play.session.send(.trainOn(steps: nil))
        if interactive {
            let shown = try play.snapshot { $0.phase == .paused && $0.step == 50 }
            #expect(shown.messages.contains { $0.kind == .error && $0.text.hasPrefix("cannot save: ") })
            // A cut needs a file of what it takes: none, so nothing is cut.
            try play.send(.cut(keep(900)))
            #expect(try #require(play.session.latestSnapshot()).nnz == 2080)
            #expect(try #require(play.session.latestSnapshot()).undoDepth == 0)
            // Room is made: training goes on and is not stopped again.
            unlink(path + "/checkpoints")
            try files.moveItem(atPath: path + "/aside", toPath: path + "/checkpoints")
            #expect(contents(path + "/checkpoints/latest.safetensors") == old)
            copyRun(path, to: folder("killed"))
            play.session.send(.trainOn(steps: nil))
            _ = try play.snapshot { $0.phase == .outOfSteps }
            play.session.send(.finish)
            _ = try play.snapshot { $0.phase == .finished }
            try play.stop()
            // From the old checkpoint and the journal, in which a cut stands that was never made: the same bytes.
            guard case .finished = try Play(in: folder("killed"), interactive: false).end() else {
                Issue.record("the copy did not finish")
                return
            }
            let (a, b) = (remains(path), remains(folder("killed")))
            #expect(a["final.bitmask.safetensors"] == b["final.bitmask.safetensors"])
        } else {
            guard case .failed(let error) = try play.end() else {
                Issue.record("it went on")
                return
            }
            #expect(error is SaveFailure)
            #expect(contents(path + "/aside/latest.safetensors") == old)
        }
    }

    /// Schedules and masks are evaluated on the session queue: elsewhere the program ends at once.
    @Test func schedulesAreFollowedOnTheSessionQueueAlone() async {
        // The trap of the queue's precondition and nothing else: an error thrown before it would exit otherwise.
        await #expect(processExitsWith: .signal(SIGILL)) {
            let path = NSTemporaryDirectory() + "espalier-queue-" + UUID().uuidString
            defer { try? FileManager.default.removeItem(atPath: path) }
            let recipe = try digits()
            let session = Session(recipe: recipe, run: try RunFolder.create(path, recipe: recipe), options: .init())
            try session.follow([])
        }
    }

    @Test func aRunIsOpenInOneProcess() throws {
        let folder = TemporaryFolder()
        let recipe = try digits()
        let run = try RunFolder.create(folder("run"), recipe: recipe)
        #expect(throws: (any Error).self) { try RunFolder.open(folder("run")) }
        #expect(throws: (any Error).self) { try RunFolder.create(folder("run"), recipe: recipe) }
        run.close()
        _ = try RunFolder.open(folder("run"))
        #expect(throws: (any Error).self) { try RunFolder.open(folder("elsewhere")) }
    }

    @Test func aDamagedRunIsOneError() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(30, .cut(keep(900)), .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.stop()
        for (name, bytes) in [
            (
                "checkpoints/latest.safetensors",
                Array(contents(folder("run/checkpoints/latest.safetensors"))!.dropLast(9))
            ),
            ("journal.jsonl", Array("{\"step\": 3}\nnothing\n".utf8)),
        ] {
            let path = folder(UUID().uuidString)
            copyRun(folder("run"), to: path)
            _ = FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes))
            guard case .failed(let error) = try Play(in: path).end() else {
                Issue.record("\(name) was taken")
                continue
            }
            #expect("\(error)".hasPrefix(path + "/" + name), "\(error)")
        }
        // A line cut short was never executed.
        let path = folder("short")
        copyRun(folder("run"), to: path)
        let handle = FileHandle(forWritingAtPath: path + "/journal.jsonl")!
        handle.seekToEndOfFile()
        handle.write(Data("{\"step\":30,\"comm".utf8))
        try handle.close()
        let opened = try Play(in: path)
        #expect(try opened.snapshot { $0.phase == .paused }.nnz == 900)
        #expect(opened.messages.contains { $0.contains("cut short") })
        try opened.stop()
    }
}
