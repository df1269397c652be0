import Descriptors
import Kernels

/// Zeros between the points: a transposed convolution is a convolution behind it.
package struct Spread: AxisMove {
    package static let descriptor = Descriptor(
        name: "spread", summary: "zeros between the points, as a transposed convolution has them",
        parameters: [
            Parameter("strides", "from a point to the next, for each axis", .integers(1...1 << 20, count: 0...8))
        ])
    package static let cases = [
        OperatorCase(["strides": .integers([3])], inputs: [Shape([4])], samples: 17),
        OperatorCase(["strides": .integers([1, 2, 3])], inputs: [Shape([2, 3, 2])]),
    ]

    package let strides: [Int]

    package init(_ arguments: Arguments) throws { strides = arguments.integers("strides") }
    package init(_ strides: [Int]) { self.strides = strides }

    package var arguments: [String: Value] { ["strides": .integers(strides)] }

    func sizes(_ input: Shape) throws -> [Int] {
        try Self.check(strides.count == input.rank, found: "\(input)", expected: "\(strides.count) axes")
        return (0..<input.rank).map { (input[$0] - 1) * strides[$0] + 1 }
    }
    func indices(_ input: Shape) throws -> [[Int]] {
        zip(strides, try sizes(input)).map { step, count in (0..<count).map { $0 % step == 0 ? $0 / step : -1 } }
    }
}
