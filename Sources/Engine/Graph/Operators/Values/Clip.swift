import Descriptors
import Kernels

/// x cut to a range. At the ends the derivative is 0.
package struct Clip: ValueOperator {
    private static let limit = 3.4028234663852886e38
    package static let descriptor = Descriptor(
        name: "clip", summary: "x cut to a range; 0 to 6 is ReLU6",
        parameters: [
            Parameter("min", "lower end", .number(-limit...limit), default: .number(-limit)),
            Parameter("max", "upper end", .number(-limit...limit), default: .number(limit)),
        ])
    package static let cases =
        valueCases(["min": .number(-1), "max": .number(1.5)]) + valueCases(["min": .number(0), "max": .number(6)])

    package let low: Float
    package let high: Float

    package init(_ arguments: Arguments) throws {
        self.init(Float(arguments.number("min")), Float(arguments.number("max")))
    }
    package init(_ low: Float, _ high: Float) {
        self.low = low
        self.high = high
    }

    package var arguments: [String: Value] { ["min": .number(Double(low)), "max": .number(Double(high))] }
    package func exactStep(_ inputs: [Shape]) -> (any ExactStep)? {
        let (low, high) = (Double(low), Double(high))
        return ExactFunction(
            function: { $0.value <= low ? Dual(low) : $0.value >= high ? Dual(high) : $0 },
            slope: { Dual($0.value > low && $0.value < high ? 1 : 0) })
    }
    package var valueKind: ValueKind? { .limit(Limits(low, high)) }
    package var function: ValueFunction { .clip(low: low, high: high) }
}
