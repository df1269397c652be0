import Kernels

/// Runs a strided kernel over panels.
final class StridedStep: Step {
    private let site: Site
    private let kernel: any StridedKernel
    private let panels: [StridedPanel]
    /// Pointers and flags of all panels.
    private var tables: [UnsafeMutableRawPointer] = []
    private let remembered: FloatBuffer?
    /// Of all trained parameters, in their order.
    private let sums: FloatBuffer?
    private let parameterFloats: Int

    init(_ site: Site, _ kernel: any StridedKernel) {
        self.site = site
        self.kernel = kernel
        let y = site.output
        let count = y.values.count / max(1, y.layout.panelFloats)
        let trains = site.pass.trains && y.gradient != nil
        let kept = kernel.rememberedFloats * y.layout.lanes
        remembered = trains && kept > 0 ? FloatBuffer(count: count * kept) : nil
        parameterFloats = site.parameters.reduce(0) { $0 + $1.gradient.count }
        let sumFloats = parameterFloats * kernel.sumsOfPanel
        sums = trains && sumFloats > 0 ? FloatBuffer(count: count * sumFloats) : nil
        var tables: [UnsafeMutableRawPointer] = []
        func table<Element>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
            let table = UnsafeMutablePointer<Element>.allocate(capacity: max(values.count, 1))
            for (index, value) in values.enumerated() { (table + index).initialize(to: value) }
            tables.append(table)
            return table
        }
        func origin(_ buffer: FloatBuffer, _ layout: ImageLayout, _ panel: Int) -> UnsafeMutablePointer<Float> {
            buffer.pointer + panel * layout.panelFloats + layout.offset(0)
        }
        var panels: [StridedPanel] = []
        let parameters = table(site.parameters.map(\.values.pointer))
        let adds = table(site.gradients.map { $0 == .add })
        let parameterGradients = table(site.parameters.map(\.gradient.pointer))
        for panel in 0..<count {
            var held = StridedPanel(
                samples: y.layout.lanes, inputs: table(site.inputs.map { origin($0.values, $0.layout, panel) }),
                output: origin(y.values, y.layout, panel), parameters: parameters)
            held.remembered = remembered.map { $0.pointer + panel * kept }
            if trains, let gradient = y.gradient {
                held.outputGradient = origin(gradient, y.gradientLayout, panel)
                held.inputGradients = table(
                    zip(site.inputs, site.gradients).map { input, use in
                        use == .none ? nil : input.gradient.map { origin($0, input.gradientLayout, panel) }
                    })
                held.adds = adds
                held.parameterGradients = parameterGradients
                held.sums = sums.map { $0.pointer + panel * sumFloats }
            }
            panels.append(held)
        }
        self.panels = panels
        self.tables = tables
    }

    deinit { for table in tables { table.deallocate() } }

    private lazy var forwardRegion = Region { [unowned self] task in
        let (panel, part) = task.quotientAndRemainder(dividingBy: kernel.tasks)
        kernel.forward(held(panel), task: part)
    }
    private lazy var backwardRegion = Region { [unowned self] task in
        let (panel, part) = task.quotientAndRemainder(dividingBy: kernel.gradientTasks)
        kernel.backward(held(panel), task: part)
    }
    private lazy var parameterRegion = Region { [unowned self] task in
        for panel in 0..<site.pass.panels(site.output.layout.lanes) {
            kernel.parameterGradient(held(panel), task: task)
        }
    }
    // What follows runs on whole panels, for tasks may cut the output along any axis.
    private lazy var wroteRegion = Region { [unowned self] panel in
        site.links.wrote(panels: panel..<panel + 1, channels: 0..<site.output.shape.channels)
    }
    private lazy var wroteGradientRegion = Region { [unowned self] panel in
        for (number, input) in site.inputs.enumerated() {
            site.links.wroteGradient(of: number, panels: panel..<panel + 1, channels: 0..<input.shape.channels)
        }
    }

    private func held(_ panel: Int) -> StridedPanel {
        var held = panels[panel]
        let lanes = site.output.layout.lanes
        held.samples = min(lanes, site.pass.samples - panel * lanes)
        return held
    }

    func forward(panels: Int) {
        if site.inputs.count == 1, site.inputs[0].values === site.output.values { return }
        site.team.run(tasks: panels * kernel.tasks, forwardRegion)
        let y = site.output
        clearEmptyLanes(y.values, y.layout, panel: panels - 1)
        if site.links.hasAfter { site.team.run(tasks: panels, wroteRegion) }
    }

    func backward(panels: Int) {
        guard let dy = site.output.gradient, site.inputs.count != 1 || site.inputs[0].gradient !== dy else { return }
        if kernel.parameterTasks > 0 {
            for parameter in site.parameters { parameter.gradient.zero() }
            site.team.run(tasks: kernel.parameterTasks, parameterRegion)
        }
        if parameterFloats > 0 || site.gradients.contains(where: { $0 != .none }) {
            site.team.run(tasks: panels * kernel.gradientTasks, backwardRegion)
        }
        addSums(panels: panels)
        for (input, use) in zip(site.inputs, site.gradients) where use != .none {
            if let dx = input.gradient { clearEmptyLanes(dx, input.gradientLayout, panel: panels - 1) }
        }
        if site.links.hasBefore { site.team.run(tasks: panels, wroteGradientRegion) }
    }

    private func addSums(panels: Int) {
        guard let sums else { return }
        var first = 0
        for parameter in site.parameters where parameter.gradient.count > 0 {
            let count = parameter.gradient.count
            parameter.gradient.pointer.update(from: sums.pointer + first, count: count)
            for part in 1..<max(1, panels * kernel.sumsOfPanel) {
                add(sums.pointer + part * parameterFloats + first, to: parameter.gradient.pointer, count: count)
            }
            first += count
        }
    }

    private func clearEmptyLanes(_ buffer: FloatBuffer, _ layout: ImageLayout, panel: Int) {
        guard kernel.isPartial else { return }
        layout.clearEmptyLanes(
            buffer.pointer, panel: panel, channels: 0..<layout.channels, samples: site.pass.samples)
    }
}
