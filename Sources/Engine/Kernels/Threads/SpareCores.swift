import Foundation

/// Work that nobody has to have soon: of the processor it takes what other threads leave.
package enum SpareCores {
    /// Runs `body` on a thread of its own, which the scheduler gives nothing that another wants, and waits for it. Nobody else
    /// may wait for a lock that `body` holds: it might be held for long.
    package static func run<Result>(_ body: () -> Result) -> Result {
        withoutActuallyEscaping(body) { body in
            let work = Work(body)
            let thread = Thread {
                // A thread that gave this up could not take it back; so this one ends with its work. Where it is not allowed
                // the work is done like any other.
                var parameter = sched_param()
                pthread_setschedparam(pthread_self(), idlePolicy, &parameter)
                work.run()
            }
            thread.name = "espalier-spare"
            thread.stackSize = 8 << 20
            thread.start()
            return work.wait()
        }
    }

    #if canImport(Glibc)
        /// `SCHED_IDLE`, which Swift does not see.
        private static let idlePolicy: Int32 = 5
    #else
        private static let idlePolicy = SCHED_OTHER
    #endif
}

private final class Work<Result>: @unchecked Sendable {
    // Unchecked: written by one thread, and read by the other after the semaphore.
    private var body: (() -> Result)?
    private var result: Result?
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping () -> Result) { self.body = body }

    func run() {
        result = body!()
        // Nothing of the caller is held when it goes on.
        body = nil
        done.signal()
    }

    func wait() -> Result {
        done.wait()
        return result!
    }
}
