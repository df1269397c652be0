import Descriptors
import Kernels

/// The whole tensor again and again along its axes.
package struct Tile: AxisMove {
    package static let descriptor = Descriptor(
        name: "tile", summary: "the whole tensor again and again",
        parameters: [Parameter("repeats", "how often, for each axis", .integers(1...1 << 30, count: 0...8))])
    package static let cases = [
        OperatorCase(["repeats": .integers([3])], inputs: [Shape([4])], samples: 17),
        OperatorCase(["repeats": .integers([1, 2, 3])], inputs: [Shape([2, 3, 1])]),
    ]

    package let repeats: [Int]

    package init(_ arguments: Arguments) throws { repeats = arguments.integers("repeats") }
    package init(_ repeats: [Int]) { self.repeats = repeats }

    package var arguments: [String: Value] { ["repeats": .integers(repeats)] }

    func sizes(_ input: Shape) throws -> [Int] {
        try Self.check(repeats.count == input.rank, found: "\(input)", expected: "\(repeats.count) axes")
        return (0..<input.rank).map { input[$0] * repeats[$0] }
    }
    func indices(_ input: Shape) throws -> [[Int]] {
        zip(input.axes, try sizes(input)).map { size, count in (0..<count).map { $0 % size } }
    }
}
