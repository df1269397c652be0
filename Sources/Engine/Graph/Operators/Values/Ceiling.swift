import Descriptors
import Kernels

/// ⌈x⌉; its derivative counts as 0.
package struct Ceiling: ValueOperator {
    package static let descriptor = Descriptor(name: "ceil", summary: "the smallest whole number that is not below x")
    package static let cases = valueCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .ceiling }
}
