import Foundation
import Synchronization

/// Where the time of all threads goes in a step, by part: attached to a team by whoever asks (`bench train`). Without
/// one a region costs one look more.
///
/// A part (an operator, the loss, the optimizer) is charged with what its tasks took on all threads and what the calling
/// thread did between its regions; the weight kernels, which run inside such tasks, are charged for themselves. What is left
/// of threads × wall time is idle.
package final class StepProfile: @unchecked Sendable {
    // Unchecked: workers touch the atomics only; the rest is the calling thread's.

    /// The passes of the weight kernels, as opposed to everything around them; `gradients` makes both at once.
    package enum Kernel: String, CaseIterable, Sendable { case forward, inputGradient, weightGradient, gradients }

    private let forward = Atomic<Int>(0)
    private let inputGradient = Atomic<Int>(0)
    private let weightGradient = Atomic<Int>(0)
    private let gradients = Atomic<Int>(0)
    private let tasks = Atomic<Int>(0)
    private var regions = 0
    private var parts: [String: Int] = [:]
    private var wall = 0

    package init() {}

    private var kernels: Int { Kernel.allCases.reduce(0) { $0 + nanoseconds($1) } }

    private func nanoseconds(_ kernel: Kernel) -> Int {
        switch kernel {
        case .forward: forward.load(ordering: .relaxed)
        case .inputGradient: inputGradient.load(ordering: .relaxed)
        case .weightGradient: weightGradient.load(ordering: .relaxed)
        case .gradients: gradients.load(ordering: .relaxed)
        }
    }

    /// Charges `body` to a part. Parts do not nest.
    package func part<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        let kernelsBefore = kernels
        tasks.store(0, ordering: .relaxed)
        regions = 0
        let start = StepProfile.now()
        let result = try body()
        let wall = StepProfile.now() - start
        let around = tasks.load(ordering: .relaxed) - (kernels - kernelsBefore)
        parts[name, default: 0] += wall - regions + around
        self.wall += wall
        return result
    }

    /// A region of a team took so long.
    func chargeRegion(_ nanoseconds: Int) { regions += nanoseconds }

    /// One of its tasks took so long, on any thread.
    func chargeTask(_ nanoseconds: Int) { tasks.add(nanoseconds, ordering: .relaxed) }

    func charge(_ kernel: Kernel, _ nanoseconds: Int) {
        switch kernel {
        case .forward: forward.add(nanoseconds, ordering: .relaxed)
        case .inputGradient: inputGradient.add(nanoseconds, ordering: .relaxed)
        case .weightGradient: weightGradient.add(nanoseconds, ordering: .relaxed)
        case .gradients: gradients.add(nanoseconds, ordering: .relaxed)
        }
    }

    static func now() -> Int { Int(DispatchTime.now().uptimeNanoseconds) }

    /// What was charged to a part.
    package func nanoseconds(ofPart name: String) -> Int { parts[name] ?? 0 }

    /// Shares of threads × wall time since the start, which sum to 1: the kernels by pass, the parts around them by name,
    /// and `idle`. `outside` is everything but the kernels, idle threads included.
    package func shares(threads: Int) -> (kernels: [(String, Double)], around: [(String, Double)], outside: Double) {
        let total = Double(max(1, threads * wall))
        let inside = Kernel.allCases.map { ($0.rawValue, Double(nanoseconds($0)) / total) }
        var around = parts.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value) / total) }
        let busy = (inside + around).reduce(0) { $0 + $1.1 }
        around.append(("idle", 1 - busy))
        return (inside, around, 1 - inside.reduce(0) { $0 + $1.1 })
    }
}
