import Descriptors

extension Schedules {
    package struct OneShot: Schedule {
        package static let descriptor = Descriptor(
            name: "one-shot", summary: "Dense until one step, then the whole target at once",
            parameters: [
                Parameter("final", "Sparsity after the cut", .sparsity),
                Parameter("at", "Completed steps at the cut", .step),
            ])

        package let final: Double
        package let at: Int

        package init(_ arguments: Arguments) {
            final = arguments.number("final")
            at = arguments.integer("at")
        }

        package func sparsity(at step: Int) -> Double { step >= at ? final : 0 }

        package func nextUpdate(after step: Int) -> Int? { step < at ? at : nil }

        package var lastUpdate: Int { at }
    }
}
