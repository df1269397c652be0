import Kernels

/// Runs an attention on panels or on one image; it has no way back.
struct AttentionKernel: StridedKernel {
    private let product: AttentionProduct

    /// - Parameter places: its inputs are where A, B and V come from.
    init(_ attention: Attention, _ graph: Graph, _ places: StridedPlaces) {
        let inputs = places.inputs
        product = attention.product(a: inputs[0], b: inputs[1], v: inputs[2], output: places.output, graph)
    }

    var tasks: Int { product.tasks }
    var gradientTasks: Int { 0 }
    // All of a row may be −∞ where no sample is.
    var isPartial: Bool { true }

    func forward(_ panel: StridedPanel, task: Int) {
        product.run(task: task, panel.inputs[0], panel.inputs[1], panel.inputs[2], to: panel.output)
    }

    func backward(_ panel: StridedPanel, task: Int) {}
}

/// What an attention does in the place of others.
final class AbsorbedStep: Step {
    func forward(panels: Int) {}
    func backward(panels: Int) {}
}
