import Terminal
import Training

extension Prompt.Subject {
    /// Where the held point is to lie.
    static var point: Prompt.Subject {
        Prompt.Subject(
            name: "point", prompt: " point: ",
            note: { _, _ in "step and zeros, as “15000 90%”; one of them alone leaves the other; Esc leaves it" },
            accept: { text, state, scene in ([], ScheduleView.type(text, &state, scene)) })
    }
}

extension ScheduleView {
    static let commands: [Verb] = [
        verb(
            "point-left", [.character("h"), .left], "the point earlier", hint: "move",
            of: ["point-left", "point-down", "point-up", "point-right"]
        ) { move(&$0, $1, steps: -1) },
        verb("point-down", [.character("j"), .down], "the point to fewer zeros") { move(&$0, $1) { down(from: $0) } },
        verb("point-up", [.character("k"), .up], "the point to more zeros") { move(&$0, $1) { up(from: $0) } },
        verb("point-right", [.character("l"), .right], "the point later") { move(&$0, $1, steps: 1) },
        verb(
            "fine-left", [.character("H"), .shiftLeft], "one step earlier", hint: "fine",
            of: ["fine-left", "fine-right"]
        ) {
            move(&$0, $1, steps: -1, isFine: true)
        },
        verb("fine-right", [.character("L"), .shiftRight], "one step later") { move(&$0, $1, steps: 1, isFine: true) },
        verb("fine-down", [.character("J"), .shiftDown], "0.1 % fewer zeros, above 99 % 0.01") {
            move(&$0, $1) { $0 - ($0 > 0.99005 ? 0.0001 : 0.001) }
        },
        verb("fine-up", [.character("K"), .shiftUp], "0.1 % more zeros, above 99 % 0.01") {
            move(&$0, $1) { $0 + ($0 >= 0.98999 ? 0.0001 : 0.001) }
        },
        verb("next-point", .of("]"), "next point", hint: "point", of: ["previous-point", "next-point"]) {
            state, scene in choose(&state, scene, state.schedule.point + 1)
        },
        verb("previous-point", .of("["), "point before") { state, scene in
            choose(&state, scene, state.schedule.point - 1)
        },
        verb("first", .of("g"), "first point") { state, scene in choose(&state, scene, 0) },
        verb("last", .of("G"), "last point") { state, scene in choose(&state, scene, 1 << 20) },
        verb("type", [.character("e"), .enter], "type where the point lies: 15000 90%", hint: "type") { state, _ in
            state.prompt = .line(.point, LineEditor(), nil)
        }.taking("step zeros") { state, scene, words in ([], type(words, &state, scene)) },
        verb("insert", .of("i"), "a point between this one and the next", hint: "insert") { insert(&$0, $1) },
        verb("delete", [.character("d"), .delete], "take the point away", hint: "delete") { state, scene in
            guard let index = scene.selectedPoint, !isLocked(index, &state, scene) else { return }
            guard scene.schedulePoints.count { !scene.isLocked($0) } > 1 else {
                state.notice = Notice("the last point ahead stays: the schedule leads there", .warning)
                return
            }
            state.editSchedule(scene) { $0.remove(at: index) }
        },
        verb("preset", .of("P"), "linear, cubic (Zhu & Gupta), cosine, one shot, constant from here on", hint: "preset")
        {
            preset(&$0, $1)
        },
        verb("overlay", .of("m"), "over it: the figure, the loss, nothing", hint: "overlay") { state, _ in
            let all = ScheduleState.Overlay.allCases
            state.schedule.overlay = all[(all.firstIndex(of: state.schedule.overlay)! + 1) % all.count]
        },
        verb("zoom-in", .of("+="), "fewer steps around the point") { state, _ in
            state.schedule.zoom = min(ScheduleState.mostZoom, state.schedule.zoom + 1)
        },
        verb("zoom-out", .of("-"), "more steps") { state, _ in state.schedule.zoom = max(0, state.schedule.zoom - 1) },
        verb("zoom-all", .of("0"), "all steps of the run") { state, _ in state.schedule.zoom = 0 },
        Verb(
            "apply", .of("a"), "follow the line from the next step on", hint: "apply", in: .schedule,
            when: { $0.state.schedule.draft != nil && $0.isOpen }
        ) { state, scene in
            guard let points = scene.pointsToApply, let schedule = scene.snapshot.schedule else {
                state.notice = Notice("no point lies ahead: there is nothing to follow", .warning)
                return []
            }
            state.notice = Notice("the schedule goes through these points from the next step on")
            // The same point stays held, whatever comes before it.
            if let held = scene.selectedPoint.map({ scene.schedulePoints[$0].step }) {
                state.schedule.point = points.lastIndex { $0.step + schedule.offset <= held } ?? 0
            }
            let text = SchedulePoint.recipe(points, every: schedule.every ?? 100)
            state.schedule.draft = nil
            return [.send(.choose(part: "schedule", value: text))]
        },
        Verb(
            "drop", .of("r"), "drop the draft", hint: "drop", in: .schedule, when: { $0.state.schedule.draft != nil }
        ) { state, _ in
            state.schedule.draft = nil
            return []
        },
        Verb(
            "original", [], "follow the recipe's schedule again", in: .schedule,
            when: { $0.isOpen && $0.snapshot.schedule?.isDrawn == true }
        ) { _, _ in [.send(.choose(part: "schedule", value: ""))] },
    ]

    private static func verb(
        _ name: String, _ keys: [Key], _ title: String, hint: String? = nil, of hintOf: [String] = [],
        _ run: @escaping @Sendable (inout WorkbenchState, Scene) -> Void
    ) -> Verb {
        Verb(
            name, keys, title, hint: hint, of: hintOf, in: .schedule,
            when: { $0.hasNetwork && $0.snapshot.schedule != nil }
        ) { state, scene in
            run(&state, scene)
            return []
        }
    }

    private static func choose(_ state: inout WorkbenchState, _ scene: Scene, _ index: Int) {
        state.schedule.point = max(0, min(scene.schedulePoints.count - 1, index))
    }

    private static func isLocked(_ index: Int, _ state: inout WorkbenchState, _ scene: Scene) -> Bool {
        let point = scene.schedulePoints[index]
        guard scene.isLocked(point) else { return false }
        state.notice = Notice("what is over is locked: this point lies at step \(Format.count(point.step))", .warning)
        return true
    }

    /// By an update of the schedule, or by a step.
    private static func move(_ state: inout WorkbenchState, _ scene: Scene, steps: Int, isFine: Bool = false) {
        guard let index = scene.selectedPoint else { return }
        let point = scene.schedulePoints[index]
        // A hundredth of the run where the schedule says no more.
        let stride = isFine ? 1 : scene.snapshot.schedule?.every ?? max(1, scene.lastScheduleStep / 100)
        state.movePoint(to: point.step + steps * stride, point.sparsity, scene)
    }

    private static func move(_ state: inout WorkbenchState, _ scene: Scene, _ sparsity: (Double) -> Double) {
        guard let index = scene.selectedPoint else { return }
        let point = scene.schedulePoints[index]
        state.movePoint(to: point.step, sparsity(point.sparsity), scene)
    }

    /// Closer together where a per cent costs more.
    private static let stops: [Double] =
        [0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92, 94, 95, 96, 97, 98, 99, 99.5, 99.9].map { $0 / 100 }
    private static func up(from sparsity: Double) -> Double { stops.first { $0 > sparsity + 5e-5 } ?? sparsity }
    private static func down(from sparsity: Double) -> Double { stops.last { $0 < sparsity - 5e-5 } ?? 0 }

    private static func insert(_ state: inout WorkbenchState, _ scene: Scene) {
        guard let index = scene.selectedPoint else { return }
        let points = scene.schedulePoints
        guard points.count < ScheduleState.mostPoints else {
            state.notice = Notice("\(points.count) points are as many as there can be", .warning)
            return
        }
        // Behind the last point one at the end of the run, else one in the middle; never in what is over.
        let next =
            index + 1 < points.count ? points[index + 1].step : max(scene.snapshot.totalSteps, points[index].step) + 1
        let from = max(points[index].step, scene.snapshot.step)
        let step = index + 1 < points.count ? from + (next - from) / 2 : next - 1
        guard step > from, step < next else {
            state.notice = Notice("there is no step between these points", .warning)
            return
        }
        let sparsity = scene.draftTarget(at: step) ?? 0
        state.editSchedule(scene) {
            $0.insert(SchedulePoint(step: step, sparsity: (sparsity * 1e4).rounded() / 1e4), at: index + 1)
        }
        state.schedule.point = index + 1
    }

    private static func preset(_ state: inout WorkbenchState, _ scene: Scene) {
        let points = scene.schedulePoints
        guard let last = points.last, let target = scene.target(at: scene.snapshot.step) else { return }
        let all = Preset.allCases
        let next = state.schedule.preset.map { all[(all.firstIndex(of: $0)! + 1) % all.count] } ?? all[0]
        let start = SchedulePoint(step: scene.snapshot.step + 1, sparsity: target)
        // To where the recipe's own line leads, whatever the preset before came to.
        let final = scene.snapshot.schedule?.points.last?.sparsity ?? last.sparsity
        let end = SchedulePoint(step: max(last.step, start.step + 2), sparsity: max(final, target))
        let over = points.filter { scene.isLocked($0) }
        state.schedule.preset = next
        state.editSchedule(scene) { $0 = over + next.points(from: start, to: end) }
        state.schedule.point = (state.schedule.draft?.count ?? 1) - 1
        state.notice = Notice("\(next.rawValue) from here on, as a draft")
    }

    /// "15000 90%": returns what is wrong with it.
    static func type(_ text: String, _ state: inout WorkbenchState, _ scene: Scene) -> String? {
        guard let index = scene.selectedPoint else { return "there is no point" }
        let point = scene.schedulePoints[index]
        if scene.isLocked(point) { return "what is over is locked; ] goes to the next point" }
        var step = point.step, sparsity = point.sparsity
        let words = text.split(separator: " ").map(String.init)
        guard (1...2).contains(words.count) else { return "step and zeros, as “15000 90%”" }
        for word in words {
            if word.hasSuffix("%") {
                guard let value = TypedNumber.decimal(word.dropLast()), value <= 100 * ScheduleState.mostSparsity else {
                    return TypedNumber.commaProblem(word) ?? "zeros are 0 to 99.99 %"
                }
                sparsity = value / 100
            } else {
                guard let value = TypedNumber.whole(word), value <= mostOfAnything else {
                    return TypedNumber.commaProblem(word) ?? "steps are a whole number; zeros end in %"
                }
                step = value
            }
        }
        let points = scene.schedulePoints
        let least = max(scene.snapshot.step + 1, index > 0 ? points[index - 1].step + 1 : 0)
        let most = index + 1 < points.count ? points[index + 1].step - 1 : mostOfAnything
        guard least <= most, (least...most).contains(step) else {
            return "between its neighbours and ahead of now: steps \(Format.count(least)) to "
                + (most == mostOfAnything ? "any" : Format.count(most))
        }
        state.movePoint(to: step, sparsity, scene)
        return nil
    }

    /// A click holds a point, dragging moves it; the wheel zooms the chart.
    static func mouse(_ event: MouseEvent, _ state: inout WorkbenchState, _ scene: Scene) -> [Effect] {
        let layout = ScheduleLayout(scene)
        guard scene.snapshot.schedule != nil else { return [] }
        if layout.chart.contains(event.x, event.y) {
            switch event.kind {
            case .wheelUp: state.schedule.zoom = min(ScheduleState.mostZoom, state.schedule.zoom + 1)
            case .wheelDown: state.schedule.zoom = max(0, state.schedule.zoom - 1)
            case .press, .drag:
                // Where the points are depends on labels: only drawing tells.
                var grid = CellGrid(width: scene.size.width, height: scene.size.height)
                guard let plot = TargetPane.draw(scene, layout.chart, into: &grid), plot.rect.contains(event.x, event.y)
                else { return [] }
                if event.kind == .press {
                    if let point = TargetPane.point(at: event.x, event.y, plot, scene) { state.schedule.point = point }
                } else {
                    // To a tenth of a per cent: a row is coarser than that.
                    let zeros = (plot.y(atRow: event.y) * 10).rounded() / 1000
                    state.movePoint(to: Int(plot.x(atColumn: event.x).rounded()), zeros, scene)
                }
            case .release: break
            }
        } else if layout.points.contains(event.x, event.y), event.kind == .press {
            if let point = PointList.point(at: event.y, scene, layout.points) { state.schedule.point = point }
        }
        return []
    }
}
