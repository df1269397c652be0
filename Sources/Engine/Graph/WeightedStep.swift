import Kernels

/// Runs a linear or convolution layer: tasks of panels × row blocks for the forward pass and the input gradient,
/// tasks of row blocks, each over all panels in order, for the weight gradient.
final class WeightedStep: Step {
    private let site: Site
    private let layer: WeightLayer
    private let single: SingleForward

    init(_ site: Site) {
        self.site = site
        layer = site.layer!
        single = SingleForward(site, layer)
    }

    // What the tasks of a pass work on, set before their region.
    private var panels = 0
    private lazy var prepareRegion = Region { [unowned self] block in
        layer.pattern?.prepare(layer.values.pointer, block: block)
    }
    private lazy var forwardRegion = Region { [unowned self] in forward(task: $0) }
    private lazy var backwardRegion = Region { [unowned self] in backward(task: $0) }

    func forward(panels: Int) {
        if single.run() { return }
        guard let pattern = layer.pattern else { return }
        self.panels = panels
        let blocks = layer.map.rowBlocks
        // After a training pass the optimizer changes the values; between others they stay as they are.
        if pattern.needsPreparation, !layer.isPrepared || site.pass.isTraining {
            site.team.run(tasks: blocks, prepareRegion)
            layer.isPrepared = !site.pass.isTraining
        }
        site.team.run(tasks: layer.map.forward.units(panels: panels) * blocks, forwardRegion)
    }

    private func forward(task: Int) {
        guard let pattern = layer.pattern else { return }
        let map = layer.map
        let y = site.output.values.pointer
        let unit = task / map.rowBlocks
        let block = task % map.rowBlocks
        site.team.kernel(.forward) {
            pattern.forward(
                layer.values.pointer, bias: layer.bias.pointer, unit: unit, panels: panels, block: block,
                input: site.inputs[0].values.pointer, output: y)
        }
        for panel in map.forward.panels(ofUnit: unit, of: panels) {
            site.links.wrote(panel: panel, channels: map.rows(ofBlock: block))
        }
    }

    func backward(panels: Int) {
        guard site.output.gradient != nil, layer.pattern != nil else { return }
        layer.hasGradient = true
        single.drop()
        self.panels = panels
        let units = inputGradient == nil ? 0 : layer.map.phases[0].sweep.units(panels: panels)
        // Both gradients in one region: the small tasks of one fill the gaps of the other.
        site.team.run(tasks: layer.map.rowBlocks + units * layer.map.channelBlocks, backwardRegion)
    }

    private var inputGradient: UnsafeMutablePointer<Float>? {
        site.gradients[0] == .none ? nil : site.inputs[0].gradient?.pointer
    }

    private func backward(task: Int) {
        guard let dy = site.output.gradient?.pointer, let pattern = layer.pattern else { return }
        let number = task - layer.map.rowBlocks
        if number < 0 {
            weightGradient(pattern, panels: panels, block: task, dy: dy)
        } else if let dx = inputGradient {
            let blocks = layer.map.channelBlocks
            inputGradient(pattern, unit: number / blocks, panels: panels, block: number % blocks, dy: dy, dx: dx)
        }
    }

    private func weightGradient(
        _ pattern: any WeightPattern, panels: Int, block: Int, dy: UnsafePointer<Float>
    ) {
        let map = layer.map
        rowSums(
            layer.biasGradient.pointer, sweep: map.positions, panels: panels, rows: map.rows(ofBlock: block),
            outputGradient: dy, gradientRowFloats: map.outputGradientRowFloats)
        site.team.kernel(.weightGradient) {
            pattern.weightGradient(
                layer.gradient.pointer, panels: panels, block: block, input: site.inputs[0].values.pointer,
                outputGradient: dy)
        }
    }

    private func inputGradient(
        _ pattern: any WeightPattern, unit: Int, panels: Int, block: Int, dy: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>
    ) {
        let channels = layer.map.channels(ofBlock: block)
        let held = layer.map.phases[0].sweep.panels(ofUnit: unit, of: panels)
        site.team.kernel(.inputGradient) {
            if site.gradients[0] == .store {
                pattern.storeInputGradient(
                    layer.values.pointer, unit: unit, panels: panels, block: block, outputGradient: dy,
                    inputGradient: dx)
            } else {
                pattern.inputGradient(
                    layer.values.pointer, unit: unit, panels: panels, block: block, outputGradient: dy,
                    inputGradient: dx)
            }
        }
        for panel in held { site.links.wroteGradient(of: 0, panel: panel, channels: channels) }
    }
}
