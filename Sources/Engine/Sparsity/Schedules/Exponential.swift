import Descriptors
import Foundation

extension Schedules {
    /// Each update keeps the same share of the weights that are left: the density falls as d_i · (d_f / d_i)^p, with p the share
    /// of the way from begin to end.
    package struct Exponential: GradualSchedule {
        package static let descriptor = Descriptor(
            name: "exponential", summary: "Each update keeps the same share of what is left",
            parameters: SparsityRange.parameters + UpdateSteps.parameters)

        package let range: SparsityRange
        package let updates: UpdateSteps

        package init(_ arguments: Arguments) throws {
            range = try SparsityRange(arguments)
            updates = try UpdateSteps(arguments)
        }

        package func sparsity(progress: Double) -> Double {
            // Exactly the given figures at both ends, whatever the rounding of a power.
            if progress == 0 { return range.initial }
            if progress == 1 { return range.final }
            return 1 - (1 - range.initial) * pow((1 - range.final) / (1 - range.initial), progress)
        }
    }
}
