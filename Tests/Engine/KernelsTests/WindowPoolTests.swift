import Kernels
import Testing

/// Pools of windows that nobody chose agree with a naive reference, in panels and for one image, both ways.
@Suite struct WindowPoolTests {
    @Test func poolsOfRandomWindowsAgreeWithTheReference() {
        var tried = 0
        for number in 0..<400 {
            guard let pool = RandomPool(number) else { continue }
            tried += 1
            checkMax(pool)
            checkAverage(pool)
        }
        #expect(tried > 150)
    }

    private func checkMax(_ pool: RandomPool) {
        var y = [Float](repeating: 0, count: pool.outputs), dx = [Float](repeating: 0, count: pool.points)
        let x = pool.x, dy = pool.dy
        for output in 0..<pool.outputs {
            var best: Int?
            pool.forEachPoint(of: output) { if best == nil || x[$0] > x[best!] { best = $0 } }
            y[output] = x[best!]
            dx[best!] += dy[output]
        }
        let (xPanel, yPanel) = (pool.pack(x, pool.input), FloatBuffer(count: pool.output.panelFloats))
        let winners = WinnerBuffer(count: yPanel.count)
        maxPoolForward(
            x: xPanel.pointer + pool.input.offset(0), xLayout: pool.input, y: yPanel.pointer + pool.output.offset(0),
            yLayout: pool.output, winners: winners.pointer + pool.output.offset(0), window: pool.window)
        #expect(pool.unpack(yPanel, pool.output) == y, "max \(pool)")
        for adds in [false, true] {
            let dxPanel = pool.pack([Float](repeating: adds ? 1 : .nan, count: pool.points), pool.input)
            let dyPanel = pool.pack(dy, pool.output)
            maxPoolBackward(
                winners: winners.pointer + pool.output.offset(0), yLayout: pool.output,
                dy: dyPanel.pointer + pool.output.offset(0), dyLayout: pool.output,
                dx: dxPanel.pointer + pool.input.offset(0), dxLayout: pool.input, window: pool.window, adds: adds)
            #expect(pool.isClose(pool.unpack(dxPanel, pool.input), dx.map { adds ? $0 + 1 : $0 }), "max dx \(pool)")
        }
        let plane = pool.answer(x) { planeMaxPool($0, $1, to: $2, $3, window: pool.window) }
        #expect(sameBytes(plane, pool.unpack(yPanel, pool.output)), "max plane \(pool)")
    }

    private func checkAverage(_ pool: RandomPool) {
        for countsPads in [false, true] {
            var y = [Float](repeating: 0, count: pool.outputs), dx = [Float](repeating: 0, count: pool.points)
            let x = pool.x, dy = pool.dy
            for output in 0..<pool.outputs {
                var count = countsPads ? pool.countWithPads(output) : 0
                if !countsPads { pool.forEachPoint(of: output) { _ in count += 1 } }
                pool.forEachPoint(of: output) {
                    y[output] += x[$0] / Float(count)
                    dx[$0] += dy[output] / Float(count)
                }
            }
            let (xPanel, yPanel) = (pool.pack(x, pool.input), FloatBuffer(count: pool.output.panelFloats))
            averagePoolForward(
                x: xPanel.pointer + pool.input.offset(0), xLayout: pool.input,
                y: yPanel.pointer + pool.output.offset(0), yLayout: pool.output, window: pool.window,
                countsPads: countsPads)
            #expect(pool.isClose(pool.unpack(yPanel, pool.output), y), "mean \(pool)")
            let dxPanel = pool.pack([Float](repeating: .nan, count: pool.points), pool.input)
            let dyPanel = pool.pack(dy, pool.output)
            averagePoolBackward(
                dy: dyPanel.pointer + pool.output.offset(0), dyLayout: pool.output,
                dx: dxPanel.pointer + pool.input.offset(0), dxLayout: pool.input, window: pool.window,
                countsPads: countsPads, clears: true)
            #expect(pool.isClose(pool.unpack(dxPanel, pool.input), dx), "mean dx \(pool)")
            let plane = pool.answer(x) {
                planeAveragePool($0, $1, to: $2, $3, window: pool.window, countsPads: countsPads)
            }
            #expect(sameBytes(plane, pool.unpack(yPanel, pool.output)), "mean plane \(pool)")
        }
    }
}

/// One channel; values are few, so that windows hold equal ones.
private struct RandomPool {
    let window: KernelWindow
    let input: ImageLayout
    let output: ImageLayout
    private let number: Int
    private let random = CounterRandom(seed: 31, purpose: .test)

    /// Nil where there is no window, or one without a point.
    init?(_ number: Int) {
        self.number = number
        let random = random
        var drawn = 0
        func draw(_ range: ClosedRange<Int>) -> Int {
            drawn += 1
            return min(range.upperBound, range.lowerBound + Int(random.uniform(number, drawn) * Float(range.count)))
        }
        let height = draw(1...9), width = draw(1...9)
        var window = KernelWindow(kernel: draw(1...4), stride: draw(1...3))
        if draw(0...3) > 0 {
            window.width = draw(1...4)
            window.stride = KernelWindow.Axes(y: draw(1...3), x: draw(1...3))
            window.dilation = KernelWindow.Axes(y: draw(1...2), x: draw(1...2))
            window.pads = KernelWindow.Pads(
                top: draw(0...2), left: draw(0...2), bottom: draw(0...2), right: draw(0...2))
        }
        let ceil = draw(0...1) == 0
        let vertical = window.vertical(height), horizontal = window.horizontal(width)
        let outputs = (y: vertical.outputs(ceil: ceil), x: horizontal.outputs(ceil: ceil))
        guard outputs.y > 0, outputs.x > 0, (0..<outputs.y).allSatisfy({ !vertical.inside($0).isEmpty }),
            (0..<outputs.x).allSatisfy({ !horizontal.inside($0).isEmpty })
        else { return nil }
        self.window = window
        input = ImageLayout(channels: 1, height: height, width: width, border: draw(0...2), lanes: 16)
        output = ImageLayout(channels: 1, height: outputs.y, width: outputs.x, border: draw(0...1), lanes: 16)
    }

    var points: Int { input.features }
    var outputs: Int { output.features }
    var x: [Float] { (0..<points).map { Float(Int(random.uniform(number, 1, $0) * 5)) - 2 } }
    var dy: [Float] { (0..<outputs).map { random.uniform(number, 2, $0) - 0.5 } }

    /// In row-major order.
    func forEachPoint(of output: Int, _ body: (Int) -> Void) {
        forEachTap(of: output) { y, x in
            if (0..<input.height).contains(y), (0..<input.width).contains(x) { body(y * input.width + x) }
        }
    }

    func countWithPads(_ output: Int) -> Int {
        var count = 0
        forEachTap(of: output) { y, x in
            if y < input.height + window.pads.bottom, x < input.width + window.pads.right { count += 1 }
        }
        return count
    }

    private func forEachTap(of output: Int, _ body: (_ y: Int, _ x: Int) -> Void) {
        let (oy, ox) = output.quotientAndRemainder(dividingBy: self.output.width)
        for ky in 0..<window.height {
            for kx in 0..<window.width {
                body(
                    oy * window.stride.y - window.pads.top + ky * window.dilation.y,
                    ox * window.stride.x - window.pads.left + kx * window.dilation.x)
            }
        }
    }

    /// The same in all lanes.
    func pack(_ values: [Float], _ layout: ImageLayout) -> FloatBuffer {
        let buffer = FloatBuffer(count: layout.panelFloats)
        for (place, value) in values.enumerated() {
            let point = layout.offset(0, place / layout.width, place % layout.width)
            for lane in 0..<16 { buffer[point + lane] = value }
        }
        return buffer
    }

    func unpack(_ buffer: FloatBuffer, _ layout: ImageLayout) -> [Float] {
        (0..<layout.features).map { buffer[layout.offset(0, $0 / layout.width, $0 % layout.width) + 15] }
    }

    /// By a kernel of one image.
    func answer(
        _ values: [Float],
        _ body: (UnsafePointer<Float>, PlaneLayout, UnsafeMutablePointer<Float>, PlaneLayout) -> Void
    ) -> [Float] {
        func layout(_ image: ImageLayout) -> PlaneLayout {
            PlaneLayout(
                channels: 1, height: image.height, width: image.width, border: 1, pitch: image.width + 2,
                isCompact: false)
        }
        let (from, to) = (layout(input), layout(output))
        let x = FloatBuffer(count: from.floats + 64), y = FloatBuffer(count: to.floats + 64)
        for (place, value) in values.enumerated() {
            x[from.offset(0, place / input.width, place % input.width)] = value
        }
        body(x.pointer + from.lead, from, y.pointer + to.lead, to)
        return (0..<outputs).map { y[to.offset(0, $0 / output.width, $0 % output.width)] }
    }

    func isClose(_ some: [Float], _ others: [Float]) -> Bool {
        some.count == others.count && zip(some, others).allSatisfy { abs($0 - $1) <= 1e-5 }
    }
}
