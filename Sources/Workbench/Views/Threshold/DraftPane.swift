import Foundation
import Terminal
import Text
import Training

/// What the draft means: exact counts at once, and the figure at once and after some steps.
enum DraftPane {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let threshold = scene.state.threshold
        let locks =
            (threshold.locked.isEmpty ? "" : ", \(threshold.locked.count) locked")
            + (threshold.keepsTotal ? ", total" : "")
        grid.box(rect, title: (scene.state.draft == nil ? "no draft" : "draft") + locks)
        let inner = rect.inner
        var y = inner.y
        func put(_ text: String, _ style: Style = .plain) {
            guard y < inner.maxY else { return }
            grid.put(text, at: inner.x, y, style, width: inner.width)
            y += 1
        }
        scope(scene, inner, y, into: &grid)
        y += 1
        let hasDraft = scene.state.draft != nil
        put(hasDraft ? "           now    draft" : "           now", Style(.dim))
        for row in counts(scene) { put(row) }
        let latency = DraftLatency.row(scene, inner.width)
        put(latency.text, latency.style)
        if let value = scene.readingNow {
            let dim = scene.isOld(value.step)
            put("val    \(scene.figure.short(value.value))  of \(Format.count(value.count))", Style(.text, dim: dim))
        } else {
            put("val    –")
        }
        measured(scene, tried: false, put)
        measured(scene, tried: true, put)
        floor(scene, put)
        guard let summary = scene.summary, hasDraft else { return }
        if y + 1 < inner.maxY {
            put("")
            put("would return " + Format.count(summary.wouldReturn), Style(.dim))
            put("counts of step " + Format.count(summary.step), Style(.dim, dim: scene.isOld(summary.step)))
        }
    }

    private static func scope(_ scene: Scene, _ inner: Rect, _ y: Int, into grid: inout CellGrid) {
        let isGlobal = scene.state.drafts.scope == .global
        // The end tells a name from the others.
        let name = (scene.layer?.name ?? "").visible.end(max(3, inner.width - 20))
        var x = grid.put("scope ", at: inner.x, y, Style(.dim))
        x = grid.put(isGlobal ? "[global]" : " global ", at: x, y, isGlobal ? Style(.focus, bold: true) : Style(.dim))
        let layer = isGlobal ? " \(name) " : "[\(name)]"
        let style = isGlobal ? Style(.dim) : Style(.focus, bold: true)
        x = grid.put(layer, at: x, y, style, width: max(3, inner.maxX - x - 4))
        grid.put(" (\(scene.key("scope")))", at: x, y, Style(.hint), width: inner.maxX - x)
    }

    /// zeros, the layer's zeros, kept, threshold, file: now, and after the draft.
    private static func counts(_ scene: Scene) -> [String] {
        let snapshot = scene.snapshot
        let summary = scene.summary
        let hasDraft = scene.state.draft != nil
        func row(_ name: String, _ width: Int, _ now: String, _ draft: String?, _ unit: String = "") -> String {
            let name = name.visible
            let label = Format.left(Glyphs.width(name) > 8 ? "…" + String(name.suffix(7)) : name, 5)
            let left = label + Format.right(now, max(0, width - Glyphs.width(label)))
            return left + (hasDraft ? " → " + (draft ?? "–") : "") + (unit.isEmpty ? "" : " " + unit)
        }
        func share(_ kept: Int, _ total: Int) -> String {
            Format.percent(total == 0 ? 0 : 1 - Double(kept) / Double(total))
        }
        let layer = scene.layer
        let ofLayer = summary?.layers.first { $0.name == layer?.name }
        let now = summary?.keptNow ?? snapshot.nnz
        let total = summary?.total ?? snapshot.weights
        let isWide = total > 99_999_999
        func count(_ value: Int) -> String { isWide ? Format.compact(Double(value)) : Format.count(value) }
        let threshold = summary?.thresholdNow.map { Format.significant(Double($0), 2) } ?? "–"
        func bare(_ bytes: String) -> String { bytes.replacingOccurrences(of: " kB", with: "") }
        let nowBytes = Format.bytes(summary?.fileBytesNow ?? snapshot.fileBytes)
        let draftBytes = summary.map { Format.bytes($0.fileBytesDraft) }
        // "248 → 141 kB" where both are kilobytes, else each with its unit.
        let bothKilo = nowBytes.hasSuffix(" kB") && draftBytes?.hasSuffix(" kB") != false && hasDraft
        return [
            row("zeros", 13, share(now, total), summary.map { share($0.keptDraft, total) }, "%"),
            row(
                layer?.name ?? "", 13, share(ofLayer?.keptNow ?? layer?.kept ?? 0, layer?.weights ?? 0),
                ofLayer.map { share($0.keptDraft, $0.total) }, "%"),
            row("kept", 13, count(now), summary.map { count($0.keptDraft) }),
            row(
                "thr(min)", 13, threshold, summary?.thresholdDraft.map { Format.significant(Double($0), 2) }),
            row("file", 13, bothKilo ? bare(nowBytes) : nowBytes, draftBytes),
        ]
    }

    /// One of the two measurements: the figure, the paired difference and its interval.
    private static func measured(_ scene: Scene, tried: Bool, _ put: (String, Style) -> Void) {
        let steps = scene.options.attemptSteps
        let draft = scene.state.draft
        let measured = scene.state.answers.measurement(of: draft, tried: tried)
        let label = tried ? "+\(Format.compact(Double(measured?.trainedSteps ?? steps))) st" : "at once"
        let name = " " + Format.left(label, 7) + " "
        func waited(_ kind: Query.Kind) -> String {
            scene.state.askedSeconds[kind].map { " \(Format.age(seconds: Double($0)))" } ?? ""
        }
        guard let measured else {
            let isTrying = draft != nil && scene.state.answers.trying == draft
            let hint = isTrying ? "trying…" + waited(.attempt) : "\(scene.key("try")) tries it"
            let words = draft == nil ? "–" : tried ? hint : "measuring…" + waited(.measure)
            put(name + words, Style(.dim))
            return
        }
        let words = "\(scene.figure.short(measured.cut.value)) \(scene.figure.change(measured))"
        // On the first 2,000 images only: more are on their way.
        let old = scene.isOld(measured.now.step)
        put(name + words + (measured.isFinal ? "" : "…"), Style(.text, bold: !old, dim: old))
    }

    /// The floor judges what the cut comes to after training, not the fright at once.
    private static func floor(_ scene: Scene, _ put: (String, Style) -> Void) {
        guard let floor = scene.snapshot.floor else {
            put("\(scene.figure.floorWord) –  (:floor sets it)", Style(.dim))
            return
        }
        let tried = scene.state.answers.measurement(of: scene.state.draft, tried: true)
        // Without a draft it judges the network as it is.
        let verdict = FloorVerdict(scene.state.draft == nil ? scene.readingNow : tried?.cut, floor: floor, scene.figure)
        put("\(scene.figure.floorWord) \(scene.figure.floor(floor)) \(verdict.word(scene.figure))", verdict.style)
    }
}
