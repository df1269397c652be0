import Descriptors
import Kernels
import Sparsity
import Testing

/// What methods that exchange weights decide, on weights written out.
@Suite struct ExchangeTests {
    /// Of 2 × 6 positions; two and two of the weights are equally near to zero.
    private static let layer = LiveWeights(
        name: "a", rows: 2, columns: 6, indices: [0, 2, 5, 7, 8, 11], values: [0.5, -0.1, 0.3, -0.2, 0.1, 0.9])

    private func context(
        _ step: Int, _ layer: LiveWeights = layer, gradient: [Float] = [],
        found: [(Int, Float)] = [], totalSteps: Int = 1000, seed: UInt64 = 7,
        schedule: (any Schedule)? = nil
    ) throws -> StepContext {
        var context = StepContext(
            step: step, totalSteps: totalSteps, stepsPerEpoch: 10, seed: seed,
            schedule: try schedule ?? Schedules.make("constant", ["final": .number(0.5)]),
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

    /// With many equal weights and gradients, against sorting.
    @Test(arguments: [3, 1 << 20]) func rigLAgreesWithSorting(coarse: Int) throws {
        let random = CounterRandom(seed: 5, purpose: .test)
        func number(_ place: Int, _ kind: Int) -> Float {
            Float(random.integer(below: coarse, place, kind) - coarse / 2)
        }
        let live = (0..<400).filter { $0 % 3 != 0 }
        let layer = LiveWeights(
            name: "a", rows: 20, columns: 20, indices: live, values: live.map { number($0, 0) })
        let gradient = live.map { number($0, 1) }
        let found = (0..<400).filter { $0 % 3 == 0 }.map { ($0, number($0, 2)) }
        let rigL = try Methods.make("rigl", ["drop": .number(1), "until": .number(1), "every": .integer(100)])
        let change = try #require(
            try decided(rigL, context(500, layer, gradient: gradient, found: found)))
        let count = live.count / 2
        let gone = live.indices.sorted { (abs(layer.values[$0]), $0) < (abs(layer.values[$1]), $1) }.prefix(count)
        let candidates = (gone.map { (live[$0], gradient[$0]) } + found)
            .sorted { (abs($0.1), -$0.0) > (abs($1.1), -$1.0) }
        let grown = Set(candidates.prefix(count).map(\.0)), dropped = Set(gone.map { live[$0] })
        #expect(change.drop == dropped.subtracting(grown).sorted())
        #expect(change.grow == grown.subtracting(dropped).sorted().map { .init($0) })
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

    // MARK: GraNet

    @Test func graNetCutsAndRegenerates() throws {
        let schedule = try Schedules.make("steps", ["points": .numbersByName(["10": 0.75])])
        let graNet = try Methods.make("granet", ["drop": .number(0.7)])
        func decided(_ found: [(Int, Float)], at step: Int = 10) throws -> MaskChange? {
            try self.decided(
                graNet,
                context(step, gradient: [9, 0.5, 0.2, -2, 0.1, 9], found: found, totalSteps: 20, schedule: schedule))
        }
        // Three of twelve stay: 0.9, 0.5 and 0.3. Of these ⌊0.35 · 3⌋ goes, 0.3 at 5; one comes back, the largest gradient: 7.
        #expect(try decided([(1, 0.5), (3, -1)]) == MaskChange(layer: 0, drop: [2, 5, 8]))
        #expect(
            try decided([(1, 0.5), (3, -3)]) == MaskChange(layer: 0, drop: [2, 5, 7, 8], grow: [.init(3)]))
        #expect(
            try graNet.needs(of: context(10, totalSteps: 20, schedule: schedule)) == [.growth(layer: 0, count: 2)])
        #expect(try decided([], at: 9) == nil && decided([], at: 11) == nil)
        #expect(try !graNet.replacesUpdate(context(10, totalSteps: 20, schedule: schedule)))
        #expect(graNet.initialSparsity(schedule) == nil)
        let start = try Schedules.make("cubic", ["initial": .number(0.5), "final": .number(0.9), "end": .integer(9)])
        #expect(graNet.initialSparsity(start) == 0.5)
    }

    @Test func graNetCountsWhereAllAreZero() throws {
        let schedule = try Schedules.make("steps", ["points": .numbersByName(["10": 0.75])])
        let zeros = LiveWeights(name: "a", rows: 2, columns: 6, values: [Float](repeating: 0, count: 12))
        let change = try decided(
            Methods.make("granet", ["drop": .number(0)]),
            context(10, zeros, gradient: [Float](repeating: 1, count: 12), totalSteps: 20, schedule: schedule))
        #expect(change == MaskChange(layer: 0, drop: Array(0..<9)))
    }

    // MARK: MEST

    @Test func mestDropsBySizeAndGradient() throws {
        let mest = try Methods.make(
            "mest", ["drop": .number(0.5), "gradient": .number(1), "every": .integer(100)])
        // Scores 0.5, 1.1, 0.3, 0.2, 0.25, 0.9.
        let gradient: [Float] = [0, 1, 0, 0, -0.15, 0]
        let change = try #require(try decided(mest, context(100, gradient: gradient)))
        #expect(change.drop == [5, 7, 8] && change.grow.count == 3)
        // From half way on half as many; after three quarters none.
        let late = try #require(try decided(mest, context(600, gradient: gradient)))
        #expect(late.drop == [7] && late.grow.count == 1)
        for step in [101, 750, 800] { #expect(try decided(mest, context(step, gradient: gradient)) == nil) }
    }

    @Test func mestsSurplusGoesAtTheEnd() throws {
        let mest = try Methods.make("mest", ["surplus": .number(0.25), "every": .integer(100)])
        let layer = LiveWeights(
            name: "a", rows: 2, columns: 6, indices: Array(0..<9), values: (1...9).map { Float($0) })
        let gradient = [Float](repeating: 0, count: 9)
        let schedule = try Schedules.make("constant", ["final": .number(0.5)])
        #expect(mest.initialSparsity(schedule) == 0.25)
        // Nine at the bound, six at the target.
        #expect(
            try decided(mest, context(100, layer, gradient: gradient))
                == MaskChange(layer: 0, drop: [0, 1, 2], grow: [.init(9), .init(10), .init(11)]))
        let late = try #require(try decided(mest, context(600, layer, gradient: gradient)))
        #expect(late.drop == [0, 1, 2] && late.grow.count == 1)
        #expect(try decided(mest, context(750, layer, gradient: gradient)) == MaskChange(layer: 0, drop: [0, 1, 2]))
        // It goes where 'every' does not divide the way, too.
        let odd = try Methods.make("mest", ["surplus": .number(0.25), "every": .integer(333)])
        #expect(try decided(odd, context(750, layer, gradient: gradient)) == MaskChange(layer: 0, drop: [0, 1, 2]))
        #expect(try decided(odd, context(999, layer, gradient: gradient)) == nil)
    }

    // MARK: SRigL

    @Test func sRigLKeepsTheFanInAndAblates() throws {
        let layer = LiveWeights(
            name: "a", rows: 3, columns: 4, indices: [0, 1, 4, 5, 8, 9], values: [0.9, 0.8, 0.1, 0.2, 0.7, -0.05],
            mayVanish: true)
        let found: [(Int, Float)] = [(2, 0.5), (3, 0.2), (6, 0.15), (7, 0.1), (10, -0.4), (11, 0.05)]
        func decided(_ ablate: Double) throws -> MaskChange? {
            let sRigL = try Methods.make(
                "srigl", ["drop": .number(1), "until": .number(1), "ablate": .number(ablate)])
            #expect(try sRigL.needs(of: context(500, layer)) == [.rowGrowth(layer: 0, count: 3, each: 4)])
            return try self.decided(sRigL, context(500, layer, gradient: [9, 9, 0.1, 0.1, 9, 0.3], found: found))
        }
        // The weights at 4, 5 and 9 go; the gradients at 2, 10 and 9 are the largest. The second row has none that is salient:
        // it goes, and the others have three each.
        #expect(try decided(0.5) == MaskChange(layer: 0, drop: [4, 5], grow: [.init(2), .init(10)]))
        // With all rows each has two; of the gradients of 0.1 the earlier stays.
        #expect(try decided(0) == MaskChange(layer: 0, drop: [5, 9], grow: [.init(6), .init(10)]))
    }

    // MARK: CHTs

    @Test func scoresFollowFromTheMask() {
        // (1, 0) is reached over row 0 and column 1; nothing leads to the last column.
        #expect(BipartiteScores(rows: 2, columns: 3, links: [0, 1, 4]).scores == [0, 0, 0, 4, 0, 0])
        // By the formula, with matrices.
        let rows = 5, columns = 7
        let links = (0..<rows * columns).filter { $0 * 7 % 11 < 4 }
        func has(_ row: Int, _ column: Int) -> Bool { links.contains(row * columns + column) }
        func join(_ first: [Bool], _ second: [Bool]) -> Float {
            let shared = zip(first, second).count { $0 && $1 }
            let elsewhere = max(0, second.count { $0 } - shared - 1)
            return shared == 0 ? 0 : Float(1 + shared) / Float(1 + elsewhere)
        }
        let rowLinks = (0..<rows).map { row in (0..<columns).map { has(row, $0) } }
        let columnLinks = (0..<columns).map { column in (0..<rows).map { has($0, column) } }
        let found = BipartiteScores(rows: rows, columns: columns, links: links).scores
        for row in 0..<rows {
            for column in 0..<columns {
                var expected: Float = 0
                if !has(row, column) {
                    for other in 0..<rows where has(other, column) { expected += join(rowLinks[row], rowLinks[other]) }
                    for other in 0..<columns where has(row, other) {
                        expected += join(columnLinks[column], columnLinks[other])
                    }
                }
                #expect(abs(found[row * columns + column] - expected) < 1e-5)
            }
        }
    }

    @Test func chtsSamplesWhatGoesAndWhatComes() throws {
        let chts = try Methods.make("chts", ["drop": .number(0.5)])
        var gone = [Int](repeating: 0, count: 12), came = gone
        for seed in 1...200 as ClosedRange<UInt64> {
            guard let change = try decided(chts, context(10, seed: seed)) else { continue }
            #expect(change.drop.count == change.grow.count && change.drop.count <= 3)
            #expect(Set(change.drop).isSubset(of: [0, 2, 5, 7, 8, 11]))
            #expect(Set(change.grow.map(\.position)).isSubset(of: [1, 3, 4, 6, 9, 10]))
            for position in change.drop { gone[position] += 1 }
            for weight in change.grow { came[weight.position] += 1 }
        }
        // 0.9 is kept more often than 0.1.
        #expect(gone[11] < gone[2] && gone[11] < gone[8] && came.reduce(0, +) > 100)
        #expect(try decided(chts, context(20)) == decided(chts, context(20)))
        let wide = LiveWeights(name: "a", rows: 200_000, columns: 200_000, indices: [], values: [])
        #expect(throws: ArgumentError.self) { try chts.require([wide], masker: context(1).masker) }
    }

    // MARK: Places

    @Test func placesOutsideAMaskAreEquallyLikely() {
        #expect(RandomPlaces.outside([1, 4, 5], total: 8, count: 9, seed: 1, layer: 0, step: 0) == [0, 2, 3, 6, 7])
        #expect(RandomPlaces.outside(nil, total: 8, count: 3, seed: 1, layer: 0, step: 0).isEmpty)
        #expect(RandomPlaces.outside([], total: 3, count: 3, seed: 1, layer: 0, step: 0) == [0, 1, 2])
        var counts: [[Int]: Int] = [:]
        for step in 0..<3000 {
            counts[RandomPlaces.outside([1, 4, 5], total: 8, count: 2, seed: 1, layer: 0, step: step), default: 0] += 1
        }
        // Ten pairs of five places, 300 of each on average with a deviation of 16.
        #expect(counts.count == 10 && counts.values.allSatisfy { (220...380).contains($0) })
        // A layer of 40 billion places.
        let live = (0..<1000).map { $0 * 40_000_000 }
        let places = RandomPlaces.outside(live, total: 40_000_000_000, count: 5000, seed: 3, layer: 1, step: 2)
        #expect(places.count == 5000 && Set(places).count == 5000 && places == places.sorted())
        #expect(Set(places).isDisjoint(with: live) && places.last! < 40_000_000_000)
        #expect(places.count { $0 < 20_000_000_000 } > 2300)
    }
}
