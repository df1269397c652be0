import Descriptors
import Sparsity
import Testing

/// What methods that exchange weights decide, on weights written out.
@Suite struct ExchangeTests {
    /// Of 2 × 6 positions; two and two of the weights are equally near to zero.
    private static let layer = LiveWeights(
        name: "a", rows: 2, columns: 6, indices: [0, 2, 5, 7, 8, 11], values: [0.5, -0.1, 0.3, -0.2, 0.1, 0.9])

    private func context(
        _ step: Int, _ layer: LiveWeights = layer, gradient: [Float] = [],
        found: [(Int, Float)] = [], totalSteps: Int = 1000, seed: UInt64 = 7
    ) throws -> StepContext {
        var context = StepContext(
            step: step, totalSteps: totalSteps, stepsPerEpoch: 10, seed: seed,
            schedule: try Schedules.make("constant", ["final": .number(0.5)]),
            masker: Masker(
                criterion: try Criteria.make("magnitude"), granularity: try Granularities.make("weight"),
                distribution: try Distributions.make("uniform")),
            layers: [LiveWeights(layer, indices: [], values: [])], nnz: [layer.values.count]
        ) { _ in layer }
        context.gradient = { _ in gradient }
        context.found = [0: found.map { MaskChange.Weight($0.0, $0.1) }]
        return context
    }

    private func decided(_ method: any Sparsity.Method, _ context: StepContext) -> MaskChange? {
        var method = method
        guard case .change(let changes)? = method.respond(to: context).first else { return nil }
        #expect(changes.count == 1)
        return changes.first
    }

    // MARK: RigL

    @Test func rigLDropsTheSmallestAndGrowsTheLargestGradients() throws {
        let rigL = try Methods.make(
            "rigl", ["drop": .number(1), "until": .number(1), "every": .integer(100)])
        // Half way f is α / 2: three of six. The smallest are at 2, 8 and 7; at 7 the gradient is the largest of all outside.
        let change = try decided(
            rigL,
            context(500, gradient: [9, 0.5, 9, -2, 0.1, 9], found: [(1, 0.5), (3, -1), (4, 0.25)]))
        // Of the two gradients of 0.5 the earlier comes.
        #expect(change == MaskChange(layer: 0, drop: [2, 8], grow: [.init(1), .init(3)]))
        #expect(try rigL.needs(of: context(500)) == [.growth(layer: 0, count: 3)])
        #expect(try rigL.replacesUpdate(context(500)))
        for step in [1, 499, 501, 1000] {
            #expect(try rigL.needs(of: context(step)).isEmpty && !rigL.replacesUpdate(context(step)))
            #expect(try decided(rigL, context(step)) == nil)
        }
    }

    @Test func rigLEndsAtThreeQuarters() throws {
        let rigL = try Methods.make("rigl")
        #expect(
            try (1...1000).filter { try rigL.replacesUpdate(context($0)) } == [100, 200, 300, 400, 500, 600, 700])
        // f = 0.15 · (1 + cos(π · 100 / 750)) of 1,000.
        let wide = LiveWeights(
            name: "a", rows: 10, columns: 200, indices: Array(0..<1000), values: [Float](repeating: 1, count: 1000))
        #expect(try rigL.needs(of: context(100, wide)) == [.growth(layer: 0, count: 287)])
    }

    @Test func tiesGoByPosition() throws {
        let rigL = try Methods.make("rigl", ["drop": .number(1), "until": .number(1)])
        let equal = LiveWeights(name: "a", rows: 1, columns: 8, indices: [1, 3, 4, 6], values: [1, -1, 1, -1])
        let change = try decided(
            rigL, context(500, equal, gradient: [0, 0, 0, 0], found: [(0, 0), (2, 0)]))
        // At 1 and 3 they go; of the equal gradients at 0, 1, 2 and 3 the first two come, so 1 stays.
        #expect(change == MaskChange(layer: 0, drop: [3], grow: [.init(0)]))
    }

    @Test func theStartIsCutOnce() throws {
        for name in ["rigl", "set", "gse"] {
            var method = try Methods.make(name)
            #expect(try method.respond(to: context(0)) == [.cut(sparsity: 0.5)])
            #expect(type(of: method).startsRandom && type(of: method).usesSchedule)
            let schedule = try Schedules.make("cubic", ["final": .number(0.8), "end": .integer(50)])
            #expect(method.initialSparsity(schedule) == 0.8 && method.target(at: 3, schedule: schedule) == 0.8)
            let masker = Masker(
                criterion: try Criteria.make("magnitude"), granularity: try Granularities.make("neuron"),
                distribution: try Distributions.make("uniform"))
            #expect(throws: ArgumentError.self) { try method.require([Self.layer], masker: masker) }
        }
    }

    @Test func protectedAndFrozenLayersAreLeftAlone() throws {
        let weights = Self.layer
        for layer in [
            LiveWeights(name: "a", rows: 2, columns: 6, indices: [], values: [], isProtected: true),
            LiveWeights(name: "a", rows: 2, columns: 6, indices: [], values: [], isFrozen: true),
        ] {
            let given = LiveWeights(layer, indices: weights.indices, values: weights.values)
            for name in ["rigl", "set", "gse"] {
                let method = try Methods.make(name, ["every": .integer(5)])
                #expect(try decided(method, context(500, given, gradient: [1, 1, 1, 1, 1, 1])) == nil)
                #expect(try method.needs(of: context(500, given)).isEmpty)
            }
        }
    }

    // MARK: SET

    @Test func setDropsTheNearestToZeroOfEachSign() throws {
        // Positive 0.5, 0.3, 0.1, 0.9; negative -0.1, -0.2: of a half each, 0.3 and 0.1, and -0.1.
        let set = try Methods.make("set", ["drop": .number(0.5)])
        let change = try #require(try decided(set, context(20)))
        #expect(change.drop == [2, 5, 8] && change.values == nil)
        let grown = change.grow.map(\.position)
        #expect(grown.count == 3 && Set(grown).isSubset(of: [1, 3, 4, 6, 9, 10]) && grown == grown.sorted())
        #expect(change.grow.allSatisfy { $0.value == 0 })
        // After each epoch of ten steps, not after the last.
        #expect(try (1...30).filter { try decided(set, context($0, totalSteps: 30)) != nil } == [10, 20])
        // Other places at another step or of another seed.
        let others = try (1...20).map { try decided(set, context(10 * $0))!.grow }
        #expect(Set(others.map { $0.map(\.position) }).count > 5)
        #expect(try decided(set, context(20)) == change)
        #expect(try (1...9).contains { try decided(set, context(20, seed: $0))!.grow != change.grow })
    }

    @Test func setDropsEveryZero() throws {
        let layer = LiveWeights(
            name: "a", rows: 1, columns: 20, indices: [0, 3, 4, 9, 12], values: [0, -0.0, 1, 2, -3])
        let set = try Methods.make("set", ["drop": .number(0.5), "every": .integer(7)])
        let change = try #require(try decided(set, context(7, layer)))
        // ⌊½ · 2⌋ of the positive, ⌊½ · 1⌋ of the negative.
        #expect(change.drop == [0, 3, 4] && change.grow.count == 3)
    }

    @Test func setDropsNoMoreThanCanCome() throws {
        let layer = LiveWeights(
            name: "a", rows: 1, columns: 8, indices: [0, 1, 2, 3, 5, 6, 7], values: [3, 1, 2, 4, 5, 6, 7])
        let change = try #require(try decided(Methods.make("set", ["drop": .number(1)]), context(10, layer)))
        #expect(change == MaskChange(layer: 0, drop: [1], grow: [.init(4)]))
        let full = LiveWeights(name: "a", rows: 1, columns: 2, values: [1, 2])
        #expect(try decided(Methods.make("set", ["drop": .number(1)]), context(10, full)) == nil)
    }

    // MARK: GSE

    @Test func gseGrowsTheLargestOfItsCandidates() throws {
        let gse = try Methods.make(
            "gse", ["drop": .number(1), "until": .number(1), "every": .integer(100), "subset": .number(0.5)])
        guard case .gradients(0, let places)? = try gse.needs(of: context(500)).first else {
            Issue.record("no candidates")
            return
        }
        #expect(places.count == 3 && Set(places).isSubset(of: [1, 3, 4, 6, 9, 10]))
        let change = try decided(gse, context(500, found: [(1, 0.5), (3, -1), (9, 0.25)]))
        // ⌊½ · 6⌋ go; all three candidates come.
        #expect(change == MaskChange(layer: 0, drop: [2, 7, 8], grow: [.init(1), .init(3), .init(9)]))
        let late = try decided(gse, context(800, found: [(1, 0.5), (3, -0.5), (9, 0.25)]))
        // f = ½ · (1 + cos(0.8 π)) = 0.095: ⌊0.57⌋ is none.
        #expect(late == nil)
        // No optimizer's step is left out.
        #expect(try !gse.replacesUpdate(context(500)))
        // More candidates than places are all of them.
        let all = try Methods.make("gse", ["subset": .number(100), "every": .integer(100)])
        #expect(try all.needs(of: context(500)) == [.gradients(layer: 0, at: [1, 3, 4, 6, 9, 10])])
    }
}
