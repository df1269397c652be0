import Descriptors
import Foundation

extension Schedules {
    /// The target holds between updates: it is what the last update asked for.
    ///
    /// s = s_f + (s_i − s_f)(1 + cos(π·p)) / 2, with p the share of the way from begin to end.
    package struct Cosine: Schedule {
        package static let descriptor = Descriptor(
            name: "cosine", summary: "Slow at first and at the end, fastest half way",
            parameters: SparsityRange.parameters + UpdateSteps.parameters)

        private let range: SparsityRange
        private let updates: UpdateSteps

        package init(_ arguments: Arguments) throws {
            range = try SparsityRange(arguments)
            updates = try UpdateSteps(arguments)
        }

        package func sparsity(at step: Int) -> Double {
            guard let progress = updates.progress(at: step) else { return 0 }
            // Exactly the given figures at both ends, whatever the rounding of a cosine.
            if progress == 0 { return range.initial }
            return progress == 1
                ? range.final : range.final + (range.initial - range.final) * (1 + cos(.pi * progress)) / 2
        }

        package func nextUpdate(after step: Int) -> Int? { updates.next(after: step) }

        package var lastUpdate: Int { updates.end }
    }
}
