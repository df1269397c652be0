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
        guard let pattern = layer.pattern else { return }
        let x = site.inputs[0].values.pointer
        let y = site.output.values.pointer
        let blocks = map.rowBlocks
        // After a training pass the optimizer changes the values; between others they stay as they are.
        if pattern.needsPreparation, !layer.isPrepared || site.pass.isTraining {
            site.team.run(tasks: blocks) { pattern.prepare(layer.values.pointer, block: $0) }
            layer.isPrepared = !site.pass.isTraining
        }
        site.team.run(tasks: map.forward.units(panels: panels) * blocks) { task in
            let unit = task / blocks
            let block = task % blocks
            fillRows(
                layer.bias.pointer, sweep: map.forward, unit: unit, panels: panels, rows: map.rows(ofBlock: block),
                output: y, outputRowFloats: map.outputRowFloats)
            pattern.forward(
                layer.values.pointer, unit: unit, panels: panels, block: block, input: x, output: y)
        }
    }

    func backward(panels: Int) {
        let map = layer.map
        guard let dy = site.output.gradient?.pointer, let pattern = layer.pattern else { return }
        layer.hasGradient = true
        let weightTasks = map.rowBlocks
        let channelBlocks = map.channelBlocks
        let dx = site.gradients[0] == .none ? nil : site.inputs[0].gradient?.pointer
        let units = dx == nil ? 0 : map.phases[0].sweep.units(panels: panels)
        // Both gradients in one region: the small tasks of one fill the gaps of the other.
        site.team.run(tasks: weightTasks + units * channelBlocks) { task in
            if task < weightTasks {
                weightGradient(pattern, panels: panels, block: task, dy: dy)
            } else if let dx {
                let number = task - weightTasks
                inputGradient(
                    pattern, unit: number / channelBlocks, panels: panels, block: number % channelBlocks, dy: dy, dx: dx
                )
            }
        }
    }

    private func weightGradient(
        _ pattern: any WeightPattern, panels: Int, block: Int, dy: UnsafePointer<Float>
    ) {
        let map = layer.map
        for row in map.rows(ofBlock: block) {
            layer.biasGradient.pointer[row] = rowSum(
                sweep: map.positions, panels: panels, row: row, outputGradient: dy,
                gradientRowFloats: map.outputGradientRowFloats)
        }
        pattern.weightGradient(
            layer.gradient.pointer, panels: panels, block: block, input: site.inputs[0].values.pointer,
            outputGradient: dy)
    }

    private func inputGradient(
        _ pattern: any WeightPattern, unit: Int, panels: Int, block: Int, dy: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>
    ) {
        if site.gradients[0] == .store {
            clear(dx, unit: unit, panels: panels, channels: layer.map.channels(ofBlock: block))
        }
        pattern.inputGradient(
            layer.values.pointer, unit: unit, panels: panels, block: block, outputGradient: dy, inputGradient: dx)
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
