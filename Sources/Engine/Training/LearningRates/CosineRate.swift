import Descriptors
import Foundation

/// final + (rate − final) · (1 + cos(π t / T)) / 2, after a linear warm-up.
package struct CosineRate: LearningRate {
    package static let descriptor = Descriptor(
        name: "cosine", summary: "from the rate down to the final one along a half cosine",
        citation: "Loshchilov & Hutter 2017, arXiv:1608.03983",
        parameters: [
            LearningRates.rate,
            Parameter("final", "learning rate at the end", .number(0...100), default: .number(0)),
            Parameter("warm-up", "steps of linear rise at the start", .integer(0...Int.max), default: .integer(0)),
        ])
    private let rate: Double
    private let final: Double
    private let warmUp: Int
    package init(_ arguments: Arguments) throws {
        rate = arguments.number("rate")
        final = arguments.number("final")
        warmUp = arguments.integer("warm-up")
    }
    package func rate(at step: Int, of total: Int) -> Double {
        // A stretch no longer than the warm-up has none: it would train at the final rate throughout.
        let warmUp = total > self.warmUp ? self.warmUp : 0
        if step < warmUp { return rate * Double(step + 1) / Double(warmUp) }
        let share = min(1, Double(max(0, step - warmUp)) / Double(max(1, total - warmUp)))
        return final + (rate - final) * (1 + cos(.pi * share)) / 2
    }
}
