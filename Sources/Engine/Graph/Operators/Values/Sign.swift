import Descriptors
import Kernels

/// −1, 0 or 1; its derivative counts as 0.
package struct Sign: ValueOperator {
    package static let descriptor = Descriptor(name: "sign", summary: "−1, 0 or 1")
    package static let cases = valueCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .sign }
}
