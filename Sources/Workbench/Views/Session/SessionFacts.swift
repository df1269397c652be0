import Foundation
import Terminal
import Training

/// The four lines of figures under the panes.
enum SessionFacts {
    static func draw(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        progress(scene, rect, into: &grid)
        figures(scene, rect, into: &grid)
        put(files(scene), at: rect.y + 2, rect, into: &grid)
        let role: Role =
            switch scene.snapshot.phase {
            case .notANumber, .failed: .bad
            default: .accent
            }
        // A long sentence takes the row above too, for its end is what helps.
        let lines = scene.next.wrapped(rect.width - 2).prefix(2)
        for (index, line) in lines.enumerated() {
            let y = rect.maxY - lines.count + index
            grid.fill(Rect(x: rect.x, y: y, width: rect.width, height: 1))
            grid.put(" \(line)", at: rect.x, y, Style(role), width: rect.width)
        }
    }

    private static func progress(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let snapshot = scene.snapshot
        let share = snapshot.totalSteps > 0 ? Double(snapshot.step) / Double(snapshot.totalSteps) : 0
        let left = " step \(Format.count(snapshot.step))/\(Format.count(snapshot.totalSteps)) "
        // While nothing trains the latest speed there was stands there, dim.
        let latest = snapshot.samplesPerSecond ?? snapshot.curve.last { $0.samplesPerSecond != nil }?.samplesPerSecond
        let speed = latest.map { "  \(Format.compact($0)) img/s" } ?? ""
        let dense = snapshot.denseSamplesPerSecond.map { " (dense \(Format.compact($0)))" } ?? ""
        let percent = " \(Bar.percent(share))%"
        let time = Format.duration(seconds: snapshot.elapsedSeconds)
        var right = "  \(time)"
        if let seconds = snapshot.secondsLeft {
            let left = "est. \(Format.duration(seconds: seconds)) left"
            right = rect.width >= 100 ? "  \(time), \(left)" : " \(left)"
        }
        if rect.width >= 100 { right += "  epoch \(Format.decimal(snapshot.epoch, 1))" }
        let at = grid.put(left, at: rect.x, rect.y)
        let width = max(4, rect.width - at - Glyphs.width(percent + speed + dense + right) - 1)
        var x = Bar.draw(into: &grid, at: at, rect.y, width: width, fraction: share)
        x = grid.put(percent, at: x, rect.y)
        x = grid.put(speed, at: x, rect.y, Style(.text, dim: !scene.isRunning))
        x = grid.put(dense, at: x, rect.y, Style(.text, dim: !scene.isRunning || scene.isDenseSpeedOld))
        grid.put(right, at: x, rect.y)
    }

    private static func figures(_ scene: Scene, _ rect: Rect, into grid: inout CellGrid) {
        let snapshot = scene.snapshot
        let figure = snapshot.figure
        let y = rect.y + 1
        var x = rect.x + 1
        if let test = snapshot.test {
            let words = "test \(figure.short(test)) of \(Format.count(test.count))   "
            x = grid.put(words, at: x, y, Style(.good, bold: true))
        }
        if let value = snapshot.validation {
            let style = Style(.text, dim: scene.isOld(value.step))
            x = grid.put("val \(figure.short(value)) of \(Format.count(value.count))", at: x, y, style)
        } else {
            x = grid.put("val – not measured yet", at: x, y, Style(.dim))
        }
        // Whole figures only; the floor's verdict before the loss.
        var parts: [String] = []
        if let train = snapshot.trainFigure {
            parts.append("   train \(figure.short(train))")
            if let value = snapshot.validation {
                // How much worse validation is.
                let gap = figure.isHigherBetter ? train - value.value : value.value - train
                parts.append("   gap \(figure.unit == "%" ? Format.decimal(gap, 1) : figure.short(gap))")
            }
        }
        // Before the first step there is no loss.
        parts.append("   loss \(snapshot.step > 0 ? Format.significant(snapshot.loss) : "–")")
        let floor = snapshot.floor.map { "   \(figure.floorWord) \(figure.floor($0)) " } ?? ""
        let verdict = snapshot.floor == nil ? "" : snapshot.floorVerdict.word(figure)
        let room = rect.maxX - Glyphs.width(floor + verdict)
        for part in parts where x + Glyphs.width(part) <= room { x = grid.put(part, at: x, y) }
        x = grid.put(floor, at: x, y)
        x = grid.put(verdict, at: x, y, snapshot.floorVerdict.style)
        if rect.maxX - x > 34 {
            if let dense = snapshot.denseParent { x = grid.put("   dense \(figure.short(dense))", at: x, y) }
            grid.put(
                "   validation looked at \(snapshot.validationLooks)×", at: x, y, Style(.dim), width: rect.maxX - x)
        }
    }

    private static func files(_ scene: Scene) -> String {
        let snapshot = scene.snapshot
        var words =
            "file \(Format.bytes(snapshot.fileBytes)) (bitmask + values; dense \(Format.bytes(snapshot.denseFileBytes)))"
        if let report = snapshot.retrainReport {
            words +=
                "   retrained \(scene.figure.short(report.before.value)) → \(scene.figure.short(report.atOnce.value))"
            words += " → \(scene.figure.short(report.after.value))"
        }
        if snapshot.undoDepth + snapshot.redoDepth > 0, snapshot.mostUndoBytes > 0 { words += "   \(undo(snapshot))" }
        if snapshot.retrainReport != nil { return words }
        if let step = snapshot.checkpointStep {
            // An age that ticks would paint while nothing happens: then the step is told instead.
            if let age = snapshot.checkpointAgeSeconds, !scene.isStill {
                words += "   checkpoint \(Format.age(seconds: age)) ago"
            } else {
                words += "   checkpoint at \(Format.count(step))"
            }
        }
        // Two figures: what masks cut, and what equals zero. They differ only by weights that happen to be zero.
        if abs(snapshot.zeroWeights - snapshot.sparsity) > 0.0005 {
            words += "   \(Format.percent(snapshot.zeroWeights)) % of weights are 0"
        }
        if let explored = snapshot.exploredShare { words += "   explored \(Format.percent(explored)) % of places" }
        return words + "   memory \(Format.bytes(snapshot.bytes))   \(snapshot.runFolder)"
    }

    /// `undo 12 steps, 34 of 512 MB`.
    private static func undo(_ snapshot: Snapshot) -> String {
        let steps = "undo \(Format.count(snapshot.undoDepth)) \(snapshot.undoDepth == 1 ? "step" : "steps")"
        let megabytes = Format.decimal(Double(snapshot.undoBytes) / 1e6, snapshot.undoBytes < 9_950_000 ? 1 : 0)
        return "\(steps), \(megabytes) of \(Format.count(snapshot.mostUndoBytes / 1_000_000)) MB"
    }

    private static func put(_ text: String, at y: Int, _ rect: Rect, into grid: inout CellGrid) {
        // Whole figures only: those that fit, not half a number.
        var words = ""
        for part in text.components(separatedBy: "   ") {
            let longer = words.isEmpty ? part : words + "   " + part
            guard Glyphs.width(longer) < rect.width - 1 else { continue }
            words = longer
        }
        grid.put(" " + words, at: rect.x, y)
    }
}

extension Bar {
    /// Whole per cent; 100 only when all is done.
    static func percent(_ share: Double) -> Int { share >= 1 ? 100 : min(99, Int(share * 100)) }
}
