import Descriptors

package struct ConstantRate: LearningRate {
    package static let descriptor = Descriptor(
        name: "constant", summary: "the same rate throughout", parameters: [LearningRates.rate])
    private let rate: Double
    package init(_ arguments: Arguments) throws { rate = arguments.number("rate") }
    package func rate(at step: Int, of total: Int) -> Double { rate }
}
