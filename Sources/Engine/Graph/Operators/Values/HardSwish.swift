import Descriptors
import Kernels

/// x · (x / 6 + ½ cut to 0 … 1).
package struct HardSwish: ValueOperator {
    package static let descriptor = Descriptor(
        name: "hard-swish", summary: "x · (x / 6 + ½ cut to 0 … 1)",
        citation: "Howard et al. 2019, arXiv:1905.02244")
    package static let cases = valueCases(tolerance: 1e-3, values: 0.1...2.8)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .hardSwish }
}
