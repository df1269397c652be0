import Descriptors
import Kernels

/// x / (1 + |x|).
package struct Softsign: ValueOperator {
    package static let descriptor = Descriptor(name: "softsign", summary: "x over 1 plus its magnitude")
    package static let cases = valueCases(tolerance: 2e-3, values: 0.1...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .softsign }
}
