import Descriptors
import Graph

/// Noise on every normalised value, near to a normal distribution. It is added last, wherever it stands in the list; what an
/// autoencoder has to give back is the sample without it.
package struct Noise: Augmentation {
    package static let descriptor = Descriptor(
        name: "noise", summary: "noise on every value, added last; an autoencoder has to give back what is without it",
        parameters: [
            Parameter(
                "deviation", "of the noise, where the values' own is 1", .number(0...10), default: .number(0.1))
        ])
    package let noise: Double
    package init(_ arguments: Arguments) throws { noise = arguments.number("deviation") }
    package func require(_ sample: Shape) throws {}
}
