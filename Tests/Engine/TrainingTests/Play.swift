import Dispatch
import Foundation
import Graph
import Interchange
import Sparsity
import Testing
import Training

/// A folder that is gone when the test is.
final class TemporaryFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "espalier-training-" + UUID().uuidString
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

func contents(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map { Array($0) } }

/// A small network on the embedded digits: 2,080 weights, 20 steps an epoch, milliseconds.
func digits(_ lines: String = "", epochs: Int = 3, network: String = "mlp-64-24-16-10") throws -> Recipe {
    try RecipeReader.read(
        """
        network: \(network)
        data: digits
        validation: 237
        batch: 60
        epochs: \(epochs)
        validate-every: 10
        checkpoint-every: 25
        audit: true
        optimizer: {name: sgd, momentum: 0.9, weight-decay: 0.001}
        \(lines)
        """, file: "digits", name: "digits")
}

func plan(_ lines: String = "", epochs: Int = 3, network: String = "mlp-64-24-16-10") throws -> TrainingPlan {
    try TrainingPlan(digits(lines, epochs: epochs, network: network))
}

func keep(_ count: Int, _ layer: String? = nil) -> Draft {
    Draft(scope: layer.map { .layer($0) } ?? .global, anchor: .kept(count))
}

/// A session that is played: commands are sent from its own queue when a step is recorded, so they are executed at that
/// very step. In these small runs every step is recorded.
final class Play: @unchecked Sendable {
    // Unchecked: everything that changes is touched on the session's queue, or after it has ended.
    struct Cue {
        let step: Int
        let commands: [Command]

        init(_ step: Int, _ commands: Command...) {
            self.step = step
            self.commands = commands
        }
    }
    struct TookTooLong: Error {}

    let session: Session
    let run: RunFolder
    /// Held where a test reads what the play has left.
    var folder: TemporaryFolder?
    private let seen: Locked<[Message]>
    private let lines: Locked<[MetricsLine]>
    private let release: () -> Void
    var messages: [String] { seen.withLock { $0.map(\.text) } }
    var metrics: [MetricsLine] { lines.withLock { $0 } }

    /// - Parameters:
    ///   - copies: at that step the folder is copied without its lock: what a crash would have left.
    ///   - looks: opens the run to look at.
    ///   - plan: on data that no recipe finds.
    ///   - onRetrained: sent when the retraining of A has ended and paused.
    init(
        _ recipe: Recipe? = nil, in path: String, threads: Int = 1, interactive: Bool = true,
        startsPaused: Bool = false, without: [Int] = [], restarts: Bool = false, looks: Bool = false,
        kernelTimes: KernelTimes? = nil, undoBytes: Int? = nil, moreSteps: Int? = nil, plan: TrainingPlan? = nil,
        _ cues: [Cue] = [],
        copies: [(step: Int, path: String)] = [],
        onRetrained: [Command] = []
    ) throws {
        let run =
            FileManager.default.fileExists(atPath: path + "/recipe.yaml")
            ? try looks ? RunFolder.look(at: path) : RunFolder.open(path) : try RunFolder.create(path, recipe: recipe!)
        let box = Locked<Session?>(nil)
        let cueBox = Locked(cues), copyBox = Locked(copies)
        let seen = Locked<[Message]>([]), lines = Locked<[MetricsLine]>([])
        var options = Session.Options()
        options.threads = threads
        options.isInteractive = interactive
        options.startsPaused = startsPaused
        options.kernelTimes = kernelTimes
        if let undoBytes { options.undoBytes = undoBytes }
        options.without = without
        options.moreSteps = moreSteps
        options.restarts = restarts
        options.onMetrics = { line in
            lines.withLock { $0.append(line) }
            copyBox.withLock { copies in
                guard let copy = copies.first, copy.step == line.step else { return }
                copies.removeFirst()
                copyRun(path, to: copy.path)
            }
            cueBox.withLock { cues in
                guard let cue = cues.first, cue.step == line.step else { return }
                cues.removeFirst()
                for command in cue.commands { box.withLock { $0?.send(command) } }
            }
        }
        options.onMessage = { message in
            seen.withLock { $0.append(message) }
            guard message.text.hasPrefix("retrained") else { return }
            for command in onRetrained { box.withLock { $0?.send(command) } }
        }
        session = Session(
            recipe: try recipe ?? RecipeReader.read(run.recipe), run: run, options: options, plan: plan)
        self.run = run
        self.seen = seen
        self.lines = lines
        let made = session
        release = { box.withLock { $0 = nil } }
        box.withLock { $0 = made }
        made.start()
    }

    /// Waits for the end; a session that hangs is an error, not a test that hangs.
    @discardableResult
    func end(seconds: Double = 60) throws -> Session.Ending {
        defer { release() }
        try until(seconds: seconds) { session.hasEnded }
        return session.wait()
    }

    @discardableResult
    func stop() throws -> Session.Ending {
        session.send(.stop)
        return try end()
    }

    func until(seconds: Double = 60, _ holds: () -> Bool) throws {
        let start = DispatchTime.now()
        while !holds() {
            // A limit that only a hang reaches: longer where more threads want the machine than it has cores.
            var load = 0.0
            _ = getloadavg(&load, 1)
            let share = max(1, load / Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
            if DispatchTime.now() > start + seconds * share { throw TookTooLong() }
            usleep(500)
        }
    }

    /// Waits for a snapshot that says so.
    func snapshot(_ holds: (Snapshot) -> Bool) throws -> Snapshot {
        var found: Snapshot?
        try until {
            found = session.latestSnapshot().flatMap { holds($0) ? $0 : nil }
            return found != nil || session.hasEnded
        }
        return try #require(found)
    }

    /// Sends while the session waits, and comes back when it waits again.
    func send(_ command: Command) throws {
        session.send(command)
        // A question that is never answered from an older copy: its refusal comes after the command.
        _ = try ask(.attempt(keep(1), steps: 0))
    }

    /// The last reply to a question.
    func ask(_ query: Query) throws -> Answer {
        let done = DispatchSemaphore(value: 0)
        let last = Locked<Answer?>(nil)
        session.ask(query) { answer in
            last.withLock { $0 = answer }
            if !answer.isLast { return }
            done.signal()
        }
        guard done.wait(timeout: .now() + 30) == .success else { throw TookTooLong() }
        return last.withLock { $0! }
    }

    func state(_ path: String? = nil) throws -> TrainingState {
        let plan = try TrainingPlan(session.recipe)
        let trainer = Trainer(plan, team: .init(size: 1))
        return try Checkpoint.read(path ?? run.latest, network: trainer.network).state
    }
}

/// A copy without the lock.
func copyRun(_ path: String, to copy: String) {
    let files = FileManager.default
    try! files.createDirectory(atPath: copy + "/checkpoints", withIntermediateDirectories: true)
    for name in files.subpaths(atPath: path) ?? []
    where name != "lock" && name != "checkpoints" && !name.contains(".espalier-") {
        try! files.copyItem(atPath: path + "/" + name, toPath: copy + "/" + name)
    }
}

/// Every file and folder of a run with its bytes and its time: what reading must leave as it is.
func everything(_ path: String) -> [String] {
    (FileManager.default.subpaths(atPath: path) ?? []).sorted().map { name in
        var status = stat()
        lstat(path + "/" + name, &status)
        let bytes = contents(path + "/" + name) ?? []
        return "\(name) \(status.st_mode) \(bytes.hashValue) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }
}

/// What must be the same to the byte.
func remains(_ path: String) -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in ["final.safetensors", "final.bitmask.safetensors", "checkpoints/latest.safetensors", "journal.jsonl"] {
        result[name] = contents(path + "/" + name)
    }
    return result
}

func expectSame(_ a: String, _ b: String, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
    let left = remains(a), right = remains(b)
    #expect(left["checkpoints/latest.safetensors"] != nil, sourceLocation: sourceLocation)
    for name in Set(left.keys).union(right.keys).sorted() {
        #expect(left[name] == right[name], "\(what): \(name)", sourceLocation: sourceLocation)
    }
}

extension TrainingState {
    /// The same network, dense: zeros where nothing is.
    func withAPlaceForEveryWeight() -> TrainingState {
        var state = self
        for number in state.layers.indices {
            let arrays = state.layers[number].arrays
            guard let indices = arrays.indices else { continue }
            func spread(_ values: [Float]) -> [Float] {
                var all = [Float](repeating: 0, count: state.layers[number].total)
                for (index, value) in zip(indices, values) { all[index] = value }
                return all
            }
            state.layers[number].arrays = LayerArrays(
                indices: nil, values: spread(arrays.values), slots: arrays.slots.map(spread), bias: arrays.bias,
                biasSlots: arrays.biasSlots)
        }
        return state
    }
}
