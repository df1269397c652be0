import Kernels
import Testing

/// Where the weights of a fixture are.
enum MaskShape: Equatable {
    case weights
    case blocks(height: Int, width: Int)
    case nOfM(Int, Int)
    /// Whole rows and whole columns missing.
    case rowsAndColumns
}

/// A layer with made-up numbers, in plain arrays and in panels, run by every kernel.
struct LayerFixture {
    var samples = 5
    var channels = 3
    var height = 1
    var width = 1
    var rows = 4
    var window = KernelWindow()
    var lanes = 64
    var groups = 1
    /// Share of weights kept.
    var density: Float = 0.5
    var shape = MaskShape.weights
    /// Tasks that share the blocks of rows, at most; nil: one block each.
    var tasks: Int?
    /// That the kernels' sizes follow from.
    var caches = Caches.machine
    /// What stands in the border above and below the images of x and dy.
    var rowsAround: Float = 0

    var reference: Reference {
        Reference(
            samples: samples, channels: channels, height: height, width: width, rows: rows, window: window,
            groups: groups)
    }
    private let random = CounterRandom(seed: 11, purpose: .test)

    func numbers(_ count: Int, _ stream: Int) -> [Float] {
        (0..<count).map { random.uniform(stream, $0) * 2 - 1 }
    }
    var mask: [Bool] {
        let columns = channels / groups * window.taps
        return (0..<rows * columns).map { index in
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            switch shape {
            case .weights: return random.uniform(1, index) < density
            case .blocks(let height, let width):
                return random.uniform(1, row / height * columns + column / width) < density
            case .nOfM(let kept, let of):
                let first = column / of * of
                let scores = (first..<min(columns, first + of)).map { random.uniform(1, row * columns + $0) }
                return scores.count { $0 > scores[column - first] } < kept
            case .rowsAndColumns:
                return random.uniform(6, row) < density && random.uniform(7, column) < density
            }
        }
    }
    var weights: [Float] {
        zip(numbers(rows * (channels / groups) * window.taps, 2), mask).map { $1 ? $0 : 0 }
    }
    var bias: [Float] { numbers(rows, 3) }
    var x: [Float] { numbers(samples * channels * height * width, 4) }
    var dy: [Float] { numbers(samples * rows * reference.outputHeight * reference.outputWidth, 5) }

    var map: WeightMap {
        let border = window.gradientBorder(
            height: height, width: width, outputHeight: reference.outputHeight, outputWidth: reference.outputWidth)
        func layout(_ channels: Int, _ height: Int, _ width: Int, _ border: Int) -> ImageLayout {
            ImageLayout(channels: channels, height: height, width: width, border: border, lanes: lanes)
        }
        let oh = reference.outputHeight, ow = reference.outputWidth
        return WeightMap(
            input: layout(channels, height, width, window.pads.widest + 1), output: layout(rows, oh, ow, 1),
            inputGradient: layout(channels, height, width, 0), outputGradient: layout(rows, oh, ow, border + 1),
            window: window, groups: groups, caches: caches)
    }
    var panels: Int { (samples + lanes - 1) / lanes }

    func pack(_ values: [Float], _ layout: ImageLayout) -> FloatBuffer {
        let buffer = FloatBuffer(count: layout.panelFloats * panels)
        forEachPoint(layout) { buffer[$1] = values[$0] }
        if rowsAround != 0 { fillRowsAround(buffer, layout) }
        return buffer
    }
    func unpack(_ buffer: FloatBuffer, _ layout: ImageLayout) -> [Float] {
        var values = [Float](repeating: 0, count: samples * layout.features)
        forEachPoint(layout) { values[$0] = buffer[$1] }
        return values
    }
    private func fillRowsAround(_ buffer: FloatBuffer, _ layout: ImageLayout) {
        let border = layout.border
        for plane in 0..<panels * layout.channels {
            for y in Array(-border..<0) + Array(layout.height..<layout.height + border) {
                let line = buffer.pointer + layout.offset(plane, y, -border)
                line.update(repeating: rowsAround, count: layout.pitch * lanes)
            }
        }
    }
    private func forEachPoint(_ layout: ImageLayout, _ body: (_ plain: Int, _ panel: Int) -> Void) {
        for sample in 0..<samples {
            for c in 0..<layout.channels {
                for y in 0..<layout.height {
                    for x in 0..<layout.width {
                        body(
                            ((sample * layout.channels + c) * layout.height + y) * layout.width + x,
                            sample / lanes * layout.panelFloats + layout.offset(c, y, x) + sample % lanes)
                    }
                }
            }
        }
    }

    private func parts(_ blocks: Int) -> Int { min(blocks, tasks ?? blocks) }

    struct Results {
        var y: [Float]
        var dx: [Float]
        /// Row-major, zero where cut.
        var dw: [Float]
        var db: [Float]
    }

    /// Row-major positions of the weights.
    var indices: [Int] { mask.enumerated().filter(\.element).map(\.offset) }

    func runDense() -> Results { run(DensePattern(map: map)) }
    func runSparse() -> Results { run(SparsePattern(map: map, indices: indices, needsInputGradient: true)) }

    /// All passes of a pattern that holds at least the mask's weights.
    func run(_ pattern: any WeightPattern) -> Results {
        let map = pattern.map
        // Made anew at each use.
        let weights = weights, mask = mask
        let order = pattern.rowMajorOrder(), held = pattern.rowMajorIndices()
        let values = FloatBuffer(count: pattern.storageCount)
        for (position, index) in zip(order, held) { values[Int(position)] = weights[index] }
        let x = pack(self.x, map.input), dy = pack(self.dy, map.outputGradient)
        let y = FloatBuffer(count: map.output.panelFloats * panels)
        // Overwritten: what was there must not show.
        y.pointer.update(repeating: .nan, count: y.count)
        let dx = FloatBuffer(count: map.inputGradient.panelFloats * panels)
        let dw = FloatBuffer(count: pattern.storageCount)
        let db = FloatBuffer(count: map.rows)
        let biases = FloatBuffer(bias)
        pattern.prepare(values.pointer, blocks: 0..<map.rowBlocks)
        let rowParts = Parts(blocks: map.rowBlocks, count: parts(map.rowBlocks))
        let channelParts = Parts(blocks: map.channelBlocks, count: parts(map.channelBlocks))
        for unit in 0..<map.forward.units(panels: panels) {
            for part in 0..<rowParts.count {
                pattern.forward(
                    values.pointer, bias: biases.pointer, unit: unit, panels: panels, blocks: rowParts[part],
                    input: x.pointer,
                    output: y.pointer)
            }
        }
        runAnswer(pattern, values, x, sums: y, rowParts)
        for unit in 0..<map.phases[0].sweep.units(panels: panels) {
            for part in 0..<channelParts.count {
                pattern.storeInputGradient(
                    values.pointer, unit: unit, panels: panels, blocks: channelParts[part], outputGradient: dy.pointer,
                    inputGradient: dx.pointer)
            }
        }
        for part in 0..<rowParts.count {
            pattern.weightGradient(
                dw.pointer, bias: db.pointer, panels: panels, blocks: rowParts[part], input: x.pointer,
                outputGradient: dy.pointer)
        }
        if pattern.makesBothGradients { runBoth(pattern, values, x, dy, separate: (dx, dw, db)) }
        var gradient = [Float](repeating: 0, count: map.weights)
        for (position, index) in zip(order, held) where mask[index] { gradient[index] = dw[Int(position)] }
        return Results(
            y: unpack(y, map.output), dx: unpack(dx, map.inputGradient), dw: gradient, db: db.array)
    }

    /// Where a network only answers, what is stored is what the tail makes of the sums.
    private func runAnswer(
        _ pattern: any WeightPattern, _ values: FloatBuffer, _ x: FloatBuffer, sums: FloatBuffer, _ parts: Parts
    ) {
        let layout = map.output, biases = FloatBuffer(bias)
        let slopes = FloatBuffer(numbers(rows, 8)), shifts = FloatBuffer(numbers(rows, 9))
        let added = FloatBuffer((0..<sums.count).map { random.uniform(10, $0) - 0.5 })
        for adds in [false, true] {
            let tail = ForwardTail(
                slopes: slopes.pointer, shifts: shifts.pointer, limits: Limits(-0.25, 0.5),
                added: adds ? UnsafePointer(added.pointer) : nil, function: adds ? .gelu : nil)
            let y = FloatBuffer(count: sums.count)
            y.pointer.update(repeating: .nan, count: y.count)
            for unit in 0..<map.forward.units(panels: panels) {
                for part in 0..<parts.count {
                    pattern.answer(
                        values.pointer, bias: biases.pointer, tail: tail, unit: unit, panels: panels,
                        blocks: parts[part], input: x.pointer, output: y.pointer)
                }
            }
            var same = true
            forEachPoint(layout) { number, place in
                let row = number / (layout.height * layout.width) % rows
                same = same && y[place].bitPattern == tail.value(sums[place], row: row, at: place).bitPattern
            }
            #expect(same, "\(type(of: pattern)), adds \(adds), \(self)")
        }
    }

    /// Both gradients in one pass have the bytes of the passes one after the other, stored and added, in any number of tasks,
    /// and each point of dx is told as written once.
    private func runBoth(
        _ pattern: any WeightPattern, _ values: FloatBuffer, _ x: FloatBuffer, _ dy: FloatBuffer,
        separate: (dx: FloatBuffer, dw: FloatBuffer, db: FloatBuffer)
    ) {
        for (stores, count) in [(true, 1), (true, 3), (false, 2)] {
            let layout = map.inputGradient
            let dx = FloatBuffer(count: separate.dx.count)
            // Stored, what was there must not show; added, it must.
            forEachPoint(layout) { dx[$1] = stores ? .nan : Float($0 % 64) }
            let before = stores ? [] : unpack(dx, layout)
            let dw = FloatBuffer(count: separate.dw.count), db = FloatBuffer(count: separate.db.count)
            dw.pointer.update(repeating: .nan, count: dw.count)
            db.pointer.update(repeating: .nan, count: db.count)
            let parts = Parts(blocks: map.channelStrips, count: min(count, map.channelStrips))
            var written = 0
            for part in 0..<parts.count {
                pattern.gradients(
                    values.pointer, dw.pointer, bias: db.pointer,
                    rows: Parts(blocks: map.rows, count: parts.count)[part], stores: stores, panels: panels,
                    strips: parts[part], input: x.pointer, outputGradient: dy.pointer, inputGradient: dx.pointer
                ) { _, channels in written += channels.count }
            }
            #expect(written == panels * map.channels)
            // Lanes without a sample hold what they hold.
            let now = unpack(dx, layout), alone = unpack(separate.dx, layout)
            let same =
                stores
                ? zip(now, alone).allSatisfy { $0.bitPattern == $1.bitPattern }
                : zip(now, zip(before, alone)).allSatisfy { abs($0 - $1.0 - $1.1) <= 1e-3 }
            #expect(same, "dx of both, \(stores ? "stored" : "added"), \(count) tasks")
            #expect(dw.array.map(\.bitPattern) == separate.dw.array.map(\.bitPattern), "dW of both, \(count) tasks")
            #expect(db.array.map(\.bitPattern) == separate.db.array.map(\.bitPattern), "db of both, \(count) tasks")
        }
    }
}
