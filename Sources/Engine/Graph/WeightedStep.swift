import Kernels

/// Runs a linear or convolution layer: tasks of panels × parts of the rows for the forward pass and the input gradient,
/// tasks of parts of the rows, each over all panels of a half in order, for the weight gradient. Where the pattern has a
/// kernel of both gradients: tasks of strips of the channels, over all panels of a half.
final class WeightedStep: Step {
    private let site: Site
    private let layer: WeightLayer
    private let single: SingleForward
    /// What it does for those behind it.
    var tail: LayerTail?

    init(_ site: Site) {
        self.site = site
        layer = site.layer!
        single = SingleForward(site, layer)
    }

    // What the tasks of a pass work on, set before their region.
    private var panels = 0
    private var halves = PanelHalves()
    private var parts = (
        forward: Parts.none, inputGradient: Parts.none, weightGradient: Parts.none, gradients: Parts.none
    )
    private lazy var prepareRegion = Region { [unowned self] block in
        LayerClock.time(.prepare, of: layer) {
            layer.pattern?.prepare(layer.values.pointer, blocks: block..<block + 1)
        }
    }
    private lazy var forwardRegion = Region { [unowned self] in forward(task: $0) }
    private lazy var backwardRegion = Region { [unowned self] in backward(task: $0) }
    private lazy var gradientsRegion = Region { [unowned self] in gradients(task: $0) }
    private lazy var sumRegion = Region { [unowned self] in addHalves(stretch: $0) }

    func forward(panels: Int) {
        tail?.refresh()
        if single.run(tail?.rows) { return }
        guard let pattern = layer.pattern else { return }
        self.panels = panels
        // After a training pass the optimizer changes the values; between others they stay as they are.
        if pattern.needsPreparation, !layer.isPrepared || site.pass.isTraining {
            site.team.run(tasks: layer.map.rowBlocks, prepareRegion)
            layer.isPrepared = !site.pass.isTraining
        }
        let units = layer.map.forward.units(panels: panels)
        parts.forward = layer.map.forwardParts(
            units: units, threads: site.team.size, ownChannels: pattern.readsOwnChannels)
        site.team.run(tasks: units * parts.forward.count, forwardRegion)
    }

    private func timed(_ kernel: StepProfile.Kernel, _ part: LayerClock.Part, _ body: () -> Void) {
        site.team.kernel(kernel) { LayerClock.time(part, of: layer, body) }
    }

    private func forward(task: Int) {
        guard let pattern = layer.pattern else { return }
        let map = layer.map
        let y = site.output.values.pointer
        let unit = task / parts.forward.count
        let blocks = parts.forward[task % parts.forward.count]
        timed(.forward, .forward) {
            let x = site.inputs[0].values.pointer
            if let tail {
                pattern.answer(
                    layer.values.pointer, bias: layer.bias.pointer, tail: tail.rows, unit: unit, panels: panels,
                    blocks: blocks, input: x, output: y)
            } else {
                pattern.forward(
                    layer.values.pointer, bias: layer.bias.pointer, unit: unit, panels: panels, blocks: blocks,
                    input: x, output: y)
            }
        }
        site.links.wrote(panels: map.forward.panels(ofUnit: unit, of: panels), channels: map.rows(ofBlocks: blocks))
    }

    func backward(panels: Int) {
        guard site.output.gradient != nil, let pattern = layer.pattern else { return }
        layer.hasGradient = true
        if let probe = layer.probe, let dy = site.output.gradient?.pointer {
            probe.answer(
                layer, panels: panels, input: site.inputs[0].values.pointer, outputGradient: dy, team: site.team)
        }
        single.drop()
        self.panels = panels
        halves = PanelHalves(panels, of: layer.map)
        if halves.count == 2 { layer.halfSums?.begin(pattern) }
        let threads = site.team.size
        if inputGradient != nil, pattern.makesBothGradients,
            let parts = layer.map.gradientParts(halves: halves.count, threads: threads)
        {
            self.parts.gradients = parts
            site.team.run(tasks: halves.count * parts.count, gradientsRegion)
        } else {
            let units = inputGradient == nil ? 0 : layer.map.phases[0].sweep.units(panels: panels)
            parts.weightGradient = layer.map.weightGradientParts(halves: halves.count, threads: threads)
            parts.inputGradient = layer.map.inputGradientParts(
                units: units, threads: threads, ownChannels: pattern.readsOwnChannels)
            // Both gradients in one region: the small tasks of one fill the gaps of the other.
            site.team.run(
                tasks: halves.count * parts.weightGradient.count + units * parts.inputGradient.count, backwardRegion)
        }
        if halves.count == 2 { site.team.run(tasks: 1 + (layer.gradient.count - 1) / Self.stretch, sumRegion) }
    }

    private var inputGradient: UnsafeMutablePointer<Float>? {
        site.gradients[0] == .none ? nil : site.inputs[0].gradient?.pointer
    }

    private func backward(task: Int) {
        guard let dy = site.output.gradient?.pointer, let pattern = layer.pattern else { return }
        let sums = halves.count * parts.weightGradient.count
        if task < sums {
            weightGradient(
                pattern, half: task / parts.weightGradient.count,
                blocks: parts.weightGradient[task % parts.weightGradient.count], dy: dy)
        } else if let dx = inputGradient {
            let number = task - sums, parts = parts.inputGradient
            inputGradient(
                pattern, unit: number / parts.count, panels: panels, blocks: parts[number % parts.count], dy: dy,
                dx: dx)
        }
    }

    private func weightGradient(
        _ pattern: any WeightPattern, half: Int, blocks: Range<Int>, dy: UnsafePointer<Float>
    ) {
        let held = halves[half], map = layer.map
        timed(.weightGradient, .weightGradient) {
            pattern.weightGradient(
                gradient(half), bias: biasGradient(half), panels: held.count, blocks: blocks,
                input: site.inputs[0].values.pointer + held.lowerBound * map.input.panelFloats,
                outputGradient: dy + held.lowerBound * map.outputGradient.panelFloats)
        }
    }

    private func gradients(task: Int) {
        guard let dy = site.output.gradient?.pointer, let dx = inputGradient, let pattern = layer.pattern else {
            return
        }
        let half = task / parts.gradients.count, part = task % parts.gradients.count
        let held = halves[half], map = layer.map
        timed(.gradients, .gradients) {
            pattern.gradients(
                layer.values.pointer, gradient(half), bias: biasGradient(half),
                rows: Parts(blocks: map.rows, count: parts.gradients.count)[part],
                stores: site.gradients[0] == .store, panels: held.count, strips: parts.gradients[part],
                input: site.inputs[0].values.pointer + held.lowerBound * map.input.panelFloats,
                outputGradient: dy + held.lowerBound * map.outputGradient.panelFloats,
                inputGradient: dx + held.lowerBound * map.inputGradient.panelFloats
            ) { panel, channels in
                site.team.aside(from: .gradients) {
                    LayerClock.aside(from: .gradients, of: layer) {
                        let number = held.lowerBound + panel
                        site.links.wroteGradient(of: 0, panels: number..<number + 1, channels: channels)
                    }
                }
            }
        }
    }

    private func gradient(_ half: Int) -> UnsafeMutablePointer<Float> {
        half == 0 ? layer.gradient.pointer : layer.halfSums!.gradient.pointer
    }
    private func biasGradient(_ half: Int) -> UnsafeMutablePointer<Float> {
        half == 0 ? layer.biasGradient.pointer : layer.halfSums!.biasGradient.pointer
    }

    /// Weights that a task adds up.
    private static let stretch = 32_768

    private func addHalves(stretch: Int) {
        guard let halfSums = layer.halfSums else { return }
        let first = stretch * Self.stretch
        add(
            halfSums.gradient.pointer + first, to: layer.gradient.pointer + first,
            count: min(Self.stretch, layer.gradient.count - first))
        if stretch == 0 {
            add(halfSums.biasGradient.pointer, to: layer.biasGradient.pointer, count: layer.map.rows)
        }
    }

    private func inputGradient(
        _ pattern: any WeightPattern, unit: Int, panels: Int, blocks: Range<Int>, dy: UnsafePointer<Float>,
        dx: UnsafeMutablePointer<Float>
    ) {
        let channels = layer.map.channels(ofBlocks: blocks)
        let held = layer.map.phases[0].sweep.panels(ofUnit: unit, of: panels)
        timed(.inputGradient, .inputGradient) {
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
        site.links.wroteGradient(of: 0, panels: held, channels: channels)
    }
}
