import Descriptors
import Kernels

/// a to the power of b.
package struct PairPower: PairOperator {
    package static let descriptor = Descriptor(name: "pow", summary: "a to the power of b, broadcast")
    package static let cases = pairCases(tolerance: 3e-3, values: 0.5...2)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: PairFunction { .power }
}
