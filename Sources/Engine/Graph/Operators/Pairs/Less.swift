import Descriptors
import Kernels

/// 1 where a < b, else 0; the derivative counts as 0.
package struct Less: PairOperator {
    package static let descriptor = Descriptor(name: "less", summary: "1 where a < b, else 0, broadcast")
    package static let cases = pairCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: PairFunction { .less }
}
