import Descriptors
import Graph
import Kernels

/// A part as large as the sample, cut from the sample with a border of raw zeros around it.
package struct Crop: Augmentation {
    package static let descriptor = Descriptor(
        name: "crop", summary: "a random part as large as the sample, of the sample with zeros around it",
        parameters: [
            Parameter("pad", "rows and columns of zeros on each side", .integer(1...1024), default: .integer(4))
        ]
    )
    private let pad: Int
    package init(_ arguments: Arguments) throws { pad = arguments.integer("pad") }

    package func require(_ sample: Shape) throws { try Augmentations.requireWidth("crop", sample) }

    package func move(_ random: CounterRandom, _ sample: Shape) -> Move {
        Move(
            down: sample.height > 1 ? Augmentations.draw(random.word(0), upTo: pad) : 0,
            right: Augmentations.draw(random.word(1), upTo: pad))
    }
}
