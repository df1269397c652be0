import Kernels
import Synchronization

/// Seconds that the kernels of one layer took in a step, on all threads together and as far as these had a processor: what
/// else the machine does is left out.
package final class LayerClock: Sendable {
    /// What is timed for itself; `gradients` makes both at once, `prepare` the copy that dense passes read.
    package enum Part: Int, CaseIterable, Sendable { case prepare, forward, inputGradient, weightGradient, gradients }

    private let prepare = Atomic<Int>(0)
    private let forward = Atomic<Int>(0)
    private let inputGradient = Atomic<Int>(0)
    private let weightGradient = Atomic<Int>(0)
    private let gradients = Atomic<Int>(0)

    package init() {}

    /// Of all parts since the last call.
    package func take() -> [Double] {
        [
            prepare.exchange(0, ordering: .relaxed), forward.exchange(0, ordering: .relaxed),
            inputGradient.exchange(0, ordering: .relaxed), weightGradient.exchange(0, ordering: .relaxed),
            gradients.exchange(0, ordering: .relaxed),
        ].map { Double($0) / 1e9 }
    }

    private func charge(_ part: Part, _ nanoseconds: Int) {
        switch part {
        case .prepare: prepare.wrappingAdd(nanoseconds, ordering: .relaxed)
        case .forward: forward.wrappingAdd(nanoseconds, ordering: .relaxed)
        case .inputGradient: inputGradient.wrappingAdd(nanoseconds, ordering: .relaxed)
        case .weightGradient: weightGradient.wrappingAdd(nanoseconds, ordering: .relaxed)
        case .gradients: gradients.wrappingAdd(nanoseconds, ordering: .relaxed)
        }
    }

    /// Runs a task of a layer, timed where it has a clock.
    @inline(__always)
    static func time(_ part: Part, of layer: WeightLayer, _ body: () -> Void) {
        guard let clock = layer.clock else { return body() }
        let start = threadNanoseconds()
        body()
        clock.charge(part, threadNanoseconds() - start)
    }

    /// Runs what a kernel calls and is none of its work.
    @inline(__always)
    static func aside(from part: Part, of layer: WeightLayer, _ body: () -> Void) {
        guard let clock = layer.clock else { return body() }
        let start = threadNanoseconds()
        body()
        clock.charge(part, start - threadNanoseconds())
    }
}
