import Descriptors
import Kernels

/// √x; its derivative at 0 is infinite.
package struct SquareRoot: ValueOperator {
    package static let descriptor = Descriptor(name: "sqrt", summary: "the square root")
    package static let cases = valueCases(tolerance: 2e-3, values: 0.5...3)

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var function: ValueFunction { .squareRoot }
}
