import Foundation
import Kernels
import Synchronization
import Testing

@Suite struct TeamTests {
    @Test(arguments: [1, 2, 3, 8]) func everyTaskRunsOnce(_ size: Int) {
        let team = Team(size: size)
        for region in 0..<2000 {
            let tasks = region % 37
            let counts = (0..<tasks).map { _ in Counter() }
            team.run(tasks: tasks) { counts[$0].value.add(1, ordering: .relaxed) }
            #expect(counts.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
        }
    }

    final class Counter: Sendable { let value = Atomic<Int>(0) }
}

@Suite struct SpareCoresTests {
    /// On a thread that takes what others leave; the caller stays what it was.
    @Test func theWorkIsDoneAndTheCallerKeepsItsPlace() {
        func policy() -> Int32 {
            var policy: Int32 = -1
            var parameter = sched_param()
            pthread_getschedparam(pthread_self(), &policy, &parameter)
            return policy
        }
        let before = policy()
        let caller = pthread_self()
        let (result, inside, isOther) = SpareCores.run { (6 * 7, policy(), pthread_equal(caller, pthread_self()) == 0) }
        #expect(result == 42 && isOther && policy() == before)
        #if canImport(Glibc)
            #expect(inside == 5)
        #endif
    }
}
