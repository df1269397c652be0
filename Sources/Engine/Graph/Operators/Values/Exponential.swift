import Descriptors
import Kernels

/// eˣ.
package struct Exponential: ValueOperator {
    package static let descriptor = Descriptor(name: "exp", summary: "e^x")
    package static let cases = valueCases(tolerance: 2e-3, values: -2...2)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .exponential }
}
