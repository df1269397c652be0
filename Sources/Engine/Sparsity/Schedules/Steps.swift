import Descriptors

extension Schedules {
    /// Each target holds from its step to the next one's.
    package struct Steps: Schedule {
        package static let descriptor = Descriptor(
            name: "steps", summary: "A target from each given step on",
            parameters: [
                Parameter(
                    "points", "Completed steps and the sparsity from then on, as {1000: 0.5, 2000: 0.9}",
                    .points(0...0.9999))
            ])

        package let points: [Value.Point]

        package init(_ arguments: Arguments) { points = arguments.points("points") }

        package func sparsity(at step: Int) -> Double { points.last { $0.step <= step }?.value ?? 0 }

        package func nextUpdate(after step: Int) -> Int? { points.first { $0.step > step }?.step }

        package var lastUpdate: Int { points.last!.step }
    }
}
