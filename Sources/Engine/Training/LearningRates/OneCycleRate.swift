import Descriptors
import Foundation

/// Up from rate / 25 to the rate over the first `rise` of training and down to next to nothing, along half cosines.
package struct OneCycleRate: LearningRate {
    package static let descriptor = Descriptor(
        name: "one-cycle", summary: "up to the rate and down to next to nothing, along half cosines",
        citation: "Smith & Topin 2018, arXiv:1708.07120",
        parameters: [
            Parameter("rate", "learning rate at the top", .number(0...100), default: .number(0.05)),
            Parameter("rise", "share of training that goes up", .number(0.001...0.999), default: .number(0.3)),
            Parameter("start-factor", "the top over the start", .number(1...1e6), default: .number(25)),
            Parameter("end-factor", "the start over the end", .number(1...1e9), default: .number(1e4)),
        ])
    private let rate: Double
    private let rise: Double
    private let start: Double
    private let end: Double
    package init(_ arguments: Arguments) throws {
        rate = arguments.number("rate")
        rise = arguments.number("rise")
        start = rate / arguments.number("start-factor")
        end = start / arguments.number("end-factor")
    }
    package func rate(at step: Int, of total: Int) -> Double {
        let share = total > 1 ? min(1, Double(step) / Double(total - 1)) : rise
        func between(_ a: Double, _ b: Double, _ t: Double) -> Double { b + (a - b) * (1 + cos(.pi * t)) / 2 }
        return share < rise ? between(start, rate, share / rise) : between(rate, end, (share - rise) / (1 - rise))
    }
}
