import CAllocations
import Dispatch
import Foundation
import Graph
import Kernels
import Synchronization
import Testing
import Training

/// The numeric path allocates nothing after the first step, on any thread of the team. The allocator is the test
/// program's own (`CAllocations`) and counts the threads that ask for it.
@Suite(.serialized) struct AllocationTests {
    @Test(arguments: ["mlp-784-40-30-10", "lenet-5", "resnet-8"], [1, 2])
    func aStepAllocatesNothing(_ network: String, _ threads: Int) throws {
        for optimizer in ["sgd", "adam"] {
            let trainer = try trainer(network, optimizer, threads: threads)
            for sparsity in [0.0, 0.9] {
                if sparsity > 0 { cut(trainer, sparsity) }
                // The first epoch of four steps, its last batch short, and the beginning of the next.
                for _ in 0..<5 { _ = try trainer.step() }
                let count = try allocations(trainer.network.team) { for _ in 0..<5 { _ = try trainer.step() } }
                #expect(count == 0, "\(network) \(optimizer) at \(sparsity)")
            }
        }
    }

    /// Nor where dense kernels run the passes of a mask.
    @Test(arguments: ["mlp-784-40-30-10", "lenet-5"], [1, 2])
    func aStepOfMixedKernelsAllocatesNothing(_ network: String, _ threads: Int) throws {
        let trainer = try trainer(network, "sgd", threads: threads)
        for layer in trainer.network.layers {
            layer.costs = KernelCosts(
                dense: .init(forward: 1, inputGradient: 1, weightGradient: 1),
                points: [
                    .init(
                        density: 0.5, sparse: .init(forward: 9, inputGradient: 9, weightGradient: 9), scatter: 0,
                        gather: 0)
                ])
        }
        cut(trainer, 0.4)
        #expect(trainer.network.layers.contains { $0.densePasses == .all && !$0.isDense })
        for _ in 0..<5 { _ = try trainer.step() }
        #expect(try allocations(trainer.network.team) { for _ in 0..<5 { _ = try trainer.step() } } == 0)
    }

    /// Nor where the kernels are watched, once they are chosen.
    @Test func aWatchedStepAllocatesNothing() throws {
        let times = KernelTimes(path: nil)
        let trainer = try trainer("mlp-784-40-30-10", "sgd", threads: 2, kernelTimes: times)
        let random = CounterRandom(seed: 4, purpose: .test)
        trainer.drop(
            trainer.network.layers.enumerated().map { number, layer in
                (0..<layer.map.weights).map { random.uniform(number, $0) >= 0.4 }
            }, event: 1)
        for _ in 0..<200 where !trainer.knowsKernels { _ = try trainer.step() }
        #expect(trainer.knowsKernels)
        for _ in 0..<5 { _ = try trainer.step() }
        #expect(try allocations(trainer.network.team) { for _ in 0..<5 { _ = try trainer.step() } } == 0)
    }

    /// Nor where one task makes both gradients of very many weights.
    @Test(arguments: [1, 2])
    func aStepOfManyChainsAllocatesNothing(_ threads: Int) throws {
        let network =
            "\n- {name: a, operator: convolution, channels: 64, kernel: 3, padding: 1, stride: 4}"
            + "\n- {name: b, operator: convolution, channels: 64, kernel: 3, padding: 1}"
            + "\n- {name: flat, operator: flatten}\n- {name: out, operator: linear, outputs: 10}"
        let trainer = try trainer(network, "sgd", threads: threads)
        cut(trainer, 0.45)
        for _ in 0..<5 { _ = try trainer.step() }
        #expect(try allocations(trainer.network.team) { for _ in 0..<5 { _ = try trainer.step() } } == 0)
    }

    /// Nor where rows have their columns in common.
    @Test(arguments: [1, 2])
    func aStepOfBlockKernelsAllocatesNothing(_ threads: Int) throws {
        let trainer = try trainer("mlp-784-40-30-10", "sgd", threads: threads)
        for layer in trainer.network.layers {
            let columns = layer.map.columns
            layer.set(layer.live().keeping((0..<layer.map.weights).map { $0 % columns % 5 == 0 }))
            #expect(layer.pattern is BlockPattern)
        }
        for _ in 0..<5 { _ = try trainer.step() }
        #expect(try allocations(trainer.network.team) { for _ in 0..<5 { _ = try trainer.step() } } == 0)
    }

    /// The counter sees every thread of a team, and nothing where nothing is.
    @Test func theCounterCounts() throws {
        let team = Team(size: 2)
        #expect(try allocations(team) {} == 0)
        #expect(try allocations(team) { espalier_allocate_once() } == 1)
        let none = try allocations(team) { onEveryThread(of: team) {} }
        #expect(try allocations(team) { onEveryThread(of: team) { espalier_allocate_once() } } == none + 2)
        #expect(try allocations(team) { _ = FloatBuffer(count: 3) } > 0)
    }

    private func allocations(_ team: Team, _ body: () throws -> Void) throws -> Int {
        onEveryThread(of: team) { espalier_count_allocations(1) }
        let before = espalier_allocations()
        let result = Result { try body() }
        let after = espalier_allocations()
        onEveryThread(of: team) { espalier_count_allocations(0) }
        try result.get()
        return Int(after - before)
    }

    /// One task a thread: none ends before all have begun.
    private func onEveryThread(of team: Team, _ body: () -> Void) {
        let arrived = Atomic<Int>(0)
        team.run(tasks: team.size) { _ in
            arrived.add(1, ordering: .acquiringAndReleasing)
            while arrived.load(ordering: .acquiring) < team.size { sched_yield() }
            body()
        }
    }

    private func trainer(
        _ network: String, _ optimizer: String, threads: Int, kernelTimes: KernelTimes? = nil
    ) throws -> Trainer {
        let recipe = try RecipeReader.read(
            "network: \(network)\nbatch: 40\nvalidation: 1\naudit: false\noptimizer: {name: \(optimizer)}",
            file: "allocations", name: "allocations")
        let shape = Shape(channels: 1, height: 28, width: 28)
        let random = CounterRandom(seed: 3, purpose: .test)
        let images = Samples(
            shape: shape, pixels: (0..<151 * shape.features).map { UInt8(truncatingIfNeeded: random.bits($0)) },
            labels: (0..<151).map { UInt8($0 % 10) })
        return Trainer(
            try TrainingPlan(recipe, data: DataSet(name: "random", train: images, test: images)),
            team: Team(size: threads), kernelTimes: kernelTimes)
    }

    private func cut(_ trainer: Trainer, _ sparsity: Double) {
        let random = CounterRandom(seed: 4, purpose: .test)
        for (number, layer) in trainer.network.layers.enumerated() {
            layer.set(
                layer.live().keeping((0..<layer.map.weights).map { Double(random.uniform(number, $0)) >= sparsity }))
        }
    }
}
