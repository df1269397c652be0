import Descriptors

extension Schedules {
    /// A line through points drawn by hand. It is followed at the first point, every so many steps after it, and at each
    /// point, so that what was drawn is reached exactly; between updates the target holds.
    package struct Points: Schedule {
        package static let descriptor = Descriptor(
            name: "points", summary: "A line through points drawn by hand",
            parameters: [
                Parameter(
                    "points", "Completed steps and the sparsity there, as [[0, 0.0], [1000, 0.9]]",
                    .points(0...0.9999)),
                Parameter("every", "Steps from one update to the next", .integer(1...Int.max), default: .integer(100)),
            ])

        package let points: [Value.Point]
        package let every: Int

        package init(_ arguments: Arguments) {
            points = arguments.points("points")
            every = arguments.integer("every")
        }

        package func sparsity(at step: Int) -> Double {
            guard let update = latestUpdate(at: step) else { return 0 }
            let next = points.firstIndex { $0.step > update } ?? points.count
            let left = points[next - 1]
            guard next < points.count, left.step < update else { return left.value }
            let right = points[next]
            // One difference after the other, in floating point: whole numbers may be too far apart to subtract.
            let share = (Double(update) - Double(left.step)) / (Double(right.step) - Double(left.step))
            return left.value + (right.value - left.value) * share
        }

        package func nextUpdate(after step: Int) -> Int? {
            let first = points[0].step, last = lastUpdate
            if step < first { return first }
            guard step < last else { return nil }
            let done = (step - first) / every * every
            let regular = every >= last - first - done ? last : first + done + every
            return min(regular, points.first { $0.step > step }!.step)
        }

        /// The latest step, not after this one, at which masks change.
        private func latestUpdate(at step: Int) -> Int? {
            let first = points[0].step, last = lastUpdate
            guard step >= first else { return nil }
            if step >= last { return last }
            return max(first + (step - first) / every * every, points.last { $0.step <= step }!.step)
        }

        package var lastUpdate: Int { points.last!.step }
    }
}
