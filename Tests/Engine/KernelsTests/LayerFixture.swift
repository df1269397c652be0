import Kernels

/// A layer with made-up numbers, in plain arrays and in panels, run by every kernel.
struct LayerFixture {
    var samples = 5
    var channels = 3
    var height = 1
    var width = 1
    var rows = 4
    var kernel = 1
    var stride = 1
    var padding = 0
    var lanes = 64
    var groups = 1
    /// Share of weights kept.
    var density: Float = 0.5

    var reference: Reference {
        Reference(
            samples: samples, channels: channels, height: height, width: width, rows: rows, kernelHeight: kernel,
            kernelWidth: kernel, stride: stride, padding: padding, groups: groups)
    }
    private let random = CounterRandom(seed: 11, purpose: .test)

    func numbers(_ count: Int, _ stream: Int) -> [Float] {
        (0..<count).map { random.uniform(stream, $0) * 2 - 1 }
    }
    var mask: [Bool] {
        (0..<rows * (channels / groups) * kernel * kernel).map { random.uniform(1, $0) < density }
    }
    var weights: [Float] {
        zip(numbers(rows * (channels / groups) * kernel * kernel, 2), mask).map { $1 ? $0 : 0 }
    }
    var bias: [Float] { numbers(rows, 3) }
    var x: [Float] { numbers(samples * channels * height * width, 4) }
    var dy: [Float] { numbers(samples * rows * reference.outputHeight * reference.outputWidth, 5) }

    var map: WeightMap {
        let border = WeightMap.gradientBorder(
            height: height, width: width, outputHeight: reference.outputHeight, outputWidth: reference.outputWidth,
            kernelHeight: kernel, kernelWidth: kernel, stride: stride, padding: padding)
        func layout(_ channels: Int, _ height: Int, _ width: Int, _ border: Int) -> ImageLayout {
            ImageLayout(channels: channels, height: height, width: width, border: border, lanes: lanes)
        }
        let oh = reference.outputHeight, ow = reference.outputWidth
        return WeightMap(
            input: layout(channels, height, width, padding + 1), output: layout(rows, oh, ow, 1),
            inputGradient: layout(channels, height, width, 0), outputGradient: layout(rows, oh, ow, border + 1),
            kernelHeight: kernel, kernelWidth: kernel, stride: stride, padding: padding, groups: groups)
    }
    var panels: Int { (samples + lanes - 1) / lanes }

    func pack(_ values: [Float], _ layout: ImageLayout) -> FloatBuffer {
        let buffer = FloatBuffer(count: layout.panelFloats * panels)
        forEachPoint(layout) { buffer[$1] = values[$0] }
        return buffer
    }
    func unpack(_ buffer: FloatBuffer, _ layout: ImageLayout) -> [Float] {
        var values = [Float](repeating: 0, count: samples * layout.features)
        forEachPoint(layout) { values[$0] = buffer[$1] }
        return values
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

    struct Results {
        var y: [Float]
        var dx: [Float]
        /// Row-major, zero where cut.
        var dw: [Float]
        var db: [Float]
    }

    func runDense(blockRows: Int = 100) -> Results {
        let map = self.map
        let packed = FloatBuffer(count: DensePacking.count(rows: rows, columns: map.columns))
        for (position, value) in weights.enumerated() {
            packed[
                DensePacking.position(row: position / map.columns, column: position % map.columns, columns: map.columns)
            ] = value
        }
        let x = pack(self.x, map.input), dy = pack(self.dy, map.outputGradient)
        let y = FloatBuffer(count: map.output.panelFloats * panels)
        let dx = FloatBuffer(count: map.inputGradient.panelFloats * panels)
        let dw = FloatBuffer(count: packed.count)
        let rowBlocks = 0..<DensePacking.blocks(rows)
        let biases = FloatBuffer(bias)
        for unit in 0..<map.forward.units(panels: panels) {
            fillRows(
                biases.pointer, sweep: map.forward, unit: unit, panels: panels, rows: 0..<rows, output: y.pointer,
                outputRowFloats: map.output.plane * lanes)
            denseForward(
                packed.pointer, map: map, unit: unit, panels: panels, blocks: rowBlocks, input: x.pointer,
                output: y.pointer)
        }
        for phase in map.phases {
            for unit in 0..<phase.sweep.units(panels: panels) {
                denseInputGradient(
                    packed.pointer, map: map, phase: phase, unit: unit, panels: panels,
                    blocks: 0..<DensePacking.blocks(channels), outputGradient: dy.pointer, inputGradient: dx.pointer)
            }
        }
        denseWeightGradient(
            dw.pointer, map: map, panels: panels, blocks: rowBlocks, input: x.pointer, outputGradient: dy.pointer)
        let gradient = (0..<map.weights).map {
            dw[DensePacking.position(row: $0 / map.columns, column: $0 % map.columns, columns: map.columns)]
        }
        return Results(
            y: unpack(y, map.output), dx: unpack(dx, map.inputGradient),
            dw: zip(gradient, mask).map { $1 ? $0 : 0 }, db: biasGradient(map, dy))
    }

    func runSparse() -> Results {
        let map = self.map
        let indices = mask.indices.filter { mask[$0] }
        let pattern = SparsePattern(map: map, indices: indices, needsInputGradient: true)
        let canonical = pattern.canonicalIndices()
        let values = FloatBuffer(canonical.map { weights[$0] })
        let x = pack(self.x, map.input), dy = pack(self.dy, map.outputGradient)
        let y = FloatBuffer(count: map.output.panelFloats * panels)
        let dx = FloatBuffer(count: map.inputGradient.panelFloats * panels)
        let dw = FloatBuffer(count: indices.count)
        let biases = FloatBuffer(bias)
        for unit in 0..<map.forward.units(panels: panels) {
            fillRows(
                biases.pointer, sweep: map.forward, unit: unit, panels: panels, rows: 0..<rows, output: y.pointer,
                outputRowFloats: map.output.plane * lanes)
            for block in 0..<map.rowBlocks {
                gatherAccumulate(
                    pattern.forward, values: values.pointer, positions: nil, sweep: map.forward, unit: unit,
                    panels: panels, block: block, input: x.pointer, output: y.pointer,
                    outputRowFloats: map.output.plane * lanes)
            }
        }
        for (phase, transposed) in zip(map.phases, pattern.transposed) {
            for unit in 0..<phase.sweep.units(panels: panels) {
                for block in 0..<map.channelBlocks {
                    gatherAccumulate(
                        transposed.rows, values: values.pointer, positions: transposed.positions, sweep: phase.sweep,
                        unit: unit, panels: panels, block: block, input: dy.pointer, output: dx.pointer,
                        outputRowFloats: map.inputGradient.plane * lanes)
                }
            }
        }
        for block in 0..<map.rowBlocks {
            sampledDot(
                pattern.forward, gradient: dw.pointer, sweep: map.positions, panels: panels, block: block,
                input: x.pointer, outputGradient: dy.pointer, gradientRowFloats: map.outputGradient.plane * lanes)
        }
        var gradient = [Float](repeating: 0, count: map.weights)
        for (position, index) in canonical.enumerated() { gradient[index] = dw[position] }
        return Results(
            y: unpack(y, map.output), dx: unpack(dx, map.inputGradient), dw: gradient, db: biasGradient(map, dy))
    }

    private func biasGradient(_ map: WeightMap, _ dy: FloatBuffer) -> [Float] {
        (0..<rows).map {
            rowSum(
                sweep: map.positions, panels: panels, row: $0, outputGradient: dy.pointer,
                gradientRowFloats: map.outputGradient.plane * lanes)
        }
    }
}
