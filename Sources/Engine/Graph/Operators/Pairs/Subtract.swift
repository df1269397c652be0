import Descriptors
import Kernels

/// a − b.
package struct Subtract: PairOperator {
    package static let descriptor = Descriptor(name: "sub", summary: "a − b, broadcast")
    package static let cases = pairCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: PairFunction { .subtract }
}
