import Training

package enum Curve: String, Codable, Sendable, CaseIterable {
    /// The figure that decides; saved as what it was when there was no other.
    case figure = "accuracy"
    case loss, speed

    func title(_ figure: FigureFormat) -> String { self == .figure ? figure.title : rawValue }
}

/// What was chosen in the Session view.
package struct SessionState: ViewState {
    package static let view = ViewID.session

    package var curve = Curve.figure
    /// The x axis tells elapsed time instead of steps.
    package var byTime = false
    /// The span shown is halved so many times.
    package var zoom = 0
    /// Right end of the span, in units of the x axis; nil: now.
    package var end: Double?
    /// Step at which values are read; nil: none.
    package var cursor: Int?

    package init() {}

    package init(from decoder: any Decoder) throws {
        let saved = try decoder.container(keyedBy: CodingKeys.self)
        curve = saved.value(.curve, or: .figure)
        byTime = saved.value(.byTime, or: false)
        zoom = saved.whole(.zoom, within: 0...Self.most) ?? 0
        end = saved.finite(.end)
        cursor = saved.whole(.cursor, within: 0...mostOfAnything)
    }

    /// Beyond it two points of a long curve stand at the ends.
    private static let most = 12

    /// The span of the x axis that is shown.
    func range(_ curve: [CurvePoint]) -> ClosedRange<Double> {
        let first = curve.first.map(x) ?? 0
        let last = curve.last.map(x) ?? 1
        let all = max(1e-9, last - first)
        let span = all / Double(1 << zoom)
        let right = min(last, max(first + span, end ?? last))
        return (right - span)...max(right, right - span + 1e-9)
    }

    func x(_ point: CurvePoint) -> Double { byTime ? point.elapsedSeconds : Double(point.step) }

    mutating func zoom(by steps: Int, _ curve: [CurvePoint]) {
        let before = range(curve)
        zoom = max(0, min(Self.most, zoom + steps))
        if zoom == 0 { end = nil }
        // Around the cursor where there is one, else around what is newest.
        if let cursor, let point = curve.last(where: { $0.step <= cursor }), zoom > 0 {
            let span = (before.upperBound - before.lowerBound) / (steps > 0 ? 2 : 0.5)
            end = x(point) + span / 2
        }
        settle(curve)
    }

    mutating func pan(by share: Double, _ curve: [CurvePoint]) {
        let range = range(curve)
        end = range.upperBound + share * (range.upperBound - range.lowerBound)
        settle(curve)
    }

    /// At the right end the picture follows training again.
    private mutating func settle(_ curve: [CurvePoint]) {
        guard let end else { return }
        if end >= (curve.last.map(x) ?? 0) { self.end = nil } else { self.end = range(curve).upperBound }
    }

    /// To the next point that lies at least a column away.
    mutating func moveCursor(by direction: Int, _ curve: [CurvePoint]) {
        guard let last = curve.last else { return }
        let range = range(curve)
        let column = (range.upperBound - range.lowerBound) / 60
        let at = curve.last { $0.step <= cursor ?? last.step } ?? last
        let next =
            direction > 0
            ? curve.first { x($0) >= x(at) + column } ?? last : curve.last { x($0) <= x(at) - column } ?? curve[0]
        cursor = next.step
        if x(next) < range.lowerBound { end = x(next) + (range.upperBound - range.lowerBound) }
        if x(next) > range.upperBound { end = x(next) }
        settle(curve)
    }
}

extension ViewID {
    package static let session = ViewID("session")
}

extension WorkbenchState {
    package var session: SessionState {
        get { self[SessionState.self] }
        set { self[SessionState.self] = newValue }
    }
}
