import Descriptors
import Kernels

/// What a normalisation of single samples goes over.
struct NormPlan {
    /// Axes as the kernel sees them: of groups the first one is split in two.
    var split: Int?
    var summed: [Int]
    /// Whether each point of a column has parameters of its own, else each channel.
    var isByPoint: Bool
    var epsilon: Float
    var centers: Bool
    var hasScale: Bool
    var hasShift: Bool
}

/// Normalisation of each sample by itself: of the last axes, of groups of channels.
protocol NormOperator: StridedOperator {
    func plan(_ input: Shape) throws -> NormPlan
}

extension NormOperator {
    static var epsilonParameter: Parameter {
        Parameter("epsilon", "added to the variance", .number(0...1), default: .number(1e-5))
    }

    package var traits: OperatorTraits { .hasOwnRegions }
    package func outputShape(_ inputs: [Shape]) throws -> Shape {
        _ = try plan(inputs[0])
        return inputs[0]
    }
    package func parameters(_ inputs: [Shape]) -> [ParameterShape] {
        guard let plan = try? plan(inputs[0]) else { return [] }
        let axes = plan.isByPoint ? plan.summed.map { inputs[0][$0] } : [inputs[0].channels]
        var parameters: [ParameterShape] = []
        if plan.hasScale { parameters.append(ParameterShape("weight", axes, initial: 1, summary: "scale and shift")) }
        if plan.hasShift { parameters.append(ParameterShape("bias", axes, summary: "scale and shift")) }
        return parameters
    }
    /// What it normalises over counts: without a number the others come out otherwise. Groups of channels go whole.
    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        var rule = AxisRule()
        guard let plan = try? plan(inputs[0]) else { return rule }
        let parameters = (plan.hasScale ? 1 : 0) + (plan.hasShift ? 1 : 0)
        if let groups = plan.split {
            let ofGroup = inputs[0].channels / groups
            for turn in 0..<ofGroup {
                rule.link(
                    .input(0, axis: 0), .output(axis: 0),
                    (0..<inputs[0].channels).map { $0 / ofGroup * ofGroup + ($0 + turn) % ofGroup })
            }
            for parameter in 0..<parameters { rule.link(.output(axis: 0), .parameter(parameter, axis: 0)) }
            return rule
        }
        for axis in 0..<inputs[0].rank {
            rule.link(.input(0, axis: axis), .output(axis: axis))
            guard let place = plan.summed.firstIndex(of: axis) else { continue }
            rule.sum(.input(0, axis: axis), .counting)
            for parameter in 0..<parameters { rule.link(.output(axis: axis), .parameter(parameter, axis: place)) }
        }
        return rule
    }
    package func reach(_ inputs: [Shape]) -> PointReach { .everything }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel {
        NormKernel(try! plan(Shape(places.output.axes)), places)
    }
}

private struct NormKernel: StridedKernel {
    private let plan: NormPlan
    private let work: NormColumns
    private let dy: Columns
    private let dx: Columns
    private let forwardParts: ColumnTasks
    private let backwardParts: Parts

    init(_ plan: NormPlan, _ places: StridedPlaces) {
        self.plan = plan
        func columns(_ tensor: AxisStrides) -> Columns {
            Columns(plan.split.map { tensor.splitting(into: $0) } ?? tensor, over: plan.summed)
        }
        let x = columns(places.inputs[0])
        let channels = places.output.axes.first ?? 1
        let ofGroup = plan.split.map { channels / $0 } ?? 1
        let inner = max(1, x.length / ofGroup)
        work = NormColumns(
            x: x, y: columns(places.output), epsilon: plan.epsilon, centers: plan.centers,
            columnParameters: (0..<x.count).map { Int32(plan.isByPoint ? 0 : $0 * ofGroup) },
            pointParameters: (0..<x.length).map { Int32(plan.isByPoint ? $0 : $0 / inner) })
        dy = columns(places.outputGradient)
        dx = columns(places.inputGradients[0])
        forwardParts = ColumnTasks(columns: x.count, length: x.length)
        // Each has sums of its own.
        backwardParts = Parts(blocks: x.count, count: min(x.count, 4))
    }

    var tasks: Int { forwardParts.count }
    var gradientTasks: Int { backwardParts.count }
    var rememberedFloats: Int { 2 * work.count }
    var sumsOfPanel: Int { plan.hasScale || plan.hasShift ? gradientTasks : 0 }

    private func scale(_ panel: StridedPanel) -> UnsafeMutablePointer<Float>? {
        plan.hasScale ? panel.parameters[0] : nil
    }

    func forward(_ panel: StridedPanel, task: Int) {
        let shift = plan.hasShift ? panel.parameters[plan.hasScale ? 1 : 0] : nil
        work.forward(
            columns: forwardParts[task], panel.inputs[0], to: panel.output, scale: scale(panel), shift: shift,
            moments: panel.remembered)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let moments = panel.remembered else { return }
        let floats = work.parameters * ((plan.hasScale ? 1 : 0) + (plan.hasShift ? 1 : 0))
        work.backward(
            columns: backwardParts[task], panel.inputs[0], dy: dy, self.dy, to: panel.inputGradients?[0], dx,
            adds: panel.adds![0], scale: scale(panel), moments: moments,
            sums: panel.sums.map { $0 + task * floats }, wantsShift: plan.hasShift)
    }
}

extension AxisStrides {
    /// The first axis as two: groups, and what is in each.
    func splitting(into groups: Int) -> AxisStrides {
        var split = self
        let inGroup = axes[0] / groups
        split.axes[0] = inGroup
        split.axes.insert(groups, at: 0)
        split.strides.insert(strides[0] * inGroup, at: 0)
        return split
    }
}
