import Kernels
import Testing

@Suite struct WeightKernelTests {
    /// Sizes below, at, above and at multiples of each tile: 6 rows, 4 columns, 8 nonzeros, 16 lanes, 64 lanes,
    /// 4 panels side by side, 256 columns; runs of 1, 2, 3 and more image points; borders, strides, phases.
    static let layers: [LayerFixture] = {
        var layers: [LayerFixture] = []
        for lanes in [16, 64] {
            for (rows, channels) in [(1, 1), (5, 7), (6, 8), (7, 9), (12, 300), (37, 1), (1, 260), (13, 81)] {
                for samples in [1, 16, 17, 64, 65, 130] {
                    layers.append(LayerFixture(samples: samples, channels: channels, rows: rows, lanes: lanes))
                }
            }
        }
        for (height, width, kernel, stride, padding) in [
            (5, 5, 3, 1, 0), (5, 5, 3, 1, 1), (6, 7, 5, 1, 2), (8, 8, 3, 2, 1), (7, 9, 3, 2, 0), (9, 7, 2, 3, 1),
            (4, 4, 1, 1, 0), (5, 6, 1, 2, 0), (3, 3, 3, 1, 0), (12, 12, 5, 1, 0), (6, 5, 3, 3, 2), (4, 5, 2, 1, 1),
            // Phases of one position beside phases of more, and of one each.
            (3, 3, 3, 2, 1), (2, 3, 3, 2, 1), (4, 4, 3, 3, 1), (2, 2, 3, 2, 1),
            // Taps in no phase; runs of points long enough for the kernel of both gradients.
            (1, 9, 3, 2, 1), (1, 11, 3, 1, 1), (3, 29, 3, 1, 1), (4, 31, 5, 2, 2),
            // Rows of the kernel that read the border alone, for some positions and for all.
            (1, 7, 5, 1, 2), (1, 6, 5, 2, 4), (3, 4, 4, 3, 3), (2, 6, 7, 1, 3),
        ] {
            for (rows, channels) in [(1, 1), (7, 3), (6, 13), (20, 4)] {
                layers.append(
                    LayerFixture(
                        samples: 19, channels: channels, height: height, width: width, rows: rows,
                        window: KernelWindow(kernel: kernel, stride: stride, padding: padding), lanes: 16))
            }
        }
        for (kernel, stride, padding, dilation) in [(3, 1, 2, 2), (3, 2, 0, 2), (2, 2, 1, 3), (3, 3, 4, 2)] {
            var layer = LayerFixture(
                samples: 19, channels: 3, height: 8, width: 9, rows: 7,
                window: KernelWindow(kernel: kernel, stride: stride, padding: padding), lanes: 16)
            layer.window.dilation = KernelWindow.Axes(dilation)
            layers.append(layer)
        }
        // Images larger than the second-level cache, and rows longer than a segment.
        for (height, width, rows, stride) in [(24, 24, 37, 1), (7, 70, 9, 1), (30, 33, 14, 2)] {
            layers.append(
                LayerFixture(
                    samples: 20, channels: 20, height: height, width: width, rows: rows,
                    window: KernelWindow(kernel: 3, stride: stride, padding: 1), lanes: 16, density: 0.4))
        }
        // Several tiles of a row of the kernel, one, and one of two rows and of all.
        for density in [Float(0.5), 0.1, 0.03, 0.01] {
            layers.append(
                LayerFixture(
                    samples: 17, channels: 70, height: 3, width: 15, rows: 75,
                    window: KernelWindow(kernel: 3, padding: 1), lanes: 16,
                    density: density))
        }
        // More columns than the dense weight gradient takes at a time.
        for (channels, kernel) in [(64, 3), (48, 5), (90, 3)] {
            layers.append(
                LayerFixture(
                    samples: 17, channels: channels, height: 3, width: 4, rows: 31,
                    window: KernelWindow(kernel: kernel, padding: 1),
                    lanes: 16))
        }
        // More nonzeros in a strip of channels than both gradients are made of at once.
        layers.append(
            LayerFixture(
                samples: 17, channels: 5, height: 2, width: 5, rows: 2400, window: KernelWindow(kernel: 3, padding: 1),
                lanes: 16, density: 1)
        )
        // Every cut of the samples that a weight gradient holds a row of dy of; rows of more nonzeros than it takes at once, in
        // parts of a tile.
        for (lanes, panels) in (1...11).map({ (16, $0) }) + (1...5).map({ (64, $0) }) {
            layers.append(
                LayerFixture(samples: lanes * panels - 3, channels: 150, rows: 13, lanes: lanes, density: 0.6))
        }
        for density in [Float(0), 0.03, 0.2, 1] {
            layers.append(LayerFixture(samples: 70, channels: 700, rows: 30, density: density))
            layers.append(
                LayerFixture(
                    samples: 20, channels: 40, height: 6, width: 6, rows: 9,
                    window: KernelWindow(kernel: 3, padding: 1), lanes: 16,
                    density: density))
        }
        return layers
    }()

    /// Grouped and depthwise.
    static let grouped: [LayerFixture] = [(6, 6, 6), (12, 6, 6), (8, 4, 2), (6, 9, 3), (39, 26, 13)].flatMap {
        rows, channels, groups in
        [(1, 1), (2, 1), (1, 0)].flatMap { stride, padding in
            [Float(1), 0.4].map { density in
                LayerFixture(
                    samples: 18, channels: channels, height: 6, width: 7, rows: rows,
                    window: KernelWindow(kernel: 3, stride: stride, padding: padding), lanes: 16, groups: groups,
                    density: density)
            }
        }
    }

    @Test(arguments: grouped) func groupedLayersAgreeWithTheReference(_ layer: LayerFixture) {
        let reference = layer.reference
        let sparse = layer.runSparse()
        expectClose(sparse.y, reference.forward(weights: layer.weights, bias: layer.bias, x: layer.x))
        expectClose(sparse.dx, reference.inputGradient(weights: layer.weights, dy: layer.dy))
        expectClose(
            sparse.dw, zip(reference.weightGradient(x: layer.x, dy: layer.dy), layer.mask).map { $1 ? $0 : 0 })
        var full: [any WeightPattern] = [GroupedPattern(map: layer.map)]
        if layer.channels == layer.groups {
            full += [DepthwisePattern(map: layer.map), DepthwisePattern(map: layer.map, indices: layer.indices)]
        }
        for pattern in full {
            let dense = layer.run(pattern)
            #expect(sameBytes(dense.y, sparse.y), "\(type(of: pattern))")
            #expect(sameBytes(dense.dx, sparse.dx), "\(type(of: pattern))")
            #expect(sameBytes(dense.dw, sparse.dw), "\(type(of: pattern))")
            #expect(sameBytes(dense.db, sparse.db), "\(type(of: pattern))")
        }
    }

    @Test(arguments: layers) func kernelsAgreeWithTheReference(_ layer: LayerFixture) {
        let reference = layer.reference
        let y = reference.forward(weights: layer.weights, bias: layer.bias, x: layer.x)
        let dx = reference.inputGradient(weights: layer.weights, dy: layer.dy)
        let dw = zip(reference.weightGradient(x: layer.x, dy: layer.dy), layer.mask).map { $1 ? $0 : 0 }
        let dense = layer.runDense()
        expectClose(dense.y, y)
        expectClose(dense.dx, dx)
        expectClose(dense.dw, dw)
        let positions = reference.outputHeight * reference.outputWidth
        var db = [Double](repeating: 0, count: layer.rows)
        for (index, value) in layer.dy.enumerated() { db[index / positions % layer.rows] += Double(value) }
        expectClose(dense.db, db)
    }

    @Test(arguments: layers) func denseAndSparseAreEqualBits(_ layer: LayerFixture) {
        let dense = layer.runDense()
        let sparse = layer.runSparse()
        #expect(sameBytes(dense.y, sparse.y))
        #expect(sameBytes(dense.dx, sparse.dx))
        #expect(sameBytes(dense.dw, sparse.dw))
        #expect(sameBytes(dense.db, sparse.db))
    }

    /// However many tasks share the rows.
    @Test(arguments: [1, 2, 3]) func tasksOfMoreBlocksAreEqualBits(_ tasks: Int) {
        for layer in Self.layers where layer.rows > 12 || layer.channels > 12 {
            var shared = layer
            shared.tasks = tasks
            let mixed = MixedPattern(
                map: layer.map, indices: layer.indices, densePasses: .all, needsInputGradient: true)
            for (some, each) in [
                (shared.runDense(), layer.runDense()), (shared.runSparse(), layer.runSparse()),
                (shared.run(mixed), layer.runSparse()),
            ] {
                #expect(sameBytes(some.y, each.y), "\(layer)")
                #expect(sameBytes(some.dx, each.dx), "\(layer)")
                #expect(sameBytes(some.dw, each.dw), "\(layer)")
            }
        }
    }

    /// Whichever kernels run a pass, alone or beside others: the same bytes.
    @Test(arguments: layers) func mixedKernelsAreEqualBits(_ layer: LayerFixture) {
        let sparse = layer.runSparse()
        let (map, indices) = (layer.map, layer.indices)
        for passes in DensePasses.combinations {
            let mixed = MixedPattern(map: map, indices: indices, densePasses: passes, needsInputGradient: true)
            let result = layer.run(mixed)
            #expect(mixed.needsPreparation == passes.readWeights && mixed.storageCount == indices.count)
            #expect(sameBytes(result.y, sparse.y), "\(passes)")
            #expect(sameBytes(result.dx, sparse.dx), "\(passes)")
            #expect(sameBytes(result.dw, sparse.dw), "\(passes)")
        }
    }

    /// What a row of the kernel reads of the border above and below the image is left out.
    @Test(arguments: [(1, 1, Float(0.5)), (2, 1, 0.5), (1, 2, 0.5), (1, 1, 0.2)])
    func rowsOfTheKernelInTheBorderAreLeftOut(_ stride: Int, _ padding: Int, _ density: Float) {
        var layer = LayerFixture(
            samples: 19, channels: 32, height: 6, width: 6, rows: 31,
            window: KernelWindow(kernel: 3, stride: stride, padding: padding),
            lanes: 16, density: density)
        let patterns: [any WeightPattern] = [
            DensePattern(map: layer.map),
            SparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: true),
        ]
        for pattern in patterns {
            layer.rowsAround = 0
            let zeros = layer.run(pattern)
            layer.rowsAround = .nan
            let run = layer.run(pattern)
            #expect(sameBytes(run.y, zeros.y), "\(type(of: pattern))")
            #expect(sameBytes(run.dx, zeros.dx), "\(type(of: pattern))")
            #expect(sameBytes(run.dw, zeros.dw), "\(type(of: pattern))")
        }
    }

    @Test func aMixedPatternCountsItsCopies() {
        let layer = LayerFixture(samples: 1, channels: 9, rows: 7)
        func bytes(_ passes: DensePasses) -> Int {
            MixedPattern(map: layer.map, indices: layer.indices, densePasses: passes, needsInputGradient: true).bytes
        }
        let packed = 4 * DensePacking.count(rows: 7, columns: 9)
        #expect(bytes(.forward) - bytes([]) == packed)
        // The gradient passes through a thread's scratch.
        #expect(bytes([.forward, .weightGradient]) == bytes(.forward))
        // The transposed pattern is not made where no pass reads it.
        #expect(bytes([.forward, .inputGradient]) < bytes(.forward))
    }

    @Test(arguments: layers + grouped) func canonicalOrderIsAPermutation(_ layer: LayerFixture) {
        let indices = layer.indices
        let pattern = SparsePattern(map: layer.map, indices: indices, needsInputGradient: true)
        let canonical = pattern.canonicalIndices()
        #expect(canonical.sorted() == indices)
        #expect(pattern.rowMajorOrder().map { canonical[Int($0)] } == indices)
        // Of an image lower than the stride some taps read the border alone: no input has a gradient from them.
        let inPhases = indices.count { index in
            layer.map.phases.contains { $0.taps.contains(index % layer.map.columns % layer.map.taps) }
        }
        #expect(pattern.transposed.reduce(0) { $0 + $1.rows.nnz } == inPhases)
        #expect(inPhases == indices.count || layer.height < layer.window.stride.y && !pattern.makesBothGradients)
    }

    @Test func aPatternHoldsNothingForItsZeros() {
        // 200,000 × 200,000 with 40,000 nonzeros: 160 GB as a dense array.
        let layout = ImageLayout(channels: 200_000, lanes: 64)
        let map = WeightMap(input: layout, output: layout, inputGradient: layout, outputGradient: layout)
        let indices = (0..<40_000).map { $0 * 1_000_003 }
        let pattern = SparsePattern(map: map, indices: indices, needsInputGradient: true)
        #expect(pattern.canonicalIndices().sorted() == indices)
        #expect(pattern.bytes < 40_000 * 40)
    }

    private func expectClose(_ fast: [Float], _ exact: [Double], location: SourceLocation = #_sourceLocation) {
        #expect(fast.count == exact.count, sourceLocation: location)
        let scale = exact.reduce(1) { max($0, abs($1)) }
        let worst = zip(fast, exact).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        #expect(worst <= 2e-6 * scale * 10, "off by \(worst) of \(scale)", sourceLocation: location)
    }
}

func sameBytes(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}
