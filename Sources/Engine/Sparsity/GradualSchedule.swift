import Descriptors

/// A schedule from an initial to a final sparsity, over updates between two steps. It says only where it is after a share of the
/// way; between updates the target holds.
package protocol GradualSchedule: Schedule {
    var range: SparsityRange { get }
    var updates: UpdateSteps { get }
    /// - Parameter progress: 0 at begin, 1 at end. It must give exactly the final sparsity at 1.
    func sparsity(progress: Double) -> Double
}

extension GradualSchedule {
    package func sparsity(at step: Int) -> Double { updates.progress(at: step).map(sparsity(progress:)) ?? 0 }

    package func nextUpdate(after step: Int) -> Int? { updates.next(after: step) }

    package var lastUpdate: Int { updates.end }
}

/// Where a gradual schedule starts and ends.
package struct SparsityRange: Sendable, Equatable {
    package let initial: Double
    package let final: Double

    static let parameters = [
        Parameter("initial", "Sparsity at begin", .sparsity, default: .number(0)),
        Parameter("final", "Sparsity at end", .sparsity),
    ]

    init(_ arguments: Arguments) throws {
        initial = arguments.number("initial")
        final = arguments.number("final")
        guard final >= initial else {
            throw ArgumentError.outOfRange(
                name: "final", of: arguments.descriptor.name, value: "\(final)",
                accepted: "initial (\(initial)) or more")
        }
    }
}
