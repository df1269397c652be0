import Dispatch
import Foundation
import Graph
import Interchange
import Kernels
import Sparsity

/// A training session on its own Dispatch queue: the step loop, the schedules and masks, history, journal, checkpoints.
///
/// The loop runs on `queue` from `start` until it ends and blocks it; from outside only the mailbox and the snapshot box
/// are used. Commands are executed at step boundaries.
package final class Session: SessionPort, @unchecked Sendable {
    // Unchecked: everything that is not a `Locked` box or constant is touched on `queue` alone, which `onQueue()`
    // asserts at the entries.

    package struct Options: Sendable {
        /// Threads that train.
        package var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
        /// Out of steps, a session with a person at it waits; one without finishes.
        package var isInteractive = false
        /// Starts paused, as a run that is opened to look at.
        package var startsPaused = false
        /// Numbers of lines of the journal that are left out of the run from now on.
        package var without: [Int] = []
        /// Begins at step 0 where steps were made and their checkpoint is gone or damaged; the journal is gone through.
        package var restarts = false
        /// By which dense or sparse kernels are chosen for layers with a mask; nil: sparse ones, and nothing is measured.
        package var kernelTimes: KernelTimes?
        /// Where the run's data is now, and whether other data is meant.
        package var data = RunData.Choice()
        /// Steps that a finished run is trained on for, unsealed.
        package var moreSteps: Int?
        /// What a new run begins with in place of random weights.
        package var start: StartChoice?
        /// Bytes on the disk that undo and redo may take; the newest step of each stays whatever it takes.
        package var undoBytes = 512_000_000
        /// After so many seconds of training a dense copy is timed again.
        package var denseEverySeconds = 25.0
        /// Called on the session queue for each line of metrics.
        package var onMetrics: (@Sendable (MetricsLine) -> Void)?
        package var onMessage: (@Sendable (Message) -> Void)?

        package init() {}
    }

    /// How the loop ended.
    package enum Ending: Sendable {
        case finished(test: Reading)
        case stopped
        case failed(any Error)
    }

    package let run: RunFolder
    package let recipe: Recipe
    let options: Options
    let givenPlan: TrainingPlan?
    let queue = DispatchQueue(label: "espalier.session")

    // From outside.
    private let mailbox = Mailbox()
    private let snapshots = Locked<Snapshot?>(nil)
    private let wakers = Locked<[@Sendable () -> Void]>([])
    private let ending = Locked<Ending?>(nil)
    private let isPrepared = Locked(false)
    private let ended = DispatchGroup()
    /// Grows with every step, cut and undo.
    let version = Locked(0)
    /// Grows with every command; whether steps are being made. A copy of the weights may be a moment old only while both
    /// say that nothing but steps came after it.
    let edits = Locked(0)
    let isStepping = Locked(false)
    /// Looks at validation by previews, not yet counted in `memory`.
    package let previewLooks = Locked(0)
    private(set) lazy var preview = Preview(self, looks: previewLooks, threads: options.threads)
    let removalCache = Locked<[Int: Removal]>([:])

    // On the queue.
    var knownSchedule: (key: ScheduleKey, status: ScheduleStatus)?
    var trainer: Trainer!
    /// Of the network that the run began with; the trainer's may be one that units have left.
    var beginning: TrainingPlan!
    var journal: Journal!
    var metrics: Metrics!
    var memory = SessionMemory()
    var undoFiles = UndoFiles()
    /// Of the data that is trained on; how it differs from what the run was begun on; what `data.json` is to say.
    var dataIdentity: DataIdentity?
    var otherData: String?
    var newData: RunData?
    var phase = Snapshot.Phase.preparing
    var messages: [Message] = []
    var lastGood: TrainingState?
    var speed = SpeedMeter()
    var denseProbe = DenseProbe()
    var checkpointStep: Int?
    var checkpointTime: DispatchTime?
    let startTime = DispatchTime.now()
    private var lastPublished = DispatchTime(uptimeNanoseconds: 0)
    var saveFailure: SaveFailure?
    /// What the method decided after this step and could not be written: carried out before anything else.
    var unfollowed: [Decision] = []
    /// Whether that came after the validation at the end of the step.
    private var isUnfollowedLate = false
    /// A look could not be answered, for a file could not be written: that is done before anything else too.
    private var unanswered: LookAnswer?
    /// From the middle of a step nothing can be saved.
    var isMidStep: Bool { !unfollowed.isEmpty || unanswered != nil }
    var isReplayed = false
    /// What is said once.
    var said = Set<String>()

    /// - Parameter plan: of the recipe, where the caller has made one; else the session reads the data first.
    package init(recipe: Recipe, run: RunFolder, options: Options, plan: TrainingPlan? = nil) {
        givenPlan = plan
        self.recipe = recipe
        self.run = run
        self.options = options
    }

    // MARK: From outside

    package func start() {
        ended.enter()
        _ = preview
        queue.async { [self] in
            let how = loop()
            // Who asked is told, and the next process may have the run.
            for case .copy(_, _, let deliver) in mailbox.close() { deliver(nil) }
            run.close()
            ending.withLock { $0 = how }
            ended.leave()
        }
    }

    /// Waits until the loop has ended.
    package func wait() -> Ending {
        ended.wait()
        return ending.withLock { $0! }
    }
    /// Whether the session ended before it could make a step: its data or network could not be had.
    package var neverBegan: Bool { !isPrepared.withLock { $0 } }
    package var hasEnded: Bool { ending.withLock { $0 != nil } }

    package func send(_ command: Command) {
        _ = post(.command(command))
    }
    func post(_ mail: Mail) -> Bool { mailbox.post(mail) }
    func takeMail() -> Mail? { mailbox.take(withCommands: true) }
    func waitForMail() { mailbox.wait() }
    package func latestSnapshot() -> Snapshot? { snapshots.withLock { $0 } }
    package func onSnapshot(_ wake: @escaping @Sendable () -> Void) { wakers.withLock { $0.append(wake) } }
    package func ask(_ query: Query, reply: @escaping @Sendable (Answer) -> Void) { preview.ask(query, reply: reply) }
    package func cancel(_ kind: Query.Kind) { preview.cancel(kind) }

    /// The figure that decides, of the plan's data.
    var figure: FigureFormat { trainer.plan.figure.format }

    func onQueue() { dispatchPrecondition(condition: .onQueue(queue)) }

    // MARK: The loop

    private func loop() -> Ending {
        onQueue()
        do {
            publish(force: true)
            try prepare()
            // From here on there is something to save. Not told by a snapshot: the journal comes before the next one.
            isPrepared.withLock { $0 = true }
            if run.isReadOnly { return try showAround() }
            var moreSteps = options.moreSteps
            while true {
                try goThroughJournal()
                if let steps = moreSteps, journal.replaying == nil {
                    moreSteps = nil
                    try trainPastTheEnd(steps)
                }
                if try executeMail() { return .stopped }
                if case .finished = phase, !options.isInteractive { return .finished(test: memory.test!) }
                if isTraining {
                    isStepping.withLock { $0 = true }
                    try advance()
                } else if phase == .outOfSteps, !options.isInteractive, journal.replaying == nil {
                    try finish()
                    publish(force: true)
                } else if journal.replaying == nil {
                    isStepping.withLock { $0 = false }
                    publish(force: true)
                    mailbox.wait()
                }
            }
        } catch {
            let error = recipe.located(error)
            phase = .failed("\(error)")
            report(.error, "\(error)")
            publish(force: true)
            return .failed(error)
        }
    }

    var isTraining: Bool {
        switch phase {
        case .training, .retraining: true
        default: false
        }
    }

    /// The phase in which training goes on.
    var goingOn: Snapshot.Phase {
        if let retraining = trainer.progress.retraining {
            return .retraining(done: trainer.progress.step - retraining.start, of: retraining.steps)
        }
        return trainer.progress.step >= lastStep ? .outOfSteps : .training
    }

    /// The step at which the run is out of steps; `stop-after` goes before the schedules' end.
    var lastStep: Int {
        let limit = recipe.integer("stop-after")
        let isLimited = limit > 0 && trainer.progress.isUnsealed != true
        return isLimited ? min(limit, trainer.progress.totalSteps) : trainer.progress.totalSteps
    }

    /// Executes what has arrived. Returns true where the loop is to end.
    private func executeMail() throws -> Bool {
        while true {
            guard let item = mailbox.take(withCommands: journal.replaying == nil) else { return false }
            switch item {
            case .copy(let extent, let hold, let deliver):
                deliver(copy(extent))
                _ = hold?.wait(timeout: .now() + 0.05)
            case .command(.stop):
                try catchUp()
                if phase != .finished || saveFailure != nil { save() }
                publish(force: true)
                return true
            case .command(let command):
                try executeNow(command)
                publish(force: true)
            }
        }
    }

    /// A command from outside, whole or not at all.
    private func executeNow(_ command: Command) throws {
        guard try catchUp() else { return }
        let (position, phase) = (journal.position, phase)
        let before = (memory, trainer.progress, lastGood)
        do {
            try execute(command)
            keepUndoInRoom()
        } catch {
            report(.error, "\(error)")
            // The weights are not touched before the last file is written. Besides it changed nothing now, so that it must
            // change nothing when the journal is gone through.
            (memory, trainer.progress, lastGood) = before
            self.phase = phase
            if journal.position > position { journal.noteFailure(step: trainer.progress.step) }
        }
    }

    /// Ends the step in the middle of which a cut could not be written.
    /// - Returns: false where it still cannot.
    @discardableResult
    private func catchUp() throws -> Bool {
        guard isMidStep else { return true }
        let decisions = unfollowed
        (unfollowed, saveFailure) = ([], nil)
        try follow(decisions)
        guard unfollowed.isEmpty else { return false }
        if trainer.progress.step > 0 { try endStep(isValidated: isUnfollowedLate) } else { save() }
        return !isMidStep
    }

    /// One step and what follows from it: decisions, validation, checkpoint.
    private func advance() throws {
        let wasDense = trainer.network.layers.allSatisfy(\.isDense)
        let start = DispatchTime.now()
        let step = trainer.progress.step, wasRounded = trainer.progress.ranges != nil
        let outcome = try trainer.step()
        if !wasRounded, trainer.progress.ranges != nil {
            report(.note, "8 bits: the network is rounded from here on, and its figures are of that")
        }
        version.withLock { $0 += 1 }
        guard outcome.isFinite else { return try stopAtLastGood() }
        guard try requireFinite(statisticsOnly: true) else { return }
        speed.record(
            samples: trainer.batch(step).count,
            nanoseconds: DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds,
            isDense: wasDense)
        try timeDenseInTurns()
        try follow(trainer.decisions())
        guard unfollowed.isEmpty else {
            // What the journal says comes later was done to a network with this cut.
            if let saveFailure, journal.replaying != nil { throw saveFailure }
            try stopWhereNotSaved()
            return publish(force: true)
        }
        try endStep()
        if let saveFailure, isMidStep, journal.replaying != nil { throw saveFailure }
        try stopWhereNotSaved()
        publish(force: false)
    }

    private func answerLook(from first: LookAnswer, isLast: Bool) throws {
        unanswered = nil
        for answer in LookAnswer.allCases where answer.rawValue >= first.rawValue {
            let before = trainer.progress
            do {
                try self.answer(answer, isLast: isLast)
            } catch let failure as ReplayFailure {
                throw failure
            } catch {
                // The weights are not touched before the last file is written.
                trainer.progress = before
                unanswered = answer
                return failToSave(error)
            }
        }
    }

    private func endStep(isValidated: Bool = false) throws {
        let isLast = trainer.progress.step >= lastStep
        let validates = trainer.progress.step % recipe.integer("validate-every") == 0 || isLast
        if validates, !isValidated { validate() }
        isUnfollowedLate = false
        if !trainer.isSound, try !requireFinite() { return }
        if validates {
            if !isValidated || unanswered != nil { try answerLook(from: unanswered ?? .floor, isLast: isLast) }
            isUnfollowedLate = unanswered != nil
            if isUnfollowedLate { return }
            try releaseHeldCut()
            isUnfollowedLate = !unfollowed.isEmpty
            if isUnfollowedLate { return }
        }
        let every = max(1, trainer.plan.totalSteps / 500)
        if validates || trainer.progress.step % every == 0 { try record(validated: validates) }
        if let retraining = trainer.progress.retraining { try continueRetraining(retraining) }
        if trainer.progress.step >= lastStep, phase == .training {
            phase = .outOfSteps
            sayWhatWasHeld()
        }
        if trainer.progress.step % recipe.integer("checkpoint-every") == 0 {
            guard try requireFinite() else { return }
            save()
        }
    }

    /// Says what is done before the first step: any of it may take minutes.
    func prepares(_ what: String) {
        onQueue()
        var snapshot = preparingSnapshot()
        snapshot.phase = .preparing
        snapshot.preparation = what
        show(snapshot)
    }

    /// Puts a snapshot into the box, at most ten times a second unless forced.
    func publish(force: Bool) {
        let now = DispatchTime.now()
        guard force || now.uptimeNanoseconds - lastPublished.uptimeNanoseconds > 100_000_000 else { return }
        lastPublished = now
        show(trainer == nil || journal == nil || metrics == nil ? preparingSnapshot() : makeSnapshot())
    }

    private func show(_ snapshot: Snapshot) {
        snapshots.withLock { $0 = snapshot }
        for wake in wakers.withLock({ $0 }) { wake() }
    }
}
