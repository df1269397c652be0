import Kernels

/// Runs a linear or convolution layer: tasks of panels × parts of the rows for the forward pass and the input gradient,
/// tasks of parts of the rows, each over all panels in order, for the weight gradient.
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
    private var parts = (forward: Parts.none, inputGradient: Parts.none, weightGradient: Parts.none)
    private lazy var prepareRegion = Region { [unowned self] block in
        layer.pattern?.prepare(layer.values.pointer, blocks: block..<block + 1)
    }
    private lazy var forwardRegion = Region { [unowned self] in forward(task: $0) }
    private lazy var backwardRegion = Region { [unowned self] in backward(task: $0) }

    func forward(panels: Int) {
        if single.run() { return }
        guard let pattern = layer.pattern else { return }
        self.panels = panels
        // After a training pass the optimizer changes the values; between others they stay as they are.
        if pattern.needsPreparation, !layer.isPrepared || site.pass.isTraining {
            site.team.run(tasks: layer.map.rowBlocks, prepareRegion)
            layer.isPrepared = !site.pass.isTraining
        }
        let units = layer.map.forward.units(panels: panels)
        parts.forward = layer.map.forwardParts(units: units, threads: site.team.size)
        site.team.run(tasks: units * parts.forward.count, forwardRegion)
    }

    private func forward(task: Int) {
        guard let pattern = layer.pattern else { return }
        let map = layer.map
        let y = site.output.values.pointer
        let unit = task / parts.forward.count
        let blocks = parts.forward[task % parts.forward.count]
        site.team.kernel(.forward) {
            pattern.forward(
                layer.values.pointer, bias: layer.bias.pointer, unit: unit, panels: panels, blocks: blocks,
                input: site.inputs[0].values.pointer, output: y)
        }
        for panel in map.forward.panels(ofUnit: unit, of: panels) {
            site.links.wrote(panel: panel, channels: map.rows(ofBlocks: blocks))
        }
    }

    func backward(panels: Int) {
        guard site.output.gradient != nil, layer.pattern != nil else { return }
        layer.hasGradient = true
        single.drop()
        self.panels = panels
        let units = inputGradient == nil ? 0 : layer.map.phases[0].sweep.units(panels: panels)
        let threads = site.team.size
        parts.weightGradient = layer.map.weightGradientParts(threads: threads)
        parts.inputGradient = layer.map.inputGradientParts(units: units, threads: threads)
        // Both gradients in one region: the small tasks of one fill the gaps of the other.
        site.team.run(tasks: parts.weightGradient.count + units * parts.inputGradient.count, backwardRegion)
    }

    private var inputGradient: UnsafeMutablePointer<Float>? {
        site.gradients[0] == .none ? nil : site.inputs[0].gradient?.pointer
    }

    private func backward(task: Int) {
        guard let dy = site.output.gradient?.pointer, let pattern = layer.pattern else { return }
        let number = task - parts.weightGradient.count
        if number < 0 {
            weightGradient(pattern, panels: panels, blocks: parts.weightGradient[task], dy: dy)
        } else if let dx = inputGradient {
            let parts = parts.inputGradient
            inputGradient(
                pattern, unit: number / parts.count, panels: panels, blocks: parts[number % parts.count], dy: dy,
                dx: dx)
        }
    }

    private func weightGradient(
        _ pattern: any WeightPattern, panels: Int, blocks: Range<Int>, dy: UnsafePointer<Float>
    ) {
        site.team.kernel(.weightGradient) {
            pattern.weightGradient(
                layer.gradient.pointer, bias: layer.biasGradient.pointer, panels: panels, blocks: blocks,
                input: site.inputs[0].values.pointer, outputGradient: dy)
        }
    }

    private func inputGradient(
        _ pattern: any WeightPattern, unit: Int, panels: Int, blocks: Range<Int>, dy: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>
    ) {
        let channels = layer.map.channels(ofBlocks: blocks)
        let held = layer.map.phases[0].sweep.panels(ofUnit: unit, of: panels)
        site.team.kernel(.inputGradient) {
            if site.gradients[0] == .store {
                pattern.storeInputGradient(
                    layer.values.pointer, unit: unit, panels: panels, blocks: blocks, outputGradient: dy,
                    inputGradient: dx)
            } else {
                pattern.inputGradient(
                    layer.values.pointer, unit: unit, panels: panels, blocks: blocks, outputGradient: dy,
                    inputGradient: dx)
            }
        }
        for panel in held { site.links.wroteGradient(of: 0, panel: panel, channels: channels) }
    }
}
