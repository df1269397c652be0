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
