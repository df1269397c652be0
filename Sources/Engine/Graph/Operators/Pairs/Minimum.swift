import Descriptors
import Kernels

/// The smaller of two; of equal ones each has half of the gradient.
package struct Minimum: PairOperator {
    package static let descriptor = Descriptor(name: "min", summary: "the smaller of two, broadcast")
    package static let cases = pairCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: PairFunction { .minimum }
}
