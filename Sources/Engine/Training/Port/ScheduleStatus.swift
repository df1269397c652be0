/// A schedule as a screen draws it. Steps are the schedule's own: a run that it was held back in is `offset` steps ahead.
package struct ScheduleStatus: Codable, Sendable, Equatable {
    package var name: String
    /// A person chose it while the run was on.
    package var isDrawn: Bool
    /// The updates after which the target goes another way.
    package var points: [SchedulePoint]
    /// The target at each update, or at some of very many.
    package var curve: [SchedulePoint]
    /// Steps from one update to the next, where the schedule says so.
    package var every: Int?
    package var offset: Int

    package init(
        name: String, isDrawn: Bool, points: [SchedulePoint], curve: [SchedulePoint], every: Int? = nil, offset: Int = 0
    ) {
        self.name = name
        self.isDrawn = isDrawn
        self.points = points
        self.curve = curve
        self.every = every
        self.offset = offset
    }
}

package struct SchedulePoint: Codable, Sendable, Hashable {
    package var step: Int
    /// In [0, 1).
    package var sparsity: Double

    package init(step: Int, sparsity: Double) {
        self.step = step
        self.sparsity = sparsity
    }

    /// As few of the points as a line through them stays within so much of all: the ends, and where it is farthest off.
    package static func corners(of curve: [SchedulePoint], within tolerance: Double) -> [SchedulePoint] {
        guard curve.count > 2 else { return curve }
        var kept: Set<Int> = [0, curve.count - 1]
        var open = [0..<curve.count - 1]
        while let part = open.popLast(), kept.count < 64 {
            let first = curve[part.lowerBound], last = curve[part.upperBound]
            let span = Double(last.step) - Double(first.step)
            var worst: (index: Int, distance: Double)?
            for index in part.dropFirst() {
                let share = (Double(curve[index].step) - Double(first.step)) / max(span, 1)
                let distance = abs(first.sparsity + (last.sparsity - first.sparsity) * share - curve[index].sparsity)
                if distance > tolerance, distance > worst?.distance ?? 0 { worst = (index, distance) }
            }
            guard let worst else { continue }
            kept.insert(worst.index)
            open += [part.lowerBound..<worst.index, worst.index..<part.upperBound]
        }
        return kept.sorted().map { curve[$0] }
    }

    /// A schedule through points as a recipe writes it.
    package static func recipe(_ points: [SchedulePoint], every: Int) -> String {
        let pairs = points.map { "[\($0.step), \($0.sparsity)]" }.joined(separator: ", ")
        return "{name: points, points: [\(pairs)], every: \(every)}"
    }
}
