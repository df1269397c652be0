import Descriptors
import Foundation

/// When a method exchanges weights, and which share of them: every so many steps until a part of the run is over, in shares
/// that fall along half a cosine.
///
/// f = α / 2 · (1 + cos(π·t / T_end)).
///
/// Reference: Evci et al. 2020, arXiv:1911.11134
package struct ExchangeClock: Sendable, Equatable {
    /// α
    package let drop: Double
    /// ΔT
    package let every: Int
    /// T_end, as a share of the run's steps.
    package let until: Double

    static func parameters(drop: Double, every: Int, until: Double) -> [Parameter] {
        [
            Parameter(
                "drop", "Share of a layer's weights that the first exchange drops", .number(0...1),
                default: .number(drop)),
            Parameter(
                "every", "Steps from one exchange to the next", .integer(1...Int.max), default: .integer(every)),
            Parameter(
                "until", "Share of the run's steps after which nothing is exchanged", .number(0...1),
                default: .number(until)),
        ]
    }

    init(drop: Double, every: Int, until: Double) {
        self.drop = drop
        self.every = every
        self.until = until
    }

    init(_ arguments: Arguments) {
        drop = arguments.number("drop")
        every = arguments.integer("every")
        until = arguments.number("until")
    }

    /// The first step that exchanges nothing any more.
    package func end(of totalSteps: Int) -> Int { Int((until * Double(totalSteps)).rounded()) }

    func exchanges(_ context: StepContext) -> Bool {
        let step = context.scheduleStep
        return step > 0 && step % every == 0 && step < end(of: context.totalSteps)
    }

    /// f
    func share(_ context: StepContext) -> Double {
        drop / 2 * (1 + cos(.pi * Double(context.scheduleStep) / Double(max(1, end(of: context.totalSteps)))))
    }
}

/// A count of so many weights, in whole ones: ⌊share · count⌋.
func whole(_ share: Double, of count: Int) -> Int { min(count, Int(share * Double(count))) }
