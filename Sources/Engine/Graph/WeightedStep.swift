import Kernels

/// Runs a linear or convolution layer: tasks of panels × row blocks for the forward pass and the input gradient,
/// tasks of row blocks, each over all panels in order, for the weight gradient.
final class WeightedStep: Step {
    private let site: Site
    private let layer: WeightLayer

    init(_ site: Site) {
        self.site = site
        layer = site.layer!
    }

    func forward(panels: Int) {
        let map = layer.map
        let x = site.inputs[0].values.pointer
        let y = site.output.values.pointer
        let rowFloats = map.output.plane * map.output.lanes
        let blocks = map.rowBlocks
        site.team.run(tasks: map.forward.units(panels: panels) * blocks) { task in
            let unit = task / blocks
            let block = task % blocks
            let rows = block * map.rowsPerBlock..<min((block + 1) * map.rowsPerBlock, map.rows)
            fillRows(
                layer.bias.pointer, sweep: map.forward, unit: unit, panels: panels, rows: rows, output: y,
                outputRowFloats: rowFloats)
            switch layer.storage {
            case .dense:
                denseForward(
                    layer.values.pointer, map: map, unit: unit, panels: panels,
                    blocks: rows.lowerBound / 6..<DensePacking.blocks(rows.upperBound), input: x, output: y)
            case .sparse(let pattern):
                gatherAccumulate(
                    pattern.forward, values: layer.values.pointer, positions: nil, sweep: map.forward, unit: unit,
                    panels: panels, block: block, input: x, output: y, outputRowFloats: rowFloats)
            }
        }
    }

    func backward(panels: Int) {
        let map = layer.map
        guard let dy = site.output.gradient?.pointer else { return }
        layer.hasGradient = true
        let weightTasks = map.rowBlocks
        let channelBlocks = map.channelBlocks
        let dx = site.gradients[0] == .none ? nil : site.inputs[0].gradient?.pointer
        let units = dx == nil ? 0 : map.phases[0].sweep.units(panels: panels)
        // Both gradients in one region: the small tasks of one fill the gaps of the other.
        site.team.run(tasks: weightTasks + units * channelBlocks) { task in
            if task < weightTasks {
                weightGradient(panels: panels, block: task, dy: dy)
            } else if let dx {
                let number = task - weightTasks
                inputGradient(
                    unit: number / channelBlocks, panels: panels, block: number % channelBlocks, dy: dy, dx: dx)
            }
        }
    }

    private func weightGradient(panels: Int, block: Int, dy: UnsafePointer<Float>) {
        let map = layer.map
        let rows = block * map.rowsPerBlock..<min((block + 1) * map.rowsPerBlock, map.rows)
        let x = site.inputs[0].values.pointer
        let rowFloats = map.outputGradient.plane * map.outputGradient.lanes
        for row in rows {
            layer.biasGradient.pointer[row] = rowSum(
                sweep: map.positions, panels: panels, row: row, outputGradient: dy, gradientRowFloats: rowFloats)
        }
        switch layer.storage {
        case .dense:
            denseWeightGradient(
                layer.gradient.pointer, map: map, panels: panels,
                blocks: rows.lowerBound / 6..<DensePacking.blocks(rows.upperBound), input: x, outputGradient: dy)
        case .sparse(let pattern):
            sampledDot(
                pattern.forward, gradient: layer.gradient.pointer, sweep: map.positions, panels: panels, block: block,
                input: x, outputGradient: dy, gradientRowFloats: rowFloats)
        }
    }

    private func inputGradient(
        unit: Int, panels: Int, block: Int, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>
    ) {
        let map = layer.map
        let channels = block * map.channelsPerBlock..<min((block + 1) * map.channelsPerBlock, map.channels)
        if site.gradients[0] == .store { clear(dx, unit: unit, panels: panels, channels: channels) }
        for (number, phase) in map.phases.enumerated() {
            switch layer.storage {
            case .dense:
                denseInputGradient(
                    layer.values.pointer, map: map, phase: phase, unit: unit, panels: panels,
                    blocks: channels.lowerBound / 6..<DensePacking.blocks(channels.upperBound), outputGradient: dy,
                    inputGradient: dx)
            case .sparse(let pattern):
                let transposed = pattern.transposed[number]
                gatherAccumulate(
                    transposed.rows, values: layer.values.pointer, positions: transposed.positions,
                    sweep: phase.sweep, unit: unit, panels: panels, block: block, input: dy, output: dx,
                    outputRowFloats: map.inputGradient.plane * map.inputGradient.lanes)
            }
        }
    }

    private func clear(_ dx: UnsafeMutablePointer<Float>, unit: Int, panels: Int, channels: Range<Int>) {
        let layout = layer.map.inputGradient
        let perUnit = layer.map.phases[0].sweep.panelsPerUnit
        for panel in unit * perUnit..<min((unit + 1) * perUnit, panels) {
            // Borders are zero already; clearing across them costs less than walking around them.
            (dx + panel * layout.panelFloats + channels.lowerBound * layout.plane * layout.lanes).update(
                repeating: 0, count: channels.count * layout.plane * layout.lanes)
        }
    }
}
