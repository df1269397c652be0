import Descriptors

/// The place of the smallest value along an axis.
package struct ArgMin: ExtremeOperator {
    package static let descriptor = Descriptor(
        name: "arg-min", summary: "the place of the smallest value along an axis; it has no gradient",
        parameters: extremeParameters)
    package static let cases = extremeCases
    package static let isLargest = false

    package let axis: Int
    package let keeps: Bool
    package let takesLast: Bool

    package init(_ arguments: Arguments) throws {
        axis = arguments.integer("axis")
        keeps = arguments.boolean("keep")
        takesLast = arguments.boolean("last")
    }
}
