import Descriptors
import Sparsity
import Testing

/// Small literal scores, the expected mask written out.
@Suite struct MaskerTests {
    @Test func globalRankingCutsTheSmallestAnywhere() throws {
        let layers = [layer("a", 2, 2, [0.1, -0.9, 0.3, -0.2]), layer("b", 1, 4, [5, -0.05, 6, 0.25])]
        #expect(try cut(0.5, layers) == [[false, true, true, false], [true, false, true, false]])
    }

    @Test func tiesGoByLayerThenPosition() throws {
        let layers = [layer("a", 1, 4, [1, 1, 1, 1]), layer("b", 1, 4, [1, -1, 1, 1])]
        #expect(try cut(0.25, layers) == [[false, false, true, true], [true, true, true, true]])
        // The guard keeps the last weight of a, so the ranking goes on in b.
        #expect(try cut(0.5, layers) == [[false, false, false, true], [false, true, true, true]])
    }

    @Test func uniformCutsEachLayerToTheTarget() throws {
        let layers = [layer("a", 1, 4, [1, 2, 3, 4]), layer("b", 1, 4, [50, 60, 40, 70])]
        #expect(
            try cut(0.5, layers, distribution: "uniform")
                == [[false, false, true, true], [false, true, false, true]])
    }

    @Test func weightsCutBeforeCountAndFewerZerosAreNeverMade() throws {
        // Five of eight weights are live: three zeros are there already.
        let live = LiveWeights(
            name: "a", rows: 2, columns: 4, indices: [0, 2, 3, 5, 7], values: [0.5, -0.1, 0.4, 0.2, 0.3])
        #expect(try cut(0.5, [live]) == [[true, false, true, true, true]])
        #expect(try cut(0.75, [live]) == [[true, false, true, false, false]])
        #expect(try cut(0.25, [live]) == [[true, true, true, true, true]])
    }

    @Test func collapseGuardKeepsTheBestWeight() throws {
        let layers = [layer("a", 1, 3, [0.1, 0.3, 0.2]), layer("b", 1, 5, [1, 2, 3, 4, 5])]
        // Six zeros: a would lose all three, so b gives one more.
        #expect(try cut(0.75, layers) == [[false, true, false], [false, false, false, false, true]])
        #expect(try cut(0.99, layers) == [[false, true, false], [false, false, false, false, true]])
    }

    @Test func aLayerThatMayVanishDoes() throws {
        let layers = [layer("a", 1, 3, [0.1, 0.3, 0.2], mayVanish: true), layer("b", 1, 5, [1, 2, 3, 4, 5])]
        #expect(try cut(0.375, layers) == [[false, false, false], [true, true, true, true, true]])
    }

    @Test func neuronsGoWholeAndClassesStay() throws {
        let layers = [
            layer("a", 3, 2, [1, 1, 0.1, 0.2, 3, 3]), layer("out", 2, 3, [0, 0, 0, 0, 0, 0], isOutput: true),
        ]
        let one = [[true, true, false, false, true, true], [true, true, true, true, true, true]]
        // One zero asked for: a whole neuron goes, and no more than that.
        #expect(try cut(0.1, layers, granularity: "neuron") == one)
        #expect(try cut(0.16, layers, granularity: "neuron") == one)
        let two = [[false, false, false, false, true, true], [true, true, true, true, true, true]]
        #expect(try cut(0.25, layers, granularity: "neuron") == two)
        #expect(try cut(0.9, layers, granularity: "neuron") == two)
    }

    @Test func neuronsOfSparseRowsAreNumberedByTheirLiveWeights() throws {
        let live = LiveWeights(name: "a", rows: 4, columns: 3, indices: [0, 2, 6, 7, 11], values: [1, 2, 3, 4, 5])
        let neuron = try Granularities.make("neuron")
        #expect(neuron.groups(of: live) == [0, 0, 1, 1, 2])
    }

    @Test func blocksAreNumberedAsTheyComeAndGoWhole() throws {
        // Blocks of 2 × 2 in 3 × 5 weights; the last ones are cut short by the edges.
        let block = try Granularities.make("block", ["rows": .integer(2), "columns": .integer(2)])
        let a = layer("a", 3, 5, [1, 1, 9, 9, 5, 1, 1, 9, 9, 5, 4, 4, 7, 7, 2])
        #expect(block.groups(of: a) == [0, 0, 1, 1, 2, 0, 0, 1, 1, 2, 3, 3, 4, 4, 5])
        // Five zeros: the block of ones (4), then that of 2 (1).
        #expect(
            try cut(1.0 / 3, [a], block) == [
                [
                    false, false, true, true, true, false, false, true, true, true, true, true, true, true, false,
                ]
            ])
        // Without live weights a block has no number.
        let live = LiveWeights(name: "a", rows: 4, columns: 4, indices: [2, 3, 7, 8], values: [1, 2, 3, 4])
        #expect(block.groups(of: live) == [0, 0, 0, 1])
    }

    @Test func kernelsAndInputChannels() throws {
        // Two outputs, two inputs, kernels of two taps.
        let a = LiveWeights(name: "a", rows: 2, columns: 4, kernelArea: 2, values: [1, 2, 3, 4, 5, 6, 0, 1])
        #expect(try Granularities.make("kernel").groups(of: a) == [0, 0, 1, 1, 2, 2, 3, 3])
        #expect(try Granularities.make("input-channel").groups(of: a) == [0, 0, 1, 1, 0, 0, 1, 1])
        // Means of kernels: 1.5, 3.5, 5.5, 0.5; of channels: 3.5, 2.
        #expect(
            try cut(0.25, [a], Granularities.make("kernel"))
                == [[true, true, true, true, true, true, false, false]])
        #expect(
            try cut(0.25, [a], Granularities.make("input-channel"))
                == [[true, true, false, false, true, true, false, false]])
    }

    @Test func nOfMKeepsTheBestOfEachNeighbourhood() throws {
        let granularity = try Granularities.make("n-of-m", ["n": .integer(1), "m": .integer(2)])
        // Two rows of five: the last input of a row stands alone and stays.
        let a = layer("a", 2, 5, [9, 8, 1, 2, 0.1, -4, 3, 5, 5, 0.2])
        #expect(
            try cut(0.9, [a], granularity)
                == [[true, false, false, true, true, true, false, false, true, true]])
        // On the way there the smallest go first: one zero, then two.
        #expect(
            try cut(0.2, [a], granularity)
                == [[true, true, false, true, true, true, false, true, true, true]])
        // What was cut before leaves fewer in a neighbourhood, and these stay.
        let live = LiveWeights(name: "a", rows: 1, columns: 4, indices: [0, 2, 3], values: [1, 3, 2])
        #expect(try cut(0.9, [live], granularity) == [[true, true, false]])
        #expect(throws: ArgumentError.self) {
            try Granularities.make("n-of-m", ["n": .integer(4), "m": .integer(4)])
        }
    }

    @Test(arguments: [
        ("l1", [Float(2), 3, 2]),
        ("l2", [Float(5).squareRoot(), 3, Float(20.0 / 3).squareRoot()]),
        ("max", [3, 3, 4]),
    ])
    func normsAreDividedByTheGroupsSize(norm: String, expected: [Float]) throws {
        let neuron = try Granularities.make("neuron", ["norm": .text(norm)])
        let scores = neuron.groupScores([1, -3, 3, 9, 0, -2, -4], groups: [0, 0, 1, -1, 2, 2, 2])
        #expect(scores == expected)
    }

    @Test func layersGoWholeWhereAnotherPathLeadsAround() throws {
        let layers = [
            layer("a", 1, 2, [0.1, 0.1]), layer("side", 1, 2, [1, 1], mayVanish: true), layer("b", 1, 2, [0.2, 0.2]),
        ]
        #expect(try cut(0.3, layers, granularity: "layer") == [[true, true], [false, false], [true, true]])
    }

    @Test func nothingToCutIsSaid() {
        #expect(throws: SparsityError.self) {
            try cut(0.5, [layer("a", 1, 2, [1, 2])], granularity: "layer")
        }
        #expect(throws: SparsityError.self) {
            try cut(0.5, [layer("out", 1, 2, [1, 2], isOutput: true)], granularity: "neuron")
        }
    }

    /// The layers that a path leads around are gone already: the rest stays.
    @Test func nothingMoreIsCutOnceAllThatMayGoIsGone() throws {
        let layers = [
            layer("a", 1, 2, [1, 2]),
            LiveWeights(name: "side", rows: 1, columns: 2, indices: [], values: [], mayVanish: true),
        ]
        #expect(try cut(0.9, layers, granularity: "layer") == [[true, true], []])
    }

    @Test func byHandScalesWithTheSchedule() throws {
        let byHand = try Distributions.make("by-hand", ["layers": .numbersByName(["a": 0.8, "b": 0.4])])
        let layers = [
            layer("a", 1, 4, [1, 2, 3, 4]), layer("b", 1, 4, [1, 2, 3, 4]), layer("c", 2, 2, [1, 2, 3, 4]),
        ]
        // Implied total: (0.8·4 + 0.4·4) / 12 = 0.4.
        #expect(try near(byHand.allocate(target: 0.2, final: 0.4, layers: layers), [0.4, 0.2, 0]))
        #expect(try near(byHand.allocate(target: 0.4, final: 0.4, layers: layers), [0.8, 0.4, 0]))
        #expect(try near(byHand.allocate(target: 0.9, final: 0.4, layers: layers), [0.8, 0.4, 0]))
        #expect(throws: SparsityError.noSuchLayer("b", layers: ["a"])) {
            try byHand.allocate(target: 0.1, final: 0.1, layers: [layers[0]])
        }
    }

    @Test func randomCutsAreNestedAndDependOnTheSeed() throws {
        let layers = [layer("a", 10, 10, [Float](repeating: 1, count: 100))]
        let first = try cut(0.5, layers, criterion: "random", seed: 1, step: 10)
        let deeper = try cut(0.8, layers, criterion: "random", seed: 1, step: 20)
        #expect(zip(first[0], deeper[0]).allSatisfy { $0 || !$1 })
        #expect(first[0].count { $0 } == 50 && deeper[0].count { $0 } == 20)
        #expect(try cut(0.5, layers, criterion: "random", seed: 2) != first)

        // A second cut of the survivors ends where one deep cut ends.
        let positions = first[0].indices.filter { first[0][$0] }
        let survivors = LiveWeights(
            name: "a", rows: 10, columns: 10, indices: positions, values: positions.map { _ in 1 })
        let again = try cut(0.8, [survivors], criterion: "random", seed: 1, step: 20)
        #expect(zip(positions, again[0]).filter(\.1).map(\.0) == deeper[0].indices.filter { deeper[0][$0] })
    }
}

private func layer(
    _ name: String, _ rows: Int, _ columns: Int, _ values: [Float], mayVanish: Bool = false, isOutput: Bool = false
) -> LiveWeights {
    LiveWeights(
        name: name, rows: rows, columns: columns, values: values, mayVanish: mayVanish, isOutput: isOutput)
}

private func cut(
    _ sparsity: Double, _ layers: [LiveWeights], criterion: String = "magnitude", granularity: String = "weight",
    distribution: String = "global", seed: UInt64 = 7, step: Int = 0
) throws -> [[Bool]] {
    try Masker(
        criterion: Criteria.make(criterion), granularity: Granularities.make(granularity),
        distribution: Distributions.make(distribution)
    ).masks(sparsity: sparsity, layers: layers, seed: seed, step: step)
}

private func cut(
    _ sparsity: Double, _ layers: [LiveWeights], _ granularity: any Granularity
) throws -> [[Bool]] {
    try Masker(
        criterion: Criteria.make("magnitude"), granularity: granularity, distribution: Distributions.make("global")
    ).masks(sparsity: sparsity, layers: layers, seed: 1, step: 0)
}

private func near(_ allocation: Allocation, _ expected: [Double]) -> Bool {
    guard case .perLayer(let targets) = allocation, targets.count == expected.count else { return false }
    return zip(targets, expected).allSatisfy { abs($0 - $1) < 1e-12 }
}
