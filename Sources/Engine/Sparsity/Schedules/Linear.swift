import Descriptors

extension Schedules {
    package struct Linear: GradualSchedule {
        package static let descriptor = Descriptor(
            name: "linear", summary: "From the initial to the final sparsity in equal steps",
            parameters: SparsityRange.parameters + UpdateSteps.parameters)

        package let range: SparsityRange
        package let updates: UpdateSteps

        package init(_ arguments: Arguments) throws {
            range = try SparsityRange(arguments)
            updates = try UpdateSteps(arguments)
        }

        package func sparsity(progress: Double) -> Double {
            // Exactly the given figure at the end, whatever the rounding on the way.
            return progress == 1 ? range.final : range.initial + (range.final - range.initial) * progress
        }
    }
}
