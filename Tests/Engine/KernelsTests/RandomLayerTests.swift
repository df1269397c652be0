import Kernels
import Testing

/// Layers that nobody chose: whatever their sizes, all kernels agree with the reference and, by bytes, with one another.
@Suite struct RandomLayerTests {
    @Test(arguments: 0..<8) func kernelsOfRandomLayersAgree(_ part: Int) throws {
        var tried = 0
        for number in part * 40..<(part + 1) * 40 {
            guard let layer = Self.layer(number) else { continue }
            tried += 1
            let (map, indices) = (layer.map, layer.indices)
            let pattern = SparsePattern(map: map, indices: indices, needsInputGradient: true)
            #expect(pattern.rowMajorIndices() == indices, "\(layer)")
            let sparse = layer.run(pattern)
            agree(sparse, layer)
            var others: [any WeightPattern] = []
            if layer.groups == 1 {
                let passes = DensePasses(rawValue: UInt8(number % 8))
                others = [
                    DensePattern(map: map),
                    try #require(BlockPattern(map: map, indices: indices, needsInputGradient: true)),
                    MixedPattern(map: map, indices: indices, densePasses: passes, needsInputGradient: true),
                ]
            } else {
                others.append(GroupedPattern(map: map))
                if map.channelsPerGroup == 1 {
                    others += [DepthwisePattern(map: map), DepthwisePattern(map: map, indices: indices)]
                }
            }
            for other in others {
                let run = layer.run(other)
                #expect(sameBytes(run.y, sparse.y), "\(type(of: other)) \(layer)")
                #expect(sameBytes(run.dx, sparse.dx), "\(type(of: other)) \(layer)")
                #expect(sameBytes(run.dw, sparse.dw), "\(type(of: other)) \(layer)")
                #expect(sameBytes(run.db, sparse.db), "\(type(of: other)) \(layer)")
            }
        }
        #expect(tried > 15)
    }

    private func agree(_ run: LayerFixture.Results, _ layer: LayerFixture) {
        let reference = layer.reference
        func isClose(_ fast: [Float], _ exact: [Double]) -> Bool {
            let scale = exact.reduce(1) { max($0, abs($1)) }
            return fast.count == exact.count && zip(fast, exact).allSatisfy { abs(Double($0) - $1) <= 2e-5 * scale }
        }
        #expect(isClose(run.y, reference.forward(weights: layer.weights, bias: layer.bias, x: layer.x)), "\(layer)")
        #expect(isClose(run.dx, reference.inputGradient(weights: layer.weights, dy: layer.dy)), "\(layer)")
        let gradient = zip(reference.weightGradient(x: layer.x, dy: layer.dy), layer.mask).map { $1 ? $0 : 0 }
        #expect(isClose(run.dw, gradient), "\(layer)")
    }

    /// Nil where the kernel is larger than what it reads, or the work larger than a test's.
    private static func layer(_ number: Int) -> LayerFixture? {
        let random = CounterRandom(seed: 21, purpose: .test)
        var drawn = 0
        func draw(_ range: ClosedRange<Int>) -> Int {
            drawn += 1
            return min(range.upperBound, range.lowerBound + Int(random.uniform(number, drawn) * Float(range.count)))
        }
        func draw<Choice>(of choices: [Choice]) -> Choice { choices[draw(0...choices.count - 1)] }
        let groups = draw(of: [1, 1, 1, 1, 1, 2, 3, 5])
        let most = draw(of: [8, 24, 90])
        func channels() -> Int { max(1, draw(1...most) / groups) * groups }
        var layer = LayerFixture(
            samples: draw(1...40), channels: channels(), height: draw(1...16), width: draw(1...16), rows: channels(),
            lanes: draw(of: [16, 16, 16, 16, 64]), groups: groups,
            density: draw(of: [0, 0.02, 0.05, 0.1, 0.3, 0.6, 0.9, 1]))
        // Depthwise.
        if draw(0...4) == 0 {
            layer.groups = layer.channels
            layer.rows = layer.channels * draw(of: [1, 1, 2, 3])
            if draw(0...1) == 0 { layer.density = 1 }
        }
        layer.window = window(draw)
        layer.tasks = draw(of: [nil, 1, 2, 3])
        let reference = layer.reference
        guard reference.outputHeight > 0, reference.outputWidth > 0 else { return nil }
        let adds =
            layer.samples * layer.rows * layer.channels / layer.groups * layer.window.taps * reference.outputHeight
            * reference.outputWidth
        return adds > 3_000_000 ? nil : layer
    }

    /// A square one with the same border on all sides in every third layer.
    private static func window(_ draw: (ClosedRange<Int>) -> Int) -> KernelWindow {
        let kernel = draw(1...7)
        if draw(0...2) == 0 {
            return KernelWindow(
                kernel: kernel, stride: draw(1...4), padding: draw(0...kernel + 1), dilation: max(1, draw(0...3)))
        }
        func axes(_ most: Int) -> KernelWindow.Axes { KernelWindow.Axes(y: draw(1...most), x: draw(1...most)) }
        let width = draw(1...7)
        return KernelWindow(
            height: kernel, width: width, stride: axes(3), dilation: axes(3),
            pads: KernelWindow.Pads(
                top: draw(0...kernel), left: draw(0...width), bottom: draw(0...kernel + 1), right: draw(0...width)))
    }
}
