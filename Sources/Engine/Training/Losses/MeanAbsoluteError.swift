import Descriptors
import Graph
import Kernels

/// |y − t|, mean over outputs and samples; the gradient is the sign of y − t, 0 where they are equal, / (outputs · samples).
package struct MeanAbsoluteError: ValueLoss {
    package static let descriptor = Descriptor(
        name: "mean-absolute-error",
        summary: "absolute difference of outputs and numbers, or of outputs and the input itself",
        parameters: [against])
    package let comparesInput: Bool

    package init(_ arguments: Arguments) throws { comparesInput = Self.comparesInput(arguments) }
    package init(comparesInput: Bool = false) { self.comparesInput = comparesInput }

    package func evaluate(
        _ places: LossPlaces, targets: UnsafePointer<Float>, stride: Int, scale: Float,
        losses: UnsafeMutablePointer<Float>
    ) {
        meanAbsoluteError(places, targets: targets, targetStride: stride, scale: scale, losses: losses)
    }
}
