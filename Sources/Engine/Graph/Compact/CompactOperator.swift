import Kernels

/// An operator whose kernel sees values without gaps: (features, lanes), in the row-major order of the axes. What borders there are in
/// memory is not its concern. The same kernel runs panels (16 or 64 lanes) and one image (1 lane), so both give the same bits.
///
/// It is the short way to a new operator. One that stands often in images (an activation behind each convolution) is better a
/// `BlockStep`, which runs in the task that has just written what it reads.
package protocol CompactOperator: Operator {
    /// What runs it on inputs of these shapes, with all that can be worked out once.
    func kernel(_ inputs: [Shape], output: Shape) -> any CompactKernel
}

/// Runs one panel or one image. Several threads may run it at once. It must allocate nothing.
package protocol CompactKernel: Sendable {
    /// Overwrites the output.
    ///
    /// A lane must be made of the same lane of the inputs, by the same operations in the same order for any number of lanes. Lanes
    /// without a sample hold finite numbers, and whatever is made of them is set to zero by the caller.
    func forward(_ panel: CompactPanel)
    /// Adds to the gradients of inputs where wanted, and to those of parameters, which are summed over lanes in ascending order.
    func backward(_ panel: CompactPanel)
}

/// The memory of one panel: all of it (features, lanes) without gaps.
package struct CompactPanel {
    /// 16, 64, or 1 for one image.
    package let lanes: Int
    /// Lanes that hold a sample.
    package let samples: Int
    package let isTraining: Bool
    package let inputs: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    package let output: UnsafeMutablePointer<Float>
    /// In the order of the operator's `parameters`, (count) each.
    package let parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    /// On the way back alone. It is zero in lanes without a sample.
    package let outputGradient: UnsafeMutablePointer<Float>?
    /// By input; nil where it is not wanted.
    package let inputGradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    package let parameterGradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
}

extension CompactOperator {
    package func step(_ site: Site) -> any Step {
        CompactStep(site, kernel(site.inputs.map(\.shape), output: site.output.shape))
    }

    package func planeStep(_ site: inout PlaneSite) -> any PlaneStep {
        CompactPlanes(&site, kernel(site.inputs.map(\.shape), output: site.output.shape))
    }
}
