import Descriptors
import Kernels

/// x to a constant power.
package struct Power: ValueOperator {
    package static let descriptor = Descriptor(
        name: "power", summary: "x to a constant power",
        parameters: [
            Parameter("exponent", "of the power", .number(-1e30...1e30))
        ])
    package static let cases =
        valueCases(["exponent": .number(2)], tolerance: 2e-3, values: -2...2)
        + valueCases(["exponent": .number(-0.5)], tolerance: 3e-3, values: 0.5...3)
        + valueCases(["exponent": .number(0.5)], tolerance: 2e-3, values: 0.5...3)

    package let exponent: Float

    package init(_ arguments: Arguments) throws {
        exponent = Float(arguments.number("exponent"))
    }
    package init(exponent: Float) {
        self.exponent = exponent
    }

    package var arguments: [String: Value] { ["exponent": .number(Double(exponent))] }
    package var function: ValueFunction { .power(exponent) }
}
