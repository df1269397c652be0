import Descriptors

/// The place of the largest value along an axis.
package struct ArgMax: ExtremeOperator {
    package static let descriptor = Descriptor(
        name: "arg-max", summary: "the place of the largest value along an axis; it has no gradient",
        parameters: extremeParameters)
    package static let cases = extremeCases
    package static let isLargest = true

    package let axis: Int
    package let keeps: Bool
    package let takesLast: Bool

    package init(_ arguments: Arguments) throws {
        axis = arguments.integer("axis")
        keeps = arguments.boolean("keep")
        takesLast = arguments.boolean("last")
    }
}
