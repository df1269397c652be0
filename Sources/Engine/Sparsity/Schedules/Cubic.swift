import Descriptors

extension Schedules {
    /// The target holds between updates: it is what the last update asked for.
    ///
    /// s = s_f + (s_i − s_f)(1 − (t − t0) / (n·Δt))³, with n·Δt = end − begin.
    ///
    /// Reference: Zhu & Gupta 2017, arXiv:1710.01878
    package struct Cubic: Schedule {
        package static let descriptor = Descriptor(
            name: "cubic", summary: "Fast at first, slow at the end, as fewer weights are left to choose from",
            citation: "Zhu & Gupta 2017, arXiv:1710.01878",
            parameters: SparsityRange.parameters + UpdateSteps.parameters)

        private let range: SparsityRange
        private let updates: UpdateSteps

        package init(_ arguments: Arguments) throws {
            range = try SparsityRange(arguments)
            updates = try UpdateSteps(arguments)
        }

        package func sparsity(at step: Int) -> Double {
            guard let progress = updates.progress(at: step) else { return 0 }
            let left = 1 - progress
            return range.final + (range.initial - range.final) * left * left * left
        }

        package func nextUpdate(after step: Int) -> Int? { updates.next(after: step) }

        package var lastUpdate: Int { updates.end }
    }
}
