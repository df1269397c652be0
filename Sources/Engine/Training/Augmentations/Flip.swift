import Descriptors
import Graph
import Kernels

/// Left and right exchanged in half of the samples.
package struct Flip: Augmentation {
    package static let descriptor = Descriptor(
        name: "flip", summary: "left and right exchanged, of every second sample on average",
        parameters: [
            Parameter("probability", "share of the samples that are exchanged", .number(0...1), default: .number(0.5))
        ])
    private let probability: Double
    package init(_ arguments: Arguments) throws { probability = arguments.number("probability") }

    package func require(_ sample: Shape) throws { try Augmentations.requireWidth("flip", sample) }

    package func move(_ random: CounterRandom, _ sample: Shape) -> Move {
        Move(isMirrored: Double(random.word(0) >> 11) * 0x1p-53 < probability)
    }
}
