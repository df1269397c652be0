import Descriptors
import Graph
import Kernels

/// (y − t)², mean over outputs and samples; the gradient is 2 (y − t) / (outputs · samples).
package struct MeanSquaredError: ValueLoss {
    package static let descriptor = Descriptor(
        name: "mean-squared-error",
        summary: "squared difference of outputs and numbers, or of outputs and the input itself",
        parameters: [against])
    package let comparesInput: Bool

    package init(_ arguments: Arguments) throws { comparesInput = Self.comparesInput(arguments) }
    package init(comparesInput: Bool = false) { self.comparesInput = comparesInput }

    package func evaluate(
        _ places: LossPlaces, targets: UnsafePointer<Float>, stride: Int, scale: Float,
        losses: UnsafeMutablePointer<Float>
    ) {
        meanSquaredError(places, targets: targets, targetStride: stride, scale: scale, losses: losses)
    }
}
