import Descriptors
import Kernels

/// The larger of two; of equal ones each has half of the gradient.
package struct Maximum: PairOperator {
    package static let descriptor = Descriptor(name: "max", summary: "the larger of two, broadcast")
    package static let cases = pairCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: PairFunction { .maximum }
}
