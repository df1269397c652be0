import Descriptors
import Foundation

extension Schedules {
    /// s = s_f + (s_i − s_f)(1 + cos(π·p)) / 2, with p the share of the way from begin to end.
    package struct Cosine: GradualSchedule {
        package static let descriptor = Descriptor(
            name: "cosine", summary: "Slow at first and at the end, fastest half way",
            parameters: SparsityRange.parameters + UpdateSteps.parameters)

        package let range: SparsityRange
        package let updates: UpdateSteps

        package init(_ arguments: Arguments) throws {
            range = try SparsityRange(arguments)
            updates = try UpdateSteps(arguments)
        }

        package func sparsity(progress: Double) -> Double {
            // Exactly the given figures at both ends, whatever the rounding of a cosine.
            if progress == 0 { return range.initial }
            return progress == 1
                ? range.final : range.final + (range.initial - range.final) * (1 + cos(.pi * progress)) / 2
        }
    }
}
