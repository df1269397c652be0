import Kernels

/// Runs a compact kernel: tasks of one panel, and in them what follows it. Tensors with borders are copied without them and back.
final class CompactStep: Step {
    private let site: Site
    private let kernel: any CompactKernel
    /// Of all trained parameters, one panel after the other: each panel sums by itself, and panels are added in order.
    private let partialGradients: FloatBuffer
    private let parameterFloats: Int

    init(_ site: Site, _ kernel: any CompactKernel) {
        self.site = site
        self.kernel = kernel
        parameterFloats = site.parameters.reduce(0) { $0 + $1.gradient.count }
        let panels = site.output.values.count / max(1, site.output.layout.panelFloats)
        partialGradients = FloatBuffer(count: site.pass.trains ? panels * parameterFloats : 0)
    }

    private lazy var forwardRegion = Region { [unowned self] in forward(panel: $0) }
    private lazy var backwardRegion = Region { [unowned self] in backward(panel: $0) }

    func forward(panels: Int) { site.team.run(tasks: panels, forwardRegion) }

    func backward(panels: Int) {
        guard site.output.gradient != nil else { return }
        site.team.run(tasks: panels, backwardRegion)
        var first = 0
        for parameter in site.parameters where parameter.gradient.count > 0 {
            let count = parameter.gradient.count
            parameter.gradient.pointer.update(from: partialGradients.pointer + first, count: count)
            for panel in 1..<max(1, panels) {
                add(
                    partialGradients.pointer + panel * parameterFloats + first, to: parameter.gradient.pointer,
                    count: count)
            }
            first += count
        }
    }

    private func forward(panel: Int) {
        if site.inputs.count != 1 || site.inputs[0].values !== site.output.values {
            withPanel(panel, isBackward: false) { held in
                kernel.forward(held)
                clearEmptyLanes(held.output, site.output.shape, held)
            }
        }
        site.links.wrote(panels: panel..<panel + 1, channels: 0..<site.output.layout.channels)
    }

    private func backward(panel: Int) {
        if site.inputs.count != 1 || site.inputs[0].gradient !== site.output.gradient {
            withPanel(panel, isBackward: true) { held in
                kernel.backward(held)
                for (number, input) in site.inputs.enumerated() {
                    if let dx = held.inputGradients[number] { clearEmptyLanes(dx, input.shape, held) }
                }
            }
        }
        for (number, input) in site.inputs.enumerated() {
            site.links.wroteGradient(of: number, panels: panel..<panel + 1, channels: 0..<input.layout.channels)
        }
    }

    // What comes of numbers that are no sample may be none, and kernels behind multiply all lanes.
    private func clearEmptyLanes(_ values: UnsafeMutablePointer<Float>, _ shape: Shape, _ held: CompactPanel) {
        guard held.samples < held.lanes else { return }
        for feature in 0..<shape.features {
            (values + (feature &* held.lanes &+ held.samples)).update(repeating: 0, count: held.lanes &- held.samples)
        }
    }

    /// Gives the memory of a panel without gaps, and puts back what was written where it was copied.
    private func withPanel(_ panel: Int, isBackward: Bool, _ body: (CompactPanel) -> Void) {
        let lanes = site.output.layout.lanes, count = site.inputs.count
        let copied = copiedFloats(isBackward: isBackward)
        withScratch(of: Float.self, capacity: copied) { scratch in
            withScratch(of: UnsafeMutablePointer<Float>.self, capacity: count + 2 * site.parameters.count) { pointers in
                withScratch(of: UnsafeMutablePointer<Float>?.self, capacity: count + 1) { gradients in
                    var place = scratch.baseAddress!
                    func held(_ buffer: FloatBuffer, _ layout: ImageLayout, copies: Bool) -> UnsafeMutablePointer<Float>
                    {
                        let start = buffer.pointer + panel * layout.panelFloats
                        if layout.isCompact { return start }
                        let here = place
                        place += layout.features * layout.lanes
                        if copies { pack(start, layout, to: here) }
                        return here
                    }
                    for (number, input) in site.inputs.enumerated() {
                        pointers[number] = held(input.values, input.layout, copies: true)
                    }
                    let y = held(site.output.values, site.output.layout, copies: isBackward)
                    var dy: UnsafeMutablePointer<Float>?
                    if isBackward, let gradient = site.output.gradient {
                        dy = held(gradient, site.output.gradientLayout, copies: true)
                    }
                    for (number, input) in site.inputs.enumerated() {
                        gradients[number] = nil
                        guard isBackward, site.gradients[number] != .none, let gradient = input.gradient else {
                            continue
                        }
                        let dx = held(gradient, input.gradientLayout, copies: false)
                        if site.gradients[number] == .store || !input.gradientLayout.isCompact {
                            dx.update(repeating: 0, count: input.shape.features * lanes)
                        }
                        gradients[number] = dx
                    }
                    let own = pointers.baseAddress! + count, sums = own + site.parameters.count
                    var first = partialGradients.pointer + (isBackward ? panel * parameterFloats : 0)
                    if isBackward { first.update(repeating: 0, count: parameterFloats) }
                    for (number, parameter) in site.parameters.enumerated() {
                        own[number] = parameter.values.pointer
                        sums[number] = first
                        first += isBackward ? parameter.gradient.count : 0
                    }
                    body(
                        CompactPanel(
                            lanes: lanes, samples: min(lanes, site.pass.samples - panel * lanes),
                            isTraining: site.pass.isTraining, inputs: pointers.baseAddress!, output: y, parameters: own,
                            outputGradient: dy, inputGradients: gradients.baseAddress!, parameterGradients: sums))
                    if !isBackward {
                        putBack(y, site.output.values, site.output.layout, panel, adds: false)
                        return
                    }
                    for (number, input) in site.inputs.enumerated() {
                        guard let dx = gradients[number], let gradient = input.gradient else { continue }
                        putBack(dx, gradient, input.gradientLayout, panel, adds: site.gradients[number] == .add)
                    }
                }
            }
        }
    }

    private func copiedFloats(isBackward: Bool) -> Int {
        func floats(_ layout: ImageLayout) -> Int { layout.isCompact ? 0 : layout.features * layout.lanes }
        var count = floats(site.output.layout)
        for input in site.inputs { count += floats(input.layout) + (isBackward ? floats(input.gradientLayout) : 0) }
        return count + (isBackward ? floats(site.output.gradientLayout) : 0)
    }

    private func pack(_ from: UnsafeMutablePointer<Float>, _ layout: ImageLayout, to: UnsafeMutablePointer<Float>) {
        forEachLine(layout) { line, place in (to + line).update(from: from + place, count: layout.width * layout.lanes)
        }
    }

    private func putBack(
        _ from: UnsafeMutablePointer<Float>, _ buffer: FloatBuffer, _ layout: ImageLayout, _ panel: Int, adds: Bool
    ) {
        guard !layout.isCompact else { return }
        let to = buffer.pointer + panel * layout.panelFloats
        forEachLine(layout) { line, place in
            copyOrAdd(from + line, to: to + place, count: layout.width * layout.lanes, adds: adds)
        }
    }

    // Where a line of the image begins without gaps, and where it lies.
    private func forEachLine(_ layout: ImageLayout, _ body: (_ line: Int, _ place: Int) -> Void) {
        var line = 0
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                body(line, layout.offset(channel, y))
                line += layout.width * layout.lanes
            }
        }
    }
}
