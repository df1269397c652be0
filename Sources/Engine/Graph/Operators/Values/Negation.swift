import Descriptors
import Kernels

/// −x.
package struct Negation: ValueOperator {
    package static let descriptor = Descriptor(name: "neg", summary: "−x")
    package static let cases = valueCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .affine(scale: -1, shift: 0) }
}
