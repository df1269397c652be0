import Graph
import Kernels
import Testing

@Suite struct KernelCostsTests {
    /// Sparse passes take density · 2 in all three; the dense ones 1, so that the curves cross at one half.
    private func costs(scatter: Double = 0, gather: Double = 0) -> KernelCosts {
        KernelCosts(
            dense: .init(forward: 1, inputGradient: 1, weightGradient: 1),
            points: [0.1, 0.5, 1].map { density in
                KernelCosts.Point(
                    density: density,
                    sparse: .init(
                        forward: 2 * density, inputGradient: 2 * density, weightGradient: 2 * density),
                    scatter: scatter, gather: gather)
            })
    }

    @Test func aKernelIsLeftOnlyForOneThatGainsMoreThanTwoPercent() {
        let costs = costs()
        func passes(_ density: Double, _ now: DensePasses) -> DensePasses {
            costs.densePasses(at: density, now: now, needsInputGradient: true)
        }
        // Sparse kernels are left where dense ones take less than 0.98 of their time: above 0.5102.
        #expect(passes(0.51, []) == [])
        #expect(passes(0.511, []) == .all)
        // And dense ones below 0.49.
        #expect(passes(0.491, .all) == .all)
        #expect(passes(0.489, .all) == [])
        // Each pass stays where it is.
        for now in DensePasses.combinations
        where !now.contains(DensePasses.forward) || now.contains(DensePasses.inputGradient) {
            #expect(passes(0.5, now) == now)
        }
    }

    @Test func passesAreChosenApart() {
        var costs = costs()
        costs.dense = .init(forward: 3, inputGradient: 0.3, weightGradient: 0.3)
        #expect(costs.densePasses(at: 0.5, now: [], needsInputGradient: true) == [.inputGradient, .weightGradient])
        costs.dense = .init(forward: 3, inputGradient: 0.3, weightGradient: 3)
        #expect(costs.densePasses(at: 0.5, now: .all, needsInputGradient: true) == .inputGradient)
        // Where no input gradient is wanted none is chosen.
        #expect(costs.densePasses(at: 0.5, now: .all, needsInputGradient: false) == [])
        // The copy beside both patterns would take too much memory.
        costs.dense = .init(forward: 0.3, inputGradient: 3, weightGradient: 0.3)
        #expect(costs.densePasses(at: 0.5, now: [], needsInputGradient: true) == .weightGradient)
        #expect(costs.densePasses(at: 0.5, now: [], needsInputGradient: false) == [.forward, .weightGradient])
    }

    @Test func copiesCount() {
        // At 0.7 sparse takes 1.4: one dense pass gains 0.4 before the copy, two share it.
        func passes(_ scatter: Double, _ gather: Double, needsInputGradient: Bool = true) -> DensePasses {
            costs(scatter: scatter, gather: gather).densePasses(
                at: 0.7, now: [], needsInputGradient: needsInputGradient)
        }
        #expect(passes(0.5, 0.5) == [.forward, .inputGradient])
        #expect(passes(0.5, 0.5, needsInputGradient: false) == [])
        #expect(passes(0.9, 0.1) == .weightGradient)
    }

    @Test func costsBetweenPointsLieOnALine() {
        let costs = KernelCosts(
            dense: .init(forward: 1, inputGradient: 1, weightGradient: 1),
            points: [(0.7, 4.0), (0.2, 1.0)].map { density, seconds in
                KernelCosts.Point(
                    density: density,
                    sparse: .init(forward: seconds, inputGradient: 2 * seconds, weightGradient: 3 * seconds),
                    scatter: 4 * seconds, gather: 5 * seconds)
            })
        #expect(costs.points.map(\.density) == [0.2, 0.7])
        let middle = costs.point(at: 0.45)
        #expect(abs(middle.sparse.forward - 2.5) < 1e-12 && abs(middle.sparse.inputGradient - 5) < 1e-12)
        #expect(abs(middle.sparse.weightGradient - 7.5) < 1e-12)
        #expect(abs(middle.scatter - 10) < 1e-12 && abs(middle.gather - 12.5) < 1e-12)
        #expect(costs.point(at: 0.7).sparse.forward == 4)
        // Outside in proportion to the nearest.
        #expect(abs(costs.point(at: 0.1).sparse.forward - 0.5) < 1e-12)
        #expect(abs(costs.point(at: 0.875).sparse.forward - 5) < 1e-12)
    }

    /// Sparse kernels that make both gradients in one pass count by that pass.
    @Test func bothGradientsAreDecidedTogether() {
        func costs(_ gradients: Double?) -> KernelCosts {
            KernelCosts(
                dense: .init(forward: 9, inputGradient: 1, weightGradient: 1),
                points: [
                    .init(
                        density: 0.5, sparse: .init(forward: 1, inputGradient: 1.5, weightGradient: 1.5),
                        gradients: gradients, scatter: 0, gather: 0)
                ])
        }
        let gradients: DensePasses = [.inputGradient, .weightGradient]
        #expect(costs(nil).densePasses(at: 0.5, now: [], needsInputGradient: true) == gradients)
        #expect(costs(1.8).densePasses(at: 0.5, now: gradients, needsInputGradient: true) == [])
        // Not by less than 2 %, and without an input gradient there are no two.
        #expect(costs(1.97).densePasses(at: 0.5, now: gradients, needsInputGradient: true) == gradients)
        #expect(costs(1.97).densePasses(at: 0.5, now: [], needsInputGradient: true) == [])
        #expect(costs(0.1).densePasses(at: 0.5, now: [], needsInputGradient: false) == .weightGradient)
    }

    @Test func aDecisionNeedsTheDensitiesAroundIt() {
        #expect(KernelCosts.neighbours(of: 0.4) == [0.35, 0.5])
        #expect(KernelCosts.neighbours(of: 0.5) == [0.5])
        #expect(KernelCosts.neighbours(of: 1) == [1])
        #expect(KernelCosts.neighbours(of: 0.35) == [0.35])
    }

    @Test func withoutFiguresKernelsAreSparse() {
        let none = KernelCosts(dense: .init(forward: 1, inputGradient: 1, weightGradient: 1))
        #expect(none.densePasses(at: 0.9, now: .all, needsInputGradient: true) == [])
        #expect(costs().densePasses(at: 0.05, now: .all, needsInputGradient: true) == [])
    }

    /// Figures that were taken beside other dense ones count by how they compare with those.
    @Test func pointsOfAnotherMomentAreJoinedByTheirRatio() {
        var slower = KernelCosts(
            dense: .init(forward: 2, inputGradient: 4, weightGradient: 8), spread: 0.3)
        slower.insert(
            .init(
                density: 0.7, sparse: .init(forward: 6, inputGradient: 4, weightGradient: 2), gradients: 6, scatter: 1,
                gather: 2))
        let joined = costs().joined(by: slower)
        #expect(joined.dense == costs().dense && joined.spread == 0.3)
        #expect(joined.points.map(\.density) == [0.1, 0.5, 0.7, 1])
        #expect(joined.points[2].sparse == .init(forward: 3, inputGradient: 1, weightGradient: 0.25))
        #expect(joined.points[2].gradients == 1 && joined.points[2].scatter == 0.5 && joined.points[2].gather == 0.25)
    }

    /// Steps of training go before the table where they were made, and in proportion elsewhere.
    @Test func stepsCorrectTheTable() {
        let steps = KernelCosts(
            dense: .init(forward: 4, inputGradient: 4, weightGradient: 4),
            points: [
                .init(
                    density: 0.5, sparse: .init(forward: 2, inputGradient: 4, weightGradient: 8), scatter: 0.5,
                    gather: 0)
            ])
        let corrected = costs(scatter: 0.25).corrected(by: steps)
        #expect(corrected.dense == steps.dense && corrected.points.map(\.density) == [0.1, 0.5, 1])
        #expect(corrected.point(at: 0.5) == steps.points[0])
        #expect(corrected.point(at: 1).sparse == .init(forward: 4, inputGradient: 8, weightGradient: 16))
        #expect(KernelCosts(dense: steps.dense).corrected(by: steps) == steps)
        let passes: DensePasses = [.forward, .inputGradient]
        #expect(corrected.seconds(passes, at: 0.5, needsInputGradient: true) == 4 + 4 + 8 + 0.5)
        #expect(corrected.seconds([], at: 0.5, needsInputGradient: true) == 2 + 4 + 8)
    }

    /// What blocks cost is not in the table.
    @Test func blocksRunByTheirOwnKernels() throws {
        let graph = try Graph(input: Shape(channels: 40), [.init("a", Linear(outputs: 40))])
        let network = Network(graph, capacity: 3, team: Team(size: 1), trains: true)
        network.initialize(seed: 1)
        let layer = network.layers[0]
        layer.costs = costs()
        let whole = layer.live()
        layer.set(whole.keeping((0..<1600).map { $0 % 40 % 5 > 0 }))
        #expect(layer.pattern is BlockPattern && layer.densePasses == [])
        layer.set(whole.keeping((0..<1600).map { $0 % 7 > 0 }))
        #expect(layer.pattern is MixedPattern)
    }

    /// The kernels follow the density, both ways, and never more than the mask tells.
    @Test func aLayerChoosesAtEachChangeOfItsMask() throws {
        let graph = try Graph(
            input: Shape(channels: 20), [.init("a", Linear(outputs: 60)), .init("b", Linear(outputs: 48))])
        let network = Network(graph, capacity: 3, team: Team(size: 1), trains: true)
        network.initialize(seed: 1)
        let layer = network.layers[1]
        layer.costs = costs()
        #expect(layer.densePasses == .all)
        let whole = layer.live()
        var seen: [DensePasses] = []
        for count in [36, 22, 20, 18, 2, 20, 22, 38] {
            // In no row the columns of another, for blocks have kernels of their own.
            var arrays = whole.keeping(whole.values.indices.map { $0 * 17 % 2880 < 72 * count })
            arrays.bias[0] = Float(count)
            layer.set(arrays)
            #expect(layer.live() == arrays && layer.nnz == 72 * count && !layer.isDense)
            seen.append(layer.densePasses)
        }
        #expect(seen == [.all, .all, .all, [], [], [], .all, .all])
    }
}
