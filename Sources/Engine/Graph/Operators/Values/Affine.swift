import Descriptors
import Kernels

/// scale · x + shift, both one number.
package struct Affine: ValueOperator {
    package static let descriptor = Descriptor(
        name: "affine", summary: "scale · x + shift",
        parameters: [
            Parameter("scale", "factor", .number(finite), default: .number(1)),
            Parameter("shift", "what is added", .number(finite), default: .number(0)),
        ])
    /// Masks of transformers are the least finite float where nothing is seen.
    private static let finite = -Double(Float.greatestFiniteMagnitude)...Double(Float.greatestFiniteMagnitude)
    package static let cases = valueCases(["scale": .number(-1.5), "shift": .number(0.25)])

    package let scale: Float
    package let shift: Float

    package init(_ arguments: Arguments) throws {
        scale = Float(arguments.number("scale"))
        shift = Float(arguments.number("shift"))
    }
    package init(scale: Float = 1, shift: Float = 0) {
        self.scale = scale
        self.shift = shift
    }

    package var arguments: [String: Value] { ["scale": .number(Double(scale)), "shift": .number(Double(shift))] }
    package var function: ValueFunction { .affine(scale: scale, shift: shift) }
}
