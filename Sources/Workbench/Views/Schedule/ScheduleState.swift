import Training

/// What was chosen in the Schedule view: the points that are drafted, and which of them is held.
package struct ScheduleState: ViewState {
    package static let view = ViewID.schedule

    /// What is drawn over the target.
    package enum Overlay: String, Codable, Sendable, CaseIterable {
        case figure, loss, nothing
    }

    /// Points that are not applied yet, in the schedule's steps; nil: the schedule as it is.
    package var draft: [SchedulePoint]?
    /// Number of the point that keys move.
    package var point = 0
    package var overlay = Overlay.figure
    /// The x axis tells elapsed time of what is over, in place of steps.
    package var zoom = 0
    /// The preset that `P` gave last.
    package var preset: Preset?

    package init() {}

    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        let points = saved.list(.draft, of: SchedulePoint.self).filter(\.isSound)
        draft = points.isEmpty || !Self.isRising(points) ? nil : Array(points.prefix(Self.mostPoints))
        point = saved.whole(.point, within: 0...Self.mostPoints) ?? 0
        overlay = saved.value(.overlay, or: .figure)
        zoom = saved.whole(.zoom, within: 0...Self.mostZoom) ?? 0
        preset = saved.value(.preset, or: nil)
    }

    static let mostPoints = 64
    static let mostZoom = 6
    /// Nothing beyond: a layer without a weight is no layer.
    static let mostSparsity = 0.9999

    static func isRising(_ points: [SchedulePoint]) -> Bool {
        zip(points, points.dropFirst()).allSatisfy { $0.step < $1.step }
    }

    /// Where the draft came to be the schedule, or the method follows none any more, there is none.
    package mutating func follow(_ snapshot: Snapshot, layer: LayerStatus?) {
        guard !snapshot.layers.isEmpty else { return }
        guard let schedule = snapshot.schedule else {
            draft = nil
            return
        }
        if draft == schedule.points { draft = nil }
        point = max(0, min((draft ?? schedule.points).count - 1, point))
    }
}

extension SchedulePoint {
    var isSound: Bool {
        (0...mostOfAnything).contains(step) && sparsity >= 0 && sparsity <= ScheduleState.mostSparsity
    }
}

extension ViewID {
    package static let schedule = ViewID("schedule")
}

extension WorkbenchState {
    package var schedule: ScheduleState {
        get { self[ScheduleState.self] }
        set { self[ScheduleState.self] = newValue }
    }
}
