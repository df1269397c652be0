import Kernels
import Testing

/// Every kind of pattern against the dense kernels, byte by byte, at the sizes around all tiles.
@Suite struct PatternTests {
    static let shapes: [MaskShape] = [
        .weights, .blocks(height: 4, width: 1), .blocks(height: 8, width: 1), .blocks(height: 3, width: 2),
        .blocks(height: 4, width: 4), .blocks(height: 1, width: 4), .nOfM(2, 4), .nOfM(1, 4), .nOfM(3, 5),
        .rowsAndColumns,
    ]

    static func layers(_ shape: MaskShape) -> [LayerFixture] {
        (WeightKernelTests.layers + [1, 0].map { LayerFixture(samples: 33, channels: 50, rows: 29, density: $0) }).map {
            var layer = $0
            layer.shape = shape
            return layer
        }
    }

    @Test(arguments: shapes) func everyPatternGivesTheBytesOfTheDenseKernels(_ shape: MaskShape) throws {
        for layer in Self.layers(shape) {
            let dense = layer.runDense()
            for pattern in try Self.patterns(layer) {
                let run = layer.run(pattern)
                #expect(sameBytes(run.y, dense.y), "\(type(of: pattern)) \(layer)")
                #expect(sameBytes(run.dx, dense.dx), "\(type(of: pattern)) \(layer)")
                #expect(sameBytes(run.dw, dense.dw), "\(type(of: pattern)) \(layer)")
            }
        }
    }

    /// Sparse kernels over parts of the weights, each with sums of its own.
    @Test func selectedWeightsGiveTheBytesOfTheDenseKernels() {
        for layer in [
            LayerFixture(samples: 65, channels: 81, rows: 13, density: 0.2),
            LayerFixture(
                samples: 19, channels: 6, height: 8, width: 9, rows: 7, window: KernelWindow(kernel: 3, padding: 1),
                lanes: 16, density: 0.2),
        ] {
            let mask = layer.mask, all = mask.indices.filter { mask[$0] || $0 % 3 == 0 }
            let pattern = SelectedPattern(
                DensePattern(map: layer.map), computing: layer.indices, learning: all, needsInputGradient: true)
            let run = layer.run(pattern), dense = layer.runDense()
            #expect(sameBytes(run.y, dense.y) && sameBytes(run.dx, dense.dx), "\(layer)")
            #expect(sameBytes(run.dw, dense.dw) && sameBytes(run.db, dense.db), "\(layer)")
        }
    }

    @Test(arguments: shapes) func storageHoldsEachWeightOnce(_ shape: MaskShape) throws {
        for layer in Self.layers(shape) {
            for pattern in try Self.patterns(layer) {
                #expect(pattern.rowMajorIndices() == layer.indices, "\(type(of: pattern)) \(layer)")
                #expect(pattern.rowMajorOrder().sorted() == (0..<layer.indices.count).map { UInt32($0) })
                #expect(pattern.nnz == layer.indices.count && pattern.storageCount == pattern.nnz)
            }
        }
    }

    /// Those that can hold the layer's mask.
    static func patterns(_ layer: LayerFixture) throws -> [any WeightPattern] {
        [
            try #require(BlockPattern(map: layer.map, indices: layer.indices, needsInputGradient: true)),
            sparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: true),
        ]
    }

    @Test(
        arguments: [
            (.blocks(height: 4, width: 1), "BlockPattern"), (.blocks(height: 8, width: 1), "BlockPattern"),
            (.blocks(height: 4, width: 4), "BlockPattern"), (.rowsAndColumns, "BlockPattern"),
            (.nOfM(2, 4), "SparsePattern"), (.nOfM(1, 4), "SparsePattern"), (.weights, "SparsePattern"),
            (.nOfM(3, 5), "SparsePattern"), (.blocks(height: 1, width: 4), "SparsePattern"),
        ] as [(MaskShape, String)])
    func aMaskGetsThePatternThatSuitsIt(_ shape: MaskShape, _ name: String) {
        var layer = LayerFixture(channels: 64, rows: 64)
        layer.shape = shape
        let pattern = sparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: true)
        #expect("\(type(of: pattern))" == name)
        layer.groups = 2
        let grouped = sparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: true)
        #expect(grouped is SparsePattern)
    }

    /// The block kernels of images are slower than those of single weights.
    @Test func blocksOfAnImageAreSingleWeights() {
        var layer = LayerFixture(
            channels: 16, height: 6, width: 6, rows: 16, window: KernelWindow(kernel: 3, padding: 1), lanes: 16)
        layer.shape = .blocks(height: 4, width: 1)
        #expect(sparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: true) is SparsePattern)
    }

    @Test func rowsAndColumnsRemovedShareOneList() throws {
        var layer = LayerFixture(channels: 64, rows: 64)
        layer.shape = .rowsAndColumns
        let pattern = try #require(BlockPattern(map: layer.map, indices: layer.indices, needsInputGradient: false))
        // Sixteen groups of four rows at 24 bytes, their numbers, and a list.
        #expect(pattern.bytes < 2_000)
        let sparse = SparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: false)
        #expect(sparse.bytes > 2 * pattern.bytes)
    }

    /// Each task of both gradients has a strip, together they have all, and they come out even.
    @Test func everyTaskOfBothGradientsHasWork() {
        var shared = 0
        for channels in 1...70 {
            let map = LayerFixture(
                samples: 16, channels: channels, height: 1, width: 9, rows: 1,
                window: KernelWindow(kernel: 3, padding: 1), lanes: 16
            ).map
            for halves in [1, 2] {
                for threads in 1...70 {
                    guard let parts = map.gradientParts(halves: halves, threads: threads) else { continue }
                    shared += threads > 1 ? 1 : 0
                    let strips = (0..<parts.count).map { parts[$0] }
                    #expect(strips.allSatisfy { !$0.isEmpty } && strips.flatMap(\.self) == Array(0..<map.channelStrips))
                    let rounds = (halves * parts.count + threads - 1) / threads
                    let most = strips.map(\.count).max()!
                    #expect(rounds * most * threads * 5 <= 6 * halves * map.channelStrips)
                }
            }
        }
        #expect(shared > 100)
    }
}
