import Descriptors
import Kernels

/// More points before and behind those of each axis, or fewer.
package struct Pad: AxisMove {
    package enum Mode: String, CaseIterable, Sendable { case constant, reflect, edge, wrap }

    package static let descriptor = Descriptor(
        name: "pad",
        summary: "more points around the axes: a constant, or the points mirrored, repeated, from the other end",
        parameters: [
            Parameter(
                "pads", "points before each axis, then behind each; negative ones are cut off",
                .integers(-(1 << 30)...1 << 30, count: 0...16)),
            Parameter(
                "mode", "what they are", .choice(Mode.allCases.map(\.rawValue)), default: .text("constant")),
            Parameter("value", "the constant", .number(-3.4e38...3.4e38), default: .number(0)),
        ])
    package static let cases = [
        OperatorCase(["pads": .integers([2, 1])], inputs: [Shape([4])], samples: 17),
        OperatorCase(
            ["pads": .integers([0, 1, 2, 0, 1, -1]), "value": .number(1.5)], inputs: [Shape([2, 3, 4])]),
        OperatorCase(["pads": .integers([0, 3, 0, 2]), "mode": .text("reflect")], inputs: [Shape([2, 4])]),
        OperatorCase(["pads": .integers([1, 3, 0, 2]), "mode": .text("edge")], inputs: [Shape([2, 4])]),
        OperatorCase(["pads": .integers([0, 3, 1, 5]), "mode": .text("wrap")], inputs: [Shape([2, 4])]),
    ]

    package let pads: [Int]
    package let mode: Mode
    package let filling: Float

    package init(_ arguments: Arguments) throws {
        pads = arguments.integers("pads")
        mode = Mode(rawValue: arguments.text("mode"))!
        filling = Float(arguments.number("value"))
    }
    package init(_ pads: [Int], mode: Mode = .constant, value: Float = 0) {
        (self.pads, self.mode, filling) = (pads, mode, value)
    }

    package var arguments: [String: Value] {
        ["pads": .integers(pads), "mode": .text(mode.rawValue), "value": .number(Double(filling))]
    }

    func candidate(_ change: AxisChange, _ indices: [[Int]]) throws -> (any AxisMove)? {
        let rank = indices.count
        var pads = pads
        for (axis, numbers) in indices.enumerated() {
            let size = change.newInputs[0][axis]
            if mode == .constant, pads[axis] >= 0, pads[axis + rank] >= 0 {
                pads[axis] = numbers.prefix { $0 < 0 }.count
                pads[axis + rank] = numbers.count - size - pads[axis]
            }
        }
        return Pad(pads, mode: mode, value: filling)
    }

    func sizes(_ input: Shape) throws -> [Int] {
        try Self.check(
            pads.count == 2 * input.rank, found: "\(input)", expected: "\(pads.count / 2) axes, two pads for each")
        return (0..<input.rank).map { max(0, input[$0] + pads[$0] + pads[$0 + input.rank]) }
    }

    func indices(_ input: Shape) throws -> [[Int]] {
        zip(input.axes.indices, try sizes(input)).map { axis, count in
            let size = input[axis]
            return (0..<count).map { index in
                let place = index - pads[axis]
                if (0..<size).contains(place) { return place }
                switch mode {
                case .constant: return -1
                case .edge: return min(max(place, 0), size - 1)
                case .wrap: return ((place % size) + size) % size
                case .reflect:
                    // Mirrored at the first and the last point, again and again.
                    guard size > 1 else { return 0 }
                    let period = 2 * (size - 1), within = ((place % period) + period) % period
                    return min(within, period - within)
                }
            }
        }
    }
}
