import Training

/// The schedule as it is edited. Steps here are those of the run.
extension Scene {
    /// The draft, or where there is none the schedule's own points.
    var schedulePoints: [SchedulePoint] {
        guard let schedule = snapshot.schedule else { return [] }
        return (state.schedule.draft ?? schedule.points).map { $0.moved(by: schedule.offset) }
    }

    var selectedPoint: Int? {
        let count = schedulePoints.count
        return count == 0 ? nil : max(0, min(count - 1, state.schedule.point))
    }

    /// What is over cannot be drawn anew.
    func isLocked(_ point: SchedulePoint) -> Bool { point.step <= snapshot.step }

    /// Steps of the run, and beyond where a point lies there.
    var lastScheduleStep: Int { max(snapshot.totalSteps, schedulePoints.last?.step ?? 0, snapshot.step, 1) }

    /// The target of the schedule that is followed, at a step of the run.
    func target(at step: Int) -> Double? {
        guard let schedule = snapshot.schedule else { return nil }
        return schedule.curve.last { $0.step + schedule.offset <= step }?.sparsity ?? 0
    }

    /// The target of the draft at a step of the run that is to come.
    func draftTarget(at step: Int) -> Double? {
        let points = schedulePoints
        guard let next = points.firstIndex(where: { $0.step > step }) else { return points.last?.sparsity }
        guard next > 0 else { return 0 }
        let (left, right) = (points[next - 1], points[next])
        let share = Double(step - left.step) / Double(right.step - left.step)
        return left.sparsity + (right.sparsity - left.sparsity) * share
    }

    /// The points that are applied: what is over, where the schedule stands, and what was drawn ahead of that; in the
    /// schedule's own steps. Nil where nothing lies ahead.
    var pointsToApply: [SchedulePoint]? {
        guard let schedule = snapshot.schedule else { return nil }
        let ahead = schedulePoints.filter { !isLocked($0) }
        guard !ahead.isEmpty else { return nil }
        // What was drawn for steps that went by meanwhile was not followed.
        let over = schedule.points.map { $0.moved(by: schedule.offset) }.filter { $0.step < snapshot.step }
        // So that nothing leaps: the line goes on from where the schedule stands.
        let here = target(at: snapshot.step).map { [SchedulePoint(step: snapshot.step, sparsity: $0)] } ?? []
        return (over + here + ahead).map { $0.moved(by: -schedule.offset) }.filter { $0.step >= 0 }
    }
}

extension SchedulePoint {
    func moved(by steps: Int) -> SchedulePoint { SchedulePoint(step: step + steps, sparsity: sparsity) }
}

extension WorkbenchState {
    /// Changes the points; they are a draft from then on. Points of the run's steps in, and out.
    mutating func editSchedule(_ scene: Scene, _ change: (inout [SchedulePoint]) -> Void) {
        guard let schedule = scene.snapshot.schedule else { return }
        var points = scene.schedulePoints
        change(&points)
        guard ScheduleState.isRising(points), points.count <= ScheduleState.mostPoints, !points.isEmpty else { return }
        self.schedule.draft = points.map { $0.moved(by: -schedule.offset) }
        self.schedule.point = max(0, min(points.count - 1, self.schedule.point))
    }

    /// Moves the held point, between its neighbours and ahead of now.
    mutating func movePoint(to step: Int, _ sparsity: Double, _ scene: Scene) {
        guard let index = scene.selectedPoint else { return }
        let points = scene.schedulePoints
        guard !scene.isLocked(points[index]) else {
            notice = Notice("what is over is locked: this point lies at step \(points[index].step)", .warning)
            return
        }
        let least = max(scene.snapshot.step + 1, index > 0 ? points[index - 1].step + 1 : 0)
        let most = index + 1 < points.count ? points[index + 1].step - 1 : mostOfAnything
        let point = SchedulePoint(
            step: max(least, min(most, step)),
            sparsity: max(0, min(ScheduleState.mostSparsity, (sparsity * 1e6).rounded() / 1e6)))
        guard least <= most, point != points[index] else { return }
        editSchedule(scene) { $0[index] = point }
    }
}
