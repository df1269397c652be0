import Descriptors
import Kernels

/// a / b.
package struct Divide: PairOperator {
    package static let descriptor = Descriptor(name: "div", summary: "a / b, broadcast")
    package static let cases = pairCases(tolerance: 3e-3, values: 0.5...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: PairFunction { .divide }
}
