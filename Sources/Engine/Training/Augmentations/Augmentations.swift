import Descriptors
import Graph
import Kernels
import Sparsity

/// A change of training samples, drawn anew in every step: the network never sees the same sample twice.
///
/// What is drawn depends on seed, step and sample alone, so the bytes of a run are the same on any number of threads and after
/// a resume. Validation and test see samples as they are.
package protocol Augmentation: Choosable {
    /// - Throws: `FitError` where samples of this shape have nothing that it changes.
    func require(_ sample: Shape) throws

    /// Where the points of one sample move.
    /// - Parameter random: of this sample and this step; an implementation draws `random.word(0)`, `word(1)` … and nothing else.
    func move(_ random: CounterRandom, _ sample: Shape) -> Move

    /// Deviation of the noise that is added to every normalised value; 0: none.
    var noise: Double { get }
}

extension Augmentation {
    package func move(_ random: CounterRandom, _ sample: Shape) -> Move { Move() }
    package var noise: Double { 0 }
}

/// What comes to (y, x) is what lay at (y + down, x + right), or the mirror's other side of it.
package struct Move: Equatable, Sendable {
    package var down = 0
    package var right = 0
    package var isMirrored = false
    /// What lies beyond the edge is like the edge; else it is a raw 0, black in a picture.
    package var repeatsEdge = false

    package init(down: Int = 0, right: Int = 0, isMirrored: Bool = false, repeatsEdge: Bool = false) {
        self.down = down
        self.right = right
        self.isMirrored = isMirrored
        self.repeatsEdge = repeatsEdge
    }
}

/// The augmentations there are. A new one is a file in this folder and a line here.
package enum Augmentations {
    package static let all: [any Augmentation.Type] = [Crop.self, Flip.self, Shift.self, Noise.self]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any Augmentation {
        let type = try choose(name, kind: "augment", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }

    /// Whole numbers −most … most, each as likely as the others.
    static func draw(_ bits: UInt64, upTo most: Int) -> Int {
        Int(bits.multipliedFullWidth(by: UInt64(2 * most + 1)).high) - most
    }

    /// - Throws: `FitError` where a sample is no picture and no signal.
    static func requireWidth(_ name: String, _ sample: Shape) throws {
        guard sample.width > 1 else {
            throw FitError(
                ["augment", "data"],
                "augment '\(name)' moves points along the width, and samples of \(sample) have none; 'noise' needs none"
            )
        }
    }
}
