import Foundation
import Interchange
import Testing
import Training

/// A run's folder: who owns it, what is written where, and that looking changes nothing.
@Suite struct RunFolderTests {
    /// Cut at 12 and stopped at 30, two commands later than its last checkpoint where it was killed.
    private func run(_ folder: TemporaryFolder) throws -> String {
        let play = try Play(digits(), in: folder("run"), [.init(12, .cut(keep(900))), .init(30, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for command in [Command.checkpoint, .cut(keep(800)), .undo] { try play.send(command) }
        copyRun(folder("run"), to: folder("killed"))
        try play.stop()
        return folder("killed")
    }

    /// As on a full disk: the limit counts for the whole process, so a child does it.
    @Test func aRunThatCannotBeginLeavesNothing() async throws {
        let folder = TemporaryFolder()
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            signal(SIGXFSZ, SIG_IGN)
            let recipe = try digits()
            var limit = rlimit(rlim_cur: 10, rlim_max: 10)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
            for make in [
                { try RunFolder.create(path + "/runs/own", recipe: recipe) },
                { try RunFolder.createNext(for: "digits", in: path + "/runs", recipe: recipe) },
            ] {
                do {
                    _ = try make()
                    exit(3)
                } catch let problem as FileProblem {
                    guard problem.place == "writing" else { exit(4) }
                }
            }
            exit(0)
        }
        #expect(everything(folder.path).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    /// Whoever is killed while it is copied leaves what nobody takes for a run.
    @Test func aCopyIsARunWhenAllOfItIsThere() throws {
        let folder = TemporaryFolder(), recipe = try digits(epochs: 1)
        try Play(recipe, in: folder("run"), interactive: false).end()
        let source = try RunFolder.look(at: folder("run"))
        let copy = try source.copy(to: folder("copy"))
        #expect(contents(folder("copy") + "/checkpoints/latest.safetensors") != nil)
        #expect(try !RunFolder.isRun(folder("copy")))
        try copy.begin(recipe)
        copy.close()
        #expect(try RunFolder.isRun(folder("copy")))
    }

    /// The recipe does not name them: a resume would begin with random ones.
    @Test func aRunFromGivenWeightsIsOneWhenItHasThem() throws {
        let folder = TemporaryFolder(), recipe = try digits(epochs: 1)
        try Play(recipe, in: folder("first"), interactive: false).end()
        let run = try RunFolder.create(folder("run"), recipe: nil)
        var options = Session.Options()
        (options.threads, options.start) = (1, StartChoice(path: folder("first"), isUnmasked: false))
        let wasRun = Locked<Bool?>(nil)
        options.onMetrics = { _ in wasRun.withLock { $0 = $0 ?? (try? RunFolder.isRun(run.path)) } }
        let session = Session(recipe: recipe, run: run, options: options)
        #expect(try !RunFolder.isRun(folder("run")))
        session.start()
        guard case .finished = session.wait() else {
            Issue.record("it did not finish")
            return
        }
        #expect(wasRun.withLock { $0 } == true && contents(folder("run") + "/start.safetensors") != nil)
    }

    // MARK: Only looking

    @Test func lookingWritesAndExecutesNothing() throws {
        let folder = TemporaryFolder()
        let path = try run(folder)
        let before = everything(path)
        // Open elsewhere, and yet it can be looked at.
        let owner = try RunFolder.open(path)
        let owned = everything(path)
        let play = try Play(in: path, looks: true)
        let shown = try play.snapshot { $0.phase == .paused }
        #expect(shown.step == 30 && shown.nnz == 900 && shown.undoDepth == 1)
        #expect(play.messages.contains { $0.hasPrefix("2 commands of the journal came after this checkpoint") })
        for command in [Command.cut(keep(5)), .keep(path: nil), .checkpoint, .finish, .trainOn(steps: 1), .undo] {
            try play.send(command)
        }
        let strip = try play.ask(.strip(layer: "fc1"))
        guard strip.reply is StripAnswer else {
            Issue.record("\(strip)")
            return
        }
        try play.stop()
        #expect(everything(path) == owned)
        owner.close()
        #expect(Set(everything(path)).subtracting(before).allSatisfy { $0.hasPrefix("lock ") })
    }

    @Test func aForgedJournalIsNotExecutedByLooking() throws {
        let folder = TemporaryFolder()
        let path = try run(folder)
        let victim = folder("victim.safetensors")
        let journal = FileHandle(forWritingAtPath: path + "/journal.jsonl")!
        journal.seekToEndOfFile()
        for command in [
            #""keep":{"path":"\#(victim)"}"#, #""finish":{}"#,
            #""cut":{"_0":{"scope":{"global":{}},"anchor":{"kept":{"_0":9}}}}"#,
        ] {
            journal.write(Data("{\"command\":{\(command)},\"step\":30}\n".utf8))
        }
        try journal.close()
        let before = everything(path)
        let play = try Play(in: path, looks: true)
        #expect(try play.snapshot { $0.phase == .paused }.nnz == 900)
        #expect(play.messages.contains { $0.hasPrefix("5 commands") })
        try play.stop()
        #expect(everything(path) == before && contents(victim) == nil)
    }

    // MARK: Links

    @Test(arguments: [
        "journal.jsonl", "metrics.jsonl", "lock", "workbench.json", "data.json", "checkpoints", "final.safetensors",
        "final.masks.safetensors",
        "final.bitmask.safetensors", "checkpoints/latest.safetensors", "checkpoints/undo-1.safetensors",
        "checkpoints/cut-1.safetensors", "checkpoints/undo-2.metrics.jsonl",
    ])
    func linksAreNotWrittenThrough(_ name: String) throws {
        let folder = TemporaryFolder(), files = FileManager.default
        let path = try run(folder)
        try? files.removeItem(atPath: path + "/lock")
        for isThere in [true, false] {
            let victim = folder(isThere ? "victim" : "nothing")
            let place = path + "/" + name
            if isThere, files.fileExists(atPath: place) {
                try files.moveItem(atPath: place, toPath: victim)
            } else {
                try? files.removeItem(atPath: place)
            }
            let before = (everything(folder.path).filter { $0.contains("victim") }, contents(victim))
            symlink(victim, place)
            let problem = #expect(throws: FileProblem.self) { try RunFolder.open(path) }
            #expect(problem?.path == place && problem?.found.contains("a symbolic link") == true)
            #expect(everything(folder.path).filter { $0.contains("victim") } == before.0)
            #expect(contents(victim) == before.1 && !files.fileExists(atPath: folder("nothing")))
            unlink(place)
            if files.fileExists(atPath: victim) { try files.moveItem(atPath: victim, toPath: place) }
        }
    }

    /// Exchanged while the run is open.
    @Test(arguments: ["checkpoints", "checkpoints/latest.safetensors"])
    func aLinkThatComesLaterIsNotWrittenThrough(_ name: String) throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(12, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        let place = folder("run/" + name)
        try FileManager.default.moveItem(atPath: place, toPath: folder("victim"))
        symlink(folder("victim"), place)
        let before = everything(folder.path).filter { $0.hasPrefix("victim") }
        for command in [Command.checkpoint, .cut(keep(800))] { try play.send(command) }
        #expect(play.messages.contains { $0.contains("cannot save: \(place), opening: found a symbolic link") })
        #expect(everything(folder.path).filter { $0.hasPrefix("victim") } == before)
        try play.stop()
    }

    // MARK: A state that is gone

    @Test(arguments: ["latest", "checkpoints"]) func aLostCheckpointIsNoNewRun(_ what: String) throws {
        let folder = TemporaryFolder()
        let path = try run(folder)
        copyRun(path, to: folder("whole"))
        let gone = path + (what == "latest" ? "/checkpoints/latest.safetensors" : "/checkpoints")
        try FileManager.default.removeItem(atPath: gone)
        let before = everything(path).filter { $0.contains(".jsonl") }
        for looks in [false, true] {
            guard case .failed(let error) = try Play(in: path, looks: looks).end() else {
                Issue.record("it began anew")
                return
            }
            #expect("\(error)".contains("--restart") && "\(error)".contains("30 steps"), "\(error)")
        }
        #expect(everything(path).filter { $0.contains(".jsonl") } == before)
        // The journal alone leads to the same run.
        for (run, restarts) in [(path, true), (folder("whole"), false)] {
            try Play(in: run, interactive: false, restarts: restarts).end()
        }
        for name in ["final.safetensors", "journal.jsonl"] {
            #expect(contents(path + "/" + name) == contents(folder("whole/" + name)))
        }
        #expect(contents(path + "/checkpoints/set-aside-1.metrics.jsonl") != nil)
    }

    @Test func aDamagedCheckpointIsSetAsideAndASoundOneNot() throws {
        let folder = TemporaryFolder()
        let path = try run(folder)
        guard case .failed(let error) = try Play(in: path, restarts: true).end() else {
            Issue.record("a sound checkpoint was passed over")
            return
        }
        #expect("\(error)".contains("a sound one of step 30"))
        let latest = path + "/checkpoints/latest.safetensors"
        var bytes = try #require(contents(latest))
        bytes[bytes.count - 9] ^= 4
        try Data(bytes).write(to: URL(fileURLWithPath: latest))
        guard case .failed = try Play(in: path).end(),
            case .finished = try Play(in: path, interactive: false, restarts: true).end()
        else {
            Issue.record("the damaged one")
            return
        }
        #expect(contents(path + "/checkpoints/set-aside-1.safetensors") == bytes)
    }

    @Test func aFinishedRunWithoutACheckpointIsShownByItsFinalFile() throws {
        let folder = TemporaryFolder()
        let lines = "method: gradual-magnitude\nschedule: {name: linear, final: 0.8, begin: 10, end: 40, every: 10}"
        try Play(digits(lines), in: folder("run"), interactive: false).end()
        let whole = try Play(in: folder("run"), looks: true)
        let expected = try whole.snapshot { $0.phase == .finished }
        try whole.stop()
        unlink(folder("run/checkpoints/latest.safetensors"))
        let play = try Play(in: folder("run"), looks: true)
        let shown = try play.snapshot { $0.phase == .finished }
        #expect(shown.nnz == 416 && shown.step == 60 && shown.zeroWeights == expected.zeroWeights)
        try play.stop()
        guard case .failed(let error) = try Play(in: folder("run")).end() else {
            Issue.record("it began anew")
            return
        }
        #expect("\(error)".contains("--restart"))
    }

    // MARK: Owners

    @Test func eachOfManyGetsAFolderOfItsOwn() throws {
        let folder = TemporaryFolder()
        let recipe = try digits()
        let runs = Locked<[RunFolder]>([])
        DispatchQueue.concurrentPerform(iterations: 24) { [parent = folder("runs") as String] _ in
            let run = try? RunFolder.createNext(for: "digits", in: parent, recipe: recipe)
            if let run { runs.withLock { $0.append(run) } }
        }
        let paths = runs.withLock { $0.map(\.path) }
        #expect(Set(paths) == Set((1...24).map { folder("runs/digits-\($0)") }))
    }

    @Test func aDeletedLockLocksOutAllTheSame() throws {
        let folder = TemporaryFolder()
        let run = try RunFolder.create(folder("run"), recipe: digits())
        unlink(folder("run/lock"))
        let problem = #expect(throws: FileProblem.self) { try RunFolder.open(folder("run")) }
        #expect(problem?.found == "the run is open in another process")
        run.close()
        _ = try RunFolder.open(folder("run"))
    }

    @Test func theNextOwnerClearsAway() throws {
        let folder = TemporaryFolder()
        let path = try run(folder)
        let files = FileManager.default
        for name in [".espalier-77-0", "checkpoints/.espalier-77-1", ".espalier-mine", "kept.txt"] {
            _ = files.createFile(atPath: path + "/" + name, contents: Data([1]))
        }
        try Play(in: path).stop()
        let left = try files.subpathsOfDirectory(atPath: path).filter { $0.contains(".espalier-") || $0 == "kept.txt" }
        #expect(left.sorted() == [".espalier-mine", "kept.txt"])
    }

    // MARK: What is kept

    @Test func eachKeptNetworkHasANameOfItsOwn() throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(.keep(path: nil))
        try play.send(.cut(keep(900)))
        try play.send(.keep(path: nil))
        let counts = try ["kept-20", "kept-20-2"].map { name in
            try ["", ".bitmask"].map {
                try KeptNetwork.read(folder("run/\(name)\($0).safetensors")).layers.reduce(0) {
                    $0 + $1.arrays.values.count
                }
            }
        }
        #expect(counts == [[2080, 2080], [900, 900]])
        let before = everything(folder.path)
        for name in ["run/kept-20.safetensors", "run/final.safetensors", "run/checkpoints/x.safetensors"] {
            try play.send(.keep(path: folder(name)))
            #expect(play.messages.last?.contains("a name of its own") == true)
        }
        #expect(everything(folder.path) == before)
        try play.stop()
    }

    @Test(arguments: ["kept-20.safetensors", "kept-20.masks.safetensors", "kept-20.bitmask.safetensors"])
    func aFlippedBitInAKeptNetworkIsFound(_ name: String) throws {
        let folder = TemporaryFolder()
        let play = try Play(digits(), in: folder("run"), [.init(20, .cut(keep(900)), .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        try play.send(.keep(path: nil))
        try play.stop()
        let path = folder("run/" + name)
        let bytes = try #require(contents(path))
        let network = path.replacing(".masks", with: "")
        _ = try KeptNetwork.read(network)
        // Without that word it is a file from before there were checksums.
        let word = try #require(bytes.firstRange(of: Array("\"checksum\"".utf8)))
        for place in stride(from: 8, to: bytes.count, by: 97) where !word.contains(place) {
            var damaged = bytes
            damaged[place] ^= 1
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            #expect(throws: (any Error).self, "byte \(place)") { try KeptNetwork.read(network) }
        }
    }

    /// Names of layers may hold what separates others.
    @Test func aNameWithALineBreakIsAName() throws {
        let folder = TemporaryFolder()
        let network =
            #"[{operator: flatten}, {name: "a\nb", operator: linear, outputs: 16}, {operator: relu}, {name: "c.indices", operator: linear, outputs: 10}]"#
        let play = try Play(digits(network: network), in: folder("run"), [.init(20, .pause)])
        _ = try play.snapshot { $0.phase == .paused }
        for command in [Command.cut(keep(500)), .keep(path: nil), .checkpoint] { try play.send(command) }
        #expect(try KeptNetwork.read(folder("run/kept-20.safetensors")).layers[0].name == "a\nb")
        copyRun(folder("run"), to: folder("old"))
        // As it was written before there were checksums: still read.
        let cut = folder("old/checkpoints/cut-1.safetensors")
        let file = try Safetensors.read(cut)
        let metadata = ["format": "espalier-cut-1", "id": "1", "event": "1", "step": "20", "layers": "a\nb\nc.indices"]
        try Safetensors.write(TensorFile(tensors: file.tensors, metadata: metadata), to: cut)
        let old = try Play(in: folder("old"))
        for play in [play, old] {
            _ = try play.snapshot { $0.phase == .paused }
            for command in [Command.cut(keep(1100)), .undo, .redo] { try play.send(command) }
            #expect(try #require(play.session.latestSnapshot()).nnz == 1100)
            try play.stop()
        }
        expectSame(folder("run"), folder("old"))
    }

    @Test func aFolderOfRunsGoesWithItsOnlyRun() throws {
        let folder = TemporaryFolder(), recipe = try digits(), files = FileManager.default
        let first = try RunFolder.createNext(for: "digits", in: folder("runs"), recipe: recipe)
        first.discard()
        #expect(!files.fileExists(atPath: folder("runs")))
        // One that was there before stays, and so does one that others use by now.
        try files.createDirectory(atPath: folder("own"), withIntermediateDirectories: true)
        try RunFolder.createNext(for: "digits", in: folder("own"), recipe: recipe).discard()
        #expect(files.fileExists(atPath: folder("own")))
        let one = try RunFolder.createNext(for: "digits", in: folder("runs"), recipe: recipe)
        let other = try RunFolder.createNext(for: "digits", in: folder("runs"), recipe: recipe)
        one.discard()
        #expect(files.fileExists(atPath: other.path))
    }

    @Test func aScheduleThatNobodyFollowsIsSaid() throws {
        let unused = try plan("schedule: {name: one-shot, final: 0.5, at: 1}")
        #expect(unused.notices.contains { $0.hasPrefix("schedule 'one-shot' is not used, for there is no 'method'") })
        #expect(
            try plan("method: none\nschedule: {name: one-shot, final: 0.5, at: 1}").notices.count
                == plan().notices.count)
        #expect(try plan().notices.allSatisfy { !$0.contains("schedule") })
        let used = try plan("method: one-shot\nschedule: {name: one-shot, final: 0.5, at: 1}")
        #expect(used.notices.allSatisfy { !$0.contains("schedule") })
    }
}
