import Descriptors
import Kernels

/// a · b: of two values, or each channel by its own factor.
package struct Multiply: PairOperator {
    package static let descriptor = Descriptor(name: "mul", summary: "a · b, broadcast")
    package static let cases = pairCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func axisRule(_ inputs: [Shape]) -> AxisRule {
        guard let output = try? outputShape(inputs) else { return AxisRule() }
        var rule = AxisRule.pointwise(inputs, output: output)
        rule.zeroOfOneInput = true
        return rule
    }
    package var function: PairFunction { .multiply }
}
