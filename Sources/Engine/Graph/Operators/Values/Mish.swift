import Descriptors
import Kernels

/// x · tanh(log(1 + eˣ)).
package struct Mish: ValueOperator {
    package static let descriptor = Descriptor(
        name: "mish", summary: "x · tanh(log(1 + e^x))",
        citation: "Misra 2019, arXiv:1908.08681")
    package static let cases = valueCases(tolerance: 2e-3, values: -3...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .mish }
}
