import Descriptors

/// eˣ / Σ eˣ along one axis.
package struct Softmax: SoftmaxOperator {
    package static let descriptor = Descriptor(
        name: "softmax", summary: "e^x over its sum along an axis", parameters: [axisParameter])
    package static let cases = softmaxCases
    package static let isLogarithm = false
    package static let isAnswer = true

    package let axis: Int

    package init(_ arguments: Arguments) throws { axis = arguments.integer("axis") }
    package init(axis: Int = -1) { self.axis = axis }
}
