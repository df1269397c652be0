import Descriptors

extension Schedules {
    /// The target holds between updates: it is what the last update asked for.
    package struct Linear: Schedule {
        package static let descriptor = Descriptor(
            name: "linear", summary: "From the initial to the final sparsity in equal steps",
            parameters: SparsityRange.parameters + UpdateSteps.parameters)

        private let range: SparsityRange
        private let updates: UpdateSteps

        package init(_ arguments: Arguments) throws {
            range = try SparsityRange(arguments)
            updates = try UpdateSteps(arguments)
        }

        package func sparsity(at step: Int) -> Double {
            guard let progress = updates.progress(at: step) else { return 0 }
            // Exactly the given figure at the end, whatever the rounding on the way.
            return progress == 1 ? range.final : range.initial + (range.final - range.initial) * progress
        }

        package func nextUpdate(after step: Int) -> Int? { updates.next(after: step) }

        package var lastUpdate: Int { updates.end }
    }
}
