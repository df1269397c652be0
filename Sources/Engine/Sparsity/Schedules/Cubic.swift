import Descriptors

extension Schedules {
    /// s = s_f + (s_i − s_f)(1 − (t − t0) / (n·Δt))³, with n·Δt = end − begin.
    ///
    /// Reference: Zhu & Gupta 2017, arXiv:1710.01878
    package struct Cubic: GradualSchedule {
        package static let descriptor = Descriptor(
            name: "cubic", summary: "Fast at first, slow at the end, as fewer weights are left to choose from",
            citation: "Zhu & Gupta 2017, arXiv:1710.01878",
            parameters: SparsityRange.parameters + UpdateSteps.parameters)

        package let range: SparsityRange
        package let updates: UpdateSteps

        package init(_ arguments: Arguments) throws {
            range = try SparsityRange(arguments)
            updates = try UpdateSteps(arguments)
        }

        package func sparsity(progress: Double) -> Double {
            let left = 1 - progress
            return range.final + (range.initial - range.final) * left * left * left
        }
    }
}
