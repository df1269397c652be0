import Descriptors
import Foundation

package struct StepRate: LearningRate {
    package static let descriptor = Descriptor(
        name: "step", summary: "the rate times a factor after every so many steps",
        parameters: [
            LearningRates.rate,
            Parameter("factor", "what the rate is multiplied by", .number(0...1), default: .number(0.1)),
            Parameter("every", "steps between two reductions", .integer(1...Int.max)),
        ])
    private let rate: Double
    private let factor: Double
    private let every: Int
    package init(_ arguments: Arguments) throws {
        rate = arguments.number("rate")
        factor = arguments.number("factor")
        every = arguments.integer("every")
    }
    package func rate(at step: Int, of total: Int) -> Double { rate * pow(factor, Double(step / every)) }
}
