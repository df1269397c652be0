import Descriptors

/// x − log Σ eˣ along one axis.
package struct LogSoftmax: SoftmaxOperator {
    package static let descriptor = Descriptor(
        name: "log-softmax", summary: "the logarithm of the softmax along an axis", parameters: [axisParameter])
    package static let cases = softmaxCases
    package static let isLogarithm = true
    package static let isAnswer = true

    package let axis: Int

    package init(_ arguments: Arguments) throws { axis = arguments.integer("axis") }
    package init(axis: Int = -1) { self.axis = axis }
}
