import Descriptors
import Graph
import Kernels

/// The whole sample moved, its edge repeated behind it: for signals in time and for what has no black border.
package struct Shift: Augmentation {
    package static let descriptor = Descriptor(
        name: "shift", summary: "the whole sample moved by up to so many points, its edge repeated behind it",
        parameters: [
            Parameter("columns", "the most to the left or right", .integer(0...1024), default: .integer(2)),
            Parameter("rows", "the most up or down", .integer(0...1024), default: .integer(0)),
        ])
    private let columns: Int
    private let rows: Int
    package init(_ arguments: Arguments) throws {
        columns = arguments.integer("columns")
        rows = arguments.integer("rows")
    }

    package func require(_ sample: Shape) throws { try Augmentations.requireWidth("shift", sample) }

    package func move(_ random: CounterRandom, _ sample: Shape) -> Move {
        Move(
            down: Augmentations.draw(random.word(0), upTo: rows),
            right: Augmentations.draw(random.word(1), upTo: columns), repeatsEdge: true)
    }
}
