import Descriptors

/// The same values: what an export leaves where something was.
package struct Identity: ReshapeOperator {
    package static let descriptor = Descriptor(name: "identity", summary: "the same values")
    package static let cases = [OperatorCase(inputs: [Shape([3, 4])]), OperatorCase(inputs: [Shape([2, 3, 3])])]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var traits: OperatorTraits { [.reshapes, .keepsOrder] }
    package func outputShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }
}
