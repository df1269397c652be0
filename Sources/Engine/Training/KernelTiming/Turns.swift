import Dispatch
import Kernels

/// Kernels timed in turns on this thread, so that whatever else the machine does meets them alike. The least time of each
/// counts, for other programs can only add to it, and only while the thread has a processor.
struct Turns {
    private var bodies: [() -> Void] = []

    /// - Returns: the place of its time among those of `run`.
    mutating func add(_ body: @escaping () -> Void) -> Int {
        bodies.append(body)
        return bodies.count - 1
    }

    /// - Parameter budgetSeconds: after the fifth round there is no other once they are over.
    /// - Returns: seconds of each; and how far the middle time lies above the least, of the kernel in the middle.
    func run(rounds: Int = 15, budgetSeconds: Double) -> (least: [Double], spread: Double) {
        let begun = DispatchTime.now().uptimeNanoseconds
        for body in bodies { body() }
        var seconds = [[Double]](repeating: [], count: bodies.count)
        for round in 0..<rounds {
            if round >= 5, Self.since(begun) > budgetSeconds { break }
            for (number, body) in bodies.enumerated() {
                let start = threadNanoseconds()
                body()
                seconds[number].append(Double(threadNanoseconds() - start) / 1e9)
            }
        }
        let sorted = seconds.map { $0.sorted() }
        let strays = sorted.map { $0[$0.count / 2] / max($0[0], 1e-9) - 1 }.sorted()
        return (sorted.map { $0[0] }, strays.isEmpty ? 0 : strays[strays.count / 2])
    }

    private static func since(_ start: UInt64) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }
}
