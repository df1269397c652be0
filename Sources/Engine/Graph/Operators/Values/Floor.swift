import Descriptors
import Kernels

/// ⌊x⌋; its derivative counts as 0.
package struct Floor: ValueOperator {
    package static let descriptor = Descriptor(name: "floor", summary: "the largest whole number that is not above x")
    package static let cases = valueCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .floor }
}
