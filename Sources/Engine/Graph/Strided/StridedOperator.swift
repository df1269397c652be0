import Kernels

/// An operator whose kernel takes tensors as they lie, by a stride for each axis: nothing is copied, whatever borders there are.
/// The same kernel runs panels (16 or 64 lanes) and one image (1 lane), so both give the same bits.
package protocol StridedOperator: Operator {
    /// What runs it on tensors that lie so, with all that can be worked out once.
    func kernel(_ places: StridedPlaces) -> any StridedKernel
}

/// Where the tensors of an operator lie.
package struct StridedPlaces {
    package let inputs: [AxisStrides]
    package let output: AxisStrides
    /// Where their gradients lie; of one image where the values do, for there are none.
    package let inputGradients: [AxisStrides]
    package let outputGradient: AxisStrides
}

/// Runs panels or one image. Several threads may run it at once. It must allocate nothing.
package protocol StridedKernel: Sendable {
    /// Into how many tasks a panel is cut on the way forward. Their number must follow from the shapes alone.
    var tasks: Int { get }
    /// Writes a task's share of the output. The value of a lane must not depend on the number of lanes.
    func forward(_ panel: StridedPanel, task: Int)
    /// Into how many tasks a panel is cut on the way back.
    var gradientTasks: Int { get }
    /// Writes a task's share of the gradients of the inputs, or adds it, and of the sums of `StridedPanel.sums`.
    func backward(_ panel: StridedPanel, task: Int)

    /// Floats that the way forward keeps of each lane for the way back.
    var rememberedFloats: Int { get }
    /// Sums of the parameters' gradients that a panel makes, to be added up: one for each task on the way back, or one for all,
    /// of which each writes its own part. 0 where `parameterGradient` makes them.
    var sumsOfPanel: Int { get }
    /// Into how many tasks the gradients of parameters are cut that are summed over the panels one after the other.
    var parameterTasks: Int { get }
    /// Adds a panel's share to the gradients of the parameters, which were zero before the first panel.
    func parameterGradient(_ panel: StridedPanel, task: Int)
    /// Whether finite numbers may give others that are not: lanes without a sample are then cleared.
    var isPartial: Bool { get }
}

extension StridedKernel {
    package var rememberedFloats: Int { 0 }
    package var sumsOfPanel: Int { 0 }
    package var parameterTasks: Int { 0 }
    package func parameterGradient(_ panel: StridedPanel, task: Int) {}
    package var isPartial: Bool { false }
}

/// The memory of one panel, or of one image. Each pointer is to the first point of the first channel.
package struct StridedPanel {
    /// Lanes that hold a sample.
    package var samples: Int
    package let inputs: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    package let output: UnsafeMutablePointer<Float>
    /// In the order of the operator's `parameters`, (count) each.
    package let parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

    // On the way back alone.
    package var outputGradient: UnsafeMutablePointer<Float>?
    /// By input; nil where it is not wanted.
    package var inputGradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>?
    /// By input: whether its gradient is added to what is there.
    package var adds: UnsafeMutablePointer<Bool>?
    /// By parameter, whole.
    package var parameterGradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>>?
    /// Of all parameters one after the other; the sums that belong to task 0.
    package var sums: UnsafeMutablePointer<Float>?
    /// Kept from the way forward; nil where nothing is trained.
    package var remembered: UnsafeMutablePointer<Float>?
}

extension StridedOperator {
    package func step(_ site: Site) -> any Step { StridedStep(site, kernel(StridedPlaces(site))) }
    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        StridedPlanes(site, kernel(StridedPlaces(site)))
    }
}

extension StridedPlaces {
    init(_ site: Site) {
        inputs = site.inputs.map { AxisStrides($0.shape, $0.layout) }
        output = AxisStrides(site.output.shape, site.output.layout)
        inputGradients = site.inputs.map { AxisStrides($0.shape, $0.gradientLayout) }
        outputGradient = AxisStrides(site.output.shape, site.output.gradientLayout)
    }

    init(_ site: PlaneSite) {
        inputs = site.inputs.map { AxisStrides($0.shape, $0.layout) }
        output = AxisStrides(site.output.shape, site.output.layout)
        (inputGradients, outputGradient) = (inputs, output)
    }
}

extension AxisStrides {
    init(_ shape: Shape, _ layout: ImageLayout) {
        self.init(
            axes: shape.axes, channel: layout.plane * layout.lanes, row: layout.pitch * layout.lanes,
            point: layout.lanes, lanes: layout.lanes)
    }

    init(_ shape: Shape, _ layout: PlaneLayout) {
        self.init(axes: shape.axes, channel: layout.plane, row: layout.pitch, point: 1, lanes: 1)
    }
}
