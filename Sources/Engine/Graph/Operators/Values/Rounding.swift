import Descriptors
import Kernels

/// The nearest whole number, of two the even one; its derivative counts as 0.
package struct Rounding: ValueOperator {
    package static let descriptor = Descriptor(name: "round", summary: "the nearest whole number, of two the even one")
    package static let cases = valueCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .round }
}
