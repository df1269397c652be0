import CProcessor
import Foundation
import Synchronization

/// A team of threads, started once, that runs the tasks of one region after another.
///
/// A region is handed over by one atomic word, so a barrier costs about a microsecond, where `concurrentPerform`
/// costs 70 to 80. Workers spin for at most 50 µs between regions, then sleep.
///
///     word:  generation 24 bits | tasks 20 bits | next task 20 bits
///
/// All three lie in one word so that a worker that comes late can never take a task number of one region for
/// another: what it claims and how many there are come from the same fetch-and-add.
package final class Team: Sendable {
    /// Threads that work, the caller of `run` among them.
    package let size: Int
    private let shared = Shared()

    package static let maximumTasks = 1 << 20

    package init(size: Int) {
        precondition(size >= 1)
        self.size = size
        for number in 1..<max(size, 1) {
            let shared = self.shared
            let thread = Thread { shared.work() }
            thread.name = "espalier-\(number)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    deinit { shared.stop() }

    /// Times every region while it is there. Set between regions by the thread that calls `run`.
    package var profile: StepProfile? {
        get { shared.profile }
        set { shared.profile = newValue }
    }

    /// Runs a weight kernel inside a task, so that a profile can tell it from what lies around it.
    @inline(__always)
    package func kernel(_ kernel: StepProfile.Kernel, _ body: () -> Void) {
        guard let profile else { return body() }
        let start = StepProfile.now()
        body()
        profile.charge(kernel, StepProfile.now() - start)
    }

    /// Runs what lies around a weight kernel but is called by it.
    @inline(__always)
    package func aside(from kernel: StepProfile.Kernel, _ body: () -> Void) {
        guard let profile else { return body() }
        let start = StepProfile.now()
        body()
        profile.charge(kernel, start - StepProfile.now())
    }

    /// Runs `body` for each task number in 0 ..< tasks, on any thread and in any order, and returns when all are
    /// done. Only one thread may call this at a time. Allocates; what runs in every step is a `Region`.
    package func run(tasks: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { run(tasks: tasks, Region($0)) }
    }

    /// The same with work that was prepared; allocates nothing.
    package func run(tasks: Int, _ region: Region) {
        guard let profile else { return runTasks(tasks, region.body) }
        let start = StepProfile.now()
        runTasks(tasks) { task in
            let start = StepProfile.now()
            region.body(task)
            profile.chargeTask(StepProfile.now() - start)
        }
        profile.chargeRegion(StepProfile.now() - start)
    }

    private func runTasks(_ tasks: Int, _ body: @escaping (Int) -> Void) {
        if size == 1 || tasks <= 1 {
            for task in 0..<tasks { body(task) }
            return
        }
        precondition(tasks < Team.maximumTasks)
        shared.lead(tasks: tasks, body)
    }
}

/// The tasks of a region, prepared once by whoever runs it in every step: what differs from run to run it finds in its
/// owner, which it must not hold strongly.
package final class Region {
    fileprivate let body: (Int) -> Void
    package init(_ body: @escaping (_ task: Int) -> Void) { self.body = body }
}

private final class Shared: @unchecked Sendable {
    // Unchecked: `body` is written by the leader before the word that publishes it (release) and read only by a
    // thread that claimed a task of that word (acquire); the leader does not return, and so does not overwrite it,
    // before every claimed task is counted in `done`.
    private var body: ((Int) -> Void)?
    /// Written by the leader between regions only.
    var profile: StepProfile?
    private let word = Atomic<UInt64>(0)
    private let done = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private let condition = NSCondition()
    private static let spinNanoseconds: UInt64 = 50_000

    func lead(tasks: Int, _ body: @escaping (Int) -> Void) {
        self.body = body
        done.store(0, ordering: .relaxed)
        let generation = (word.load(ordering: .relaxed) >> 40) &+ 1
        word.store((generation << 40) | (UInt64(tasks) << 20), ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            condition.lock()
            condition.broadcast()
            condition.unlock()
        }
        takeTasks()
        var spins = 0
        while done.load(ordering: .acquiring) < tasks {
            spins += 1
            // A worker that lost its core to another process would be waited for without end otherwise.
            if spins > 4000 { sched_yield() } else { espalier_spin_hint() }
        }
        self.body = nil
    }

    func work() {
        // Now, and not in whichever step first gives this thread a task.
        _ = Arena.ofThread()
        while !stopping.load(ordering: .relaxed) {
            takeTasks()
            waitForWork()
        }
    }

    private func takeTasks() {
        while Self.hasTasks(word.load(ordering: .relaxed)) {
            let claimed = word.add(1, ordering: .acquiringAndReleasing).oldValue
            guard Self.hasTasks(claimed) else { return }
            body!(Int(claimed & 0xF_FFFF))
            done.add(1, ordering: .acquiringAndReleasing)
        }
    }

    private static func hasTasks(_ word: UInt64) -> Bool { (word & 0xF_FFFF) < ((word >> 20) & 0xF_FFFF) }

    private func waitForWork() {
        let start = DispatchTime.now().uptimeNanoseconds
        while true {
            for _ in 0..<64 {
                let current = word.load(ordering: .relaxed)
                if Self.hasTasks(current) || stopping.load(ordering: .relaxed) { return }
                espalier_spin_hint()
            }
            if DispatchTime.now().uptimeNanoseconds - start > Self.spinNanoseconds { break }
        }
        condition.lock()
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while !Self.hasTasks(word.load(ordering: .sequentiallyConsistent)), !stopping.load(ordering: .relaxed) {
            condition.wait()
        }
        sleepers.subtract(1, ordering: .relaxed)
        condition.unlock()
    }

    func stop() {
        stopping.store(true, ordering: .relaxed)
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}
