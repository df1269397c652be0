import Descriptors
import Kernels

/// Token numbers → rows of a trained table.
package struct Embedding: Operator {
    package static let descriptor = Descriptor(
        name: "embedding", summary: "token numbers to rows of a trained table",
        parameters: [
            Parameter("vocabulary", "rows of the table", .integer(1...1 << 24)),
            Parameter("features", "numbers of a row", .integer(1...1 << 20)),
        ])
    package static let cases = [
        OperatorCase(
            ["vocabulary": .integer(5), "features": .integer(3)], inputs: [Shape([4])], samples: 17, values: 0...0.9),
        OperatorCase(
            ["vocabulary": .integer(3), "features": .integer(20)], inputs: [Shape([2, 3])], values: 1.05...1.9),
    ]

    package let vocabulary: Int
    package let features: Int

    package init(_ arguments: Arguments) throws {
        self.init(vocabulary: arguments.integer("vocabulary"), features: arguments.integer("features"))
    }
    package init(vocabulary: Int, features: Int) { (self.vocabulary, self.features) = (vocabulary, features) }

    package var arguments: [String: Value] {
        ["vocabulary": .integer(vocabulary), "features": .integer(features)]
    }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        guard inputs[0].rank < Shape.mostAxes else {
            throw GraphError.shape(
                node: "", found: "\(inputs[0])",
                expected: "at most \(Shape.mostAxes - 1) axes, and one more for features")
        }
        return Shape(inputs[0].axes + [features])
    }
    package func weightShape(_ inputs: [Shape]) -> WeightShape? {
        WeightShape(rows: vocabulary, channels: features, isTable: true)
    }
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        for axis in 0..<inputs[0].rank { rule.link(.input(0, axis: axis), .output(axis: axis)) }
        rule.link(.output(axis: inputs[0].rank), .parameter(0, axis: 1))
        return rule
    }
    package func narrowed(_ change: AxisChange) -> (any Operator)? {
        Embedding(vocabulary: vocabulary, features: change.newOutput[change.newOutput.rank - 1])
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func multiplyAdds(_ inputs: [Shape]) -> Int { 0 }
    package func step(_ site: Site) -> any Step { EmbeddingStep(site) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep { EmbeddingPlanes(site, features: features) }
}

/// Looks rows up in panels, and adds up the gradients of those that were looked up.
private final class EmbeddingStep: Step {
    private let site: Site
    private let layer: WeightLayer
    private let rows: EmbeddingRows
    private let dy: Columns
    /// Of the tokens, which have none.
    private let tokenGradient: Columns
    private let parts: ColumnTasks

    init(_ site: Site) {
        self.site = site
        layer = site.layer!
        let places = StridedPlaces(site)
        rows = EmbeddingRows(tokens: places.inputs[0], y: places.output, vocabulary: layer.map.rows)
        dy = Columns(places.outputGradient, over: [places.output.axes.count - 1])
        tokenGradient = Columns(places.inputGradients[0], over: [])
        parts = ColumnTasks(columns: rows.count, length: rows.features)
    }

    private lazy var forwardRegion = Region { [unowned self] in forward(task: $0) }
    private lazy var gradientRegion = Region { [unowned self] in gradient(task: $0) }
    // Tasks cut the output along any axis: what follows runs on whole panels.
    private lazy var wroteRegion = Region { [unowned self] panel in
        site.links.wrote(panels: panel..<panel + 1, channels: 0..<site.output.shape.channels)
    }
    private lazy var wroteGradientRegion = Region { [unowned self] panel in
        site.links.wroteGradient(of: 0, panels: panel..<panel + 1, channels: 0..<site.inputs[0].shape.channels)
    }

    /// To the first point of the first channel of a panel.
    private func origin(_ buffer: FloatBuffer, _ layout: ImageLayout, _ panel: Int) -> UnsafeMutablePointer<Float> {
        buffer.pointer + panel * layout.panelFloats + layout.offset(0)
    }
    private func tokens(_ panel: Int) -> UnsafePointer<Float> {
        UnsafePointer(origin(site.inputs[0].values, site.inputs[0].layout, panel))
    }

    func forward(panels: Int) {
        site.team.run(tasks: panels * parts.count, forwardRegion)
        if site.links.hasAfter { site.team.run(tasks: panels, wroteRegion) }
    }

    private func forward(task: Int) {
        guard let pattern = layer.pattern as? TablePattern else { return }
        let (panel, part) = task.quotientAndRemainder(dividingBy: parts.count)
        rows.forward(
            points: parts[part], tokens(panel), table: layer.values.pointer, pattern,
            to: origin(site.output.values, site.output.layout, panel))
    }

    func backward(panels: Int) {
        guard site.output.gradient != nil, let pattern = layer.pattern as? TablePattern else { return }
        layer.hasGradient = true
        layer.gradient.zero()
        site.team.run(tasks: pattern.isFull ? (rows.features + 15) / 16 : Self.rowParts, gradientRegion)
        if let probe = layer.probe {
            let whole = FloatBuffer(count: layer.map.weights)
            for panel in 0..<panels { addGradient(panel, features: 0..<rows.features, to: whole.pointer) }
            probe.answer(layer, whole: whole.array)
        }
        // A token has no derivative: zeros where somebody wants one.
        if site.gradients[0] == .store, let gradient = site.inputs[0].gradient {
            for panel in 0..<panels { tokenGradient.clear(origin(gradient, site.inputs[0].gradientLayout, panel)) }
        }
        if site.links.hasBefore { site.team.run(tasks: panels, wroteGradientRegion) }
    }

    /// Parts of a sparse table whose gradients are added up side by side; each goes over all tokens.
    private static let rowParts = 4

    private func gradient(task: Int) {
        guard let pattern = layer.pattern as? TablePattern else { return }
        let vocabulary = layer.map.rows
        for panel in 0..<site.pass.panels(site.output.layout.lanes) {
            if pattern.isFull {
                addGradient(
                    panel, features: task * 16..<min(task * 16 + 16, rows.features), to: layer.gradient.pointer)
                continue
            }
            rows.addGradient(
                rows: task * vocabulary / Self.rowParts..<(task + 1) * vocabulary / Self.rowParts, pattern,
                samples: samples(panel), tokens(panel), dy: gradient(panel), dy, to: layer.gradient.pointer)
        }
    }

    /// Of all weights.
    private func addGradient(_ panel: Int, features: Range<Int>, to sums: UnsafeMutablePointer<Float>) {
        rows.addGradient(
            features: features, samples: samples(panel), tokens(panel), dy: gradient(panel), dy, to: sums)
    }

    private func samples(_ panel: Int) -> Int {
        let lanes = site.output.layout.lanes
        return min(lanes, site.pass.samples - panel * lanes)
    }
    private func gradient(_ panel: Int) -> UnsafePointer<Float> {
        UnsafePointer(origin(site.output.gradient!, site.output.gradientLayout, panel))
    }
}

/// The same for one image.
private struct EmbeddingPlanes: PlaneStep {
    private let rows: EmbeddingRows
    private let pattern: TablePattern
    private let table: FloatBuffer
    private let input: PlaneTensor
    private let output: PlaneTensor

    init(_ site: PlaneSite, features: Int) {
        let places = StridedPlaces(site)
        let layer = site.layer!, vocabulary = site.shape!.rows
        rows = EmbeddingRows(tokens: places.inputs[0], y: places.output, vocabulary: vocabulary)
        pattern = TablePattern(map: WeightMap(tableOf: vocabulary, features), indices: layer.indices)
        table = FloatBuffer(layer.values)
        input = site.inputs[0]
        output = site.output
    }

    func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int) {
        rows.forward(
            points: 0..<rows.count, input.origin(memory), table: table.pointer, pattern, to: output.origin(memory))
    }
}
