import Descriptors
import Kernels

/// |x|; its derivative at 0 is 0.
package struct AbsoluteValue: ValueOperator {
    package static let descriptor = Descriptor(name: "abs", summary: "the magnitude of x")
    package static let cases = valueCases()

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .magnitude }
}
