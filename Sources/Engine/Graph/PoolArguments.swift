import Descriptors
import Kernels

/// The arguments of pools, and the cases of their tests.
struct PoolArguments: Sendable {
    static let ceil = Parameter(
        "ceil-mode", "whether a last window may end outside the padding", .boolean, default: .boolean(false))

    private let moves: WindowArguments
    private let mayEndOutside: Bool

    init(_ arguments: Arguments) throws {
        moves = try WindowArguments(arguments)
        mayEndOutside = arguments.boolean("ceil-mode")
    }

    init(kernel: Int, stride: Int) {
        moves = WindowArguments(kernel: [kernel], stride: [stride])
        mayEndOutside = false
    }

    var values: [String: Value] { moves.values.merging(["ceil-mode": .boolean(mayEndOutside)]) { $1 } }

    func outputShape(_ input: Shape) throws -> Shape { try moves.pooled(input, ceil: mayEndOutside) }

    /// - Precondition: `outputShape` does not throw.
    func window(on input: Shape) -> KernelWindow {
        guard let window = try? moves.window(on: input) else { preconditionFailure("no window on \(input)") }
        return window
    }

    static let cases = [
        OperatorCase(inputs: [Shape(channels: 2, height: 4, width: 6)]),
        OperatorCase(
            ["kernel": .integer(3), "stride": .integer(2)], inputs: [Shape(channels: 3, height: 7, width: 6)],
            samples: 17),
        OperatorCase(
            ["kernel": .integer(3), "stride": .integer(2), "padding": .integer(1)],
            inputs: [Shape(channels: 2, height: 6, width: 5)]),
        OperatorCase(
            ["kernel": .integers([2, 3]), "stride": .integers([1, 2]), "padding": .integers([1, 0, 0, 2])],
            inputs: [Shape(channels: 2, height: 3, width: 5)]),
        OperatorCase(
            ["kernel": .integer(2), "stride": .integer(1), "dilation": .integers([2, 1]), "padding": .integer(1)],
            inputs: [Shape(channels: 2, height: 4, width: 4)]),
        OperatorCase(
            ["kernel": .integer(3), "stride": .integer(2), "ceil-mode": .boolean(true)],
            inputs: [Shape(channels: 2, height: 6, width: 4)], samples: 18),
        OperatorCase(["kernel": .integer(2), "padding": .integers([1, 0])], inputs: [Shape([3, 6])]),
        OperatorCase(
            ["kernel": .integer(3), "stride": .integer(2), "ceil-mode": .boolean(true)], inputs: [Shape([2, 8])]),
    ]
}
