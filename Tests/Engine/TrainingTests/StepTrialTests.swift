import Foundation
import Graph
import Kernels
import Testing
import Training

/// The choice of kernels is checked over real steps, and no step is another for it.
@Suite struct StepTrialTests {
    private static let networks = [
        "mlp-64-24-16-10",
        """

          - {name: c1, operator: convolution, channels: 8, kernel: 3, padding: 1}
          - {name: r1, operator: relu}
          - {name: c2, operator: convolution, channels: 9, kernel: 3, stride: 2, padding: 1}
          - {name: r2, operator: relu}
          - {name: flat, operator: flatten}
          - {name: out, operator: linear, outputs: 10}
        """,
    ]

    /// A table by which dense kernels are taken, or never.
    private func times(dense: Bool) -> KernelTimes {
        KernelTimes(path: nil) { _, densities in
            let seconds = dense ? 0.01 : 100
            return KernelCosts(
                dense: .init(forward: seconds, inputGradient: seconds, weightGradient: seconds),
                points: densities.map {
                    .init(
                        density: $0, sparse: .init(forward: 1, inputGradient: 1, weightGradient: 1), scatter: 0.01,
                        gather: 0.01)
                })
        }
    }

    private func trainer(_ network: String, _ times: KernelTimes? = nil, threads: Int = 1) throws -> Trainer {
        Trainer(
            try plan(epochs: 9, network: network), team: Team(size: threads), kernelTimes: times)
    }

    /// In no row the columns of another, for blocks have kernels of their own.
    private func cut(_ trainer: Trainer, keeping share: Int, of whole: Int) {
        trainer.drop(
            trainer.network.layers.map { layer in
                (0..<layer.nnz).map { $0 * 2_654_435_761 % 65_537 % whole < share }
            }, event: 1)
    }

    /// Everything that a checkpoint holds of the layers.
    private func bits(_ trainer: Trainer) -> [[UInt32]] {
        trainer.state().layers.flatMap { layer -> [[UInt32]] in
            let arrays = layer.arrays
            var floats = [arrays.values, arrays.bias]
            floats += arrays.slots
            floats += arrays.biasSlots
            return [(arrays.indices ?? []).map { UInt32($0) }] + floats.map { $0.map(\.bitPattern) }
        }
    }

    /// Where one kernel for both gradients would leave threads idle, two make them, and what they take is counted.
    @Test(arguments: [1, 2, 3, 16])
    func everyKernelThatRanHasATime(threads: Int) throws {
        let network = Self.networks[1].replacingOccurrences(of: "stride: 2, ", with: "")
        let trainer = try trainer(network, times(dense: true), threads: threads)
        cut(trainer, keeping: 1, of: 2)
        for _ in 0..<80 where !trainer.knowsKernels { _ = try trainer.step() }
        #expect(trainer.knowsKernels)
        for layer in trainer.network.layers where layer.needsInputGradient {
            let costs = try #require(layer.costs)
            #expect(costs.points.allSatisfy { $0.gradients > 0 }, "\(layer.name)")
        }
    }

    /// Kernels that change at any step leave the bytes of a run as they are.
    @Test(arguments: networks)
    func aFlipAtAnyStepChangesNoByte(_ network: String) throws {
        let still = try trainer(network), flipping = try trainer(network)
        for trainer in [still, flipping] { cut(trainer, keeping: 3, of: 5) }
        let random = CounterRandom(seed: 8, purpose: .test)
        let combinations = DensePasses.combinations
        var used: Set<DensePasses> = []
        for step in 0..<60 {
            for (number, layer) in flipping.network.layers.enumerated() {
                // Some steps by what they had, the others by any.
                guard random.bits(step, number) % 3 > 0, let all = layer.patternOfAllKernels() else { continue }
                let passes = combinations[Int(random.bits(1, step, number) % UInt64(combinations.count))]
                let other = all.running(passes)
                layer.exchange(random.bits(2, step, number) % 2 == 0 ? other : other.lean)
                used.insert(layer.densePasses)
            }
            let losses = try [still, flipping].map { try $0.step().loss }
            #expect(losses[0] == losses[1], "step \(step)")
        }
        #expect(used.count == combinations.count)
        #expect(bits(still) == bits(flipping))
    }

    /// Nor does a trial, whole or cut short by another mask.
    @Test(arguments: networks, [1, 2])
    func aTrialChangesNoByte(_ network: String, _ threads: Int) throws {
        let plain = try trainer(network)
        let watched = try [true, false].map { try trainer(network, times(dense: $0), threads: threads) }
        var passes: Set<DensePasses> = []
        // The third mask ends a trial in the middle.
        for (steps, share) in [(3, 9), (70, 8), (13, 7), (90, 6)] {
            for trainer in [plain] + watched { cut(trainer, keeping: share, of: share + 1) }
            #expect(watched.allSatisfy { !$0.knowsKernels })
            for _ in 0..<steps {
                for trainer in [plain] + watched { _ = try trainer.step() }
                for trainer in watched { passes.formUnion(trainer.network.layers.map(\.densePasses)) }
            }
            for trainer in watched {
                #expect(bits(trainer) == bits(plain))
                #expect(trainer.knowsKernels == (steps > 60), "\(steps)")
            }
        }
        #expect(passes.isSuperset(of: [[], .all]))
        #expect(watched.allSatisfy { $0.network.layers.allSatisfy { $0.clock == nil } })
    }

    /// Where nothing competes nothing is tried.
    @Test func fewWeightsAreNotTried() throws {
        let trainer = try trainer(Self.networks[0], times(dense: true))
        #expect(trainer.knowsKernels)
        cut(trainer, keeping: 1, of: 4)
        #expect(trainer.knowsKernels && trainer.network.layers.allSatisfy { !$0.hasChoice })
    }

    /// What was tried leaves no more memory behind than what was chosen at once.
    @Test(arguments: DensePasses.combinations)
    func theLeanPatternIsTheOneThatIsMadeAtOnce(_ passes: DensePasses) throws {
        for network in Self.networks {
            let trainer = try trainer(network)
            cut(trainer, keeping: 1, of: 2)
            for layer in trainer.network.layers {
                let indices = try #require(layer.liveIndices())
                let lean = try #require(layer.patternOfAllKernels()).running(passes).lean
                let made: any WeightPattern =
                    passes.isEmpty
                    ? SparsePattern(
                        map: layer.map, indices: indices, needsInputGradient: layer.needsInputGradient)
                    : MixedPattern(
                        map: layer.map, indices: indices, densePasses: passes,
                        needsInputGradient: layer.needsInputGradient)
                #expect(lean.bytes == made.bytes && type(of: lean) == type(of: made))
                #expect(lean.rowMajorIndices() == indices && lean.needsPreparation == made.needsPreparation)
            }
        }
    }
}
