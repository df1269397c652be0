import Terminal
import Training

/// The row of the draft that says how long one image takes here, now and after the cut. Always measured, never modelled.
enum DraftLatency {
    /// The draft's network is timed in a spare moment: once its figure is known, so that no figure waits for it.
    static func wants(_ scene: Scene) -> [Query] {
        if let draft = scene.state.draft {
            guard scene.state.answers.measurement(of: draft, tried: false)?.isFinal == true else { return [] }
        }
        return [Query(LatencyQuery(scene.lineDraft))]
    }

    static func row(_ scene: Scene, _ width: Int) -> (text: String, style: Style) {
        let name = "1 image", hasDraft = scene.state.draft != nil
        if scene.state.answers.refusals[.latency] != nil { return (name + "     –", Style(.dim)) }
        let latest = scene.state.answers.latest(LatencyQuery.self)
        let known = scene.state.answers.reply(to: LatencyQuery(scene.lineDraft))
        let waited = scene.state.askedSeconds[.latency].map { " \(Format.age(seconds: Double($0)))" } ?? ""
        guard let now = (known ?? latest?.reply)?.now, known != nil || hasDraft else {
            return ("\(name)  timing…\(waited)", Style(.dim))
        }
        let (factor, unit) = now < 1e-3 ? (1e6, "µs") : (1e3, "ms")
        func text(_ seconds: Double) -> String { Format.significant(seconds * factor) }
        let left = name + Format.right(text(now), 13 - Glyphs.width(name))
        guard hasDraft else { return ("\(left) \(unit)", style(known, scene)) }
        guard let known else { return ("\(left) → …\(waited)", Style(.dim)) }
        let words = "\(left) → \(text(known.cut)) \(unit)"
        return (Glyphs.width(words) + 5 <= width ? words + " here" : words, style(known, scene))
    }

    private static func style(_ known: LatencyAnswer?, _ scene: Scene) -> Style {
        Style(.text, dim: known.map { scene.isOld($0.step) } ?? true)
    }
}
