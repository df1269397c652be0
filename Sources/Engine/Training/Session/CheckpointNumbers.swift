import Graph
import Interchange

extension Progress {
    /// - Parameter nextRemoval: the number that the next cut gets, where that is known.
    func check(_ check: NumberCheck, layers: [String: Int], nextRemoval: Int?) throws {
        try check.require("step", step, NumberCheck.steps)
        try check.require("totalSteps", totalSteps, NumberCheck.steps)
        try check.require("maskVersion", maskVersion, NumberCheck.steps)
        try check.require("lastLoss", lastLoss, -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
        try check.require("floor", floor, check.figures)
        try check.require("heldTarget", heldTarget, NumberCheck.shares)
        try check.require("missedLooks", missedLooks, NumberCheck.counts)
        try check.require(
            "retryAt", retryAt, -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
        try check.require("keptForFloor.step", keptForFloor?.step, 0...step)
        try check.require("keptForFloor.nnz", keptForFloor?.nnz, NumberCheck.steps)
        try check.require("keptForFloor.figure", keptForFloor?.figure, check.figures)
        try check.require("keptForFloor.target", keptForFloor?.target, NumberCheck.shares)
        try check.require("best.step", best?.step, 0...step)
        try check.require("best.nnz", best?.nnz, NumberCheck.steps)
        try check.require("best.figure", best?.figure, check.figures)
        try check.require("best.looksSince", best?.looksSince, NumberCheck.counts)
        try check.require("heldSince", heldSince, 0...step)
        try check.require("scheduleDelay", scheduleDelay, 0...(heldSince ?? step))
        for (name, losses) in [("lossSinceLine", lossSinceLine), ("lossSinceLook", lossSinceLook)] {
            try check.require("\(name).steps", losses?.steps, NumberCheck.steps)
            try check.require(
                "\(name).sum", losses?.sum, -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
        }
        try check.require("validation", validation)
        try check.require("denseParent", denseParent)
        for (number, segment) in segments.enumerated() {
            try check.require("segments[\(number)].start", segment.start, NumberCheck.steps)
            try check.require("segments[\(number)].steps", segment.steps, 1...NumberCheck.steps.upperBound)
            try check.require("segments[\(number)].scale", segment.scale, NumberCheck.shares)
        }
        try check.require("history", !history.isEmpty, found: "no entry", expected: "one at least")
        for (number, entry) in history.enumerated() { try entry.check(check, "history[\(number)]") }
        for (number, cut) in cuts.enumerated() {
            try check.require("cuts[\(number)].event", cut.event, NumberCheck.counts)
            try check.require("cuts[\(number)].step", cut.step, NumberCheck.steps)
            try check.require("cuts[\(number)].sparsity", cut.sparsity, NumberCheck.shares)
        }
        for (name, cut) in lastCuts.sorted(by: { $0.key < $1.key }) {
            let place = "lastCuts of \(FileProblem.quote(name))"
            try check.require("\(place).threshold", cut.threshold, 0...Float.greatestFiniteMagnitude)
            try check.require("\(place).event", cut.event, NumberCheck.counts)
        }
        for (name, held) in activity.sorted(by: { $0.key < $1.key }) {
            let place = "activity of \(FileProblem.quote(name))"
            try check.require("\(place).deadUnits", held.deadUnits, 0...(layers[name] ?? Graph.mostFeatures))
            try check.require("\(place).zeroShare", held.zeroShare, NumberCheck.shares)
        }
        try check.require("removals", removals, below: nextRemoval ?? NumberCheck.counts.upperBound)
        if let retraining {
            try check.require("retraining.start", retraining.start, 0...step)
            try check.require("retraining.steps", retraining.steps, 1...NumberCheck.steps.upperBound)
            try check.require("retraining.before", retraining.before)
            try check.require("retraining.atOnce", retraining.atOnce)
        }
        if let report = retrainReport {
            try check.require("retrainReport.before", report.before)
            try check.require("retrainReport.atOnce", report.atOnce)
            try check.require("retrainReport.after", report.after)
            try check.require("retrainReport.steps", report.steps, NumberCheck.steps)
        }
        try check.require(
            "recentCorrect", recentCorrect.count == recentCounts.count && recentCounts.count <= 41,
            found: "\(recentCorrect.count) and \(recentCounts.count) batches", expected: "as many of both, at most 41")
        for (number, (correct, count)) in zip(recentCorrect, recentCounts).enumerated() {
            try check.require("recentCounts[\(number)]", count, NumberCheck.counts)
            try check.require("recentCorrect[\(number)]", correct, 0...count)
        }
        for range in ranges ?? [] {
            try check.require(
                "ranges of \(FileProblem.quote(range.name))", range.isRange, found: "\(range.low) to \(range.high)",
                expected: "two finite numbers, the smaller first")
        }
        guard let recent else { return }
        try check.require(
            "recent", recent.values.count == recent.counts.count && recent.counts.count <= 41,
            found: "\(recent.values.count) and \(recent.counts.count) batches", expected: "as many of both, at most 41")
        for (number, (value, count)) in zip(recent.values, recent.counts).enumerated() {
            try check.require("recent.counts[\(number)]", count, NumberCheck.counts)
            try check.require("recent.values[\(number)]", value, check.figures)
        }
    }
}

extension HistoryEntry {
    fileprivate func check(_ check: NumberCheck, _ place: String) throws {
        try check.require("\(place).event", event, NumberCheck.counts)
        try check.require("\(place).step", step, NumberCheck.steps)
        try check.require("\(place).accuracy", figure, check.figures)
    }
}

extension SessionMemory {
    func check(_ check: NumberCheck) throws {
        try check.require("journal", journal, NumberCheck.counts)
        try check.require("nextState", nextState, 1...NumberCheck.counts.upperBound)
        try check.require("nextRemoval", nextRemoval, 1...NumberCheck.counts.upperBound)
        try check.require("looks", looks, NumberCheck.counts)
        try check.require("metrics", metrics, NumberCheck.counts)
        try check.require("test", test)
        // Numbers are never used twice, so a file that is led to has one below the next.
        try check.require("undo and redo", undo + redo, below: nextState)
        for (number, entry) in undone.enumerated() { try entry.check(check, "undone[\(number)]") }
    }
}

extension MetricsLine {
    /// Whether this can be a line that a run wrote: what is none is not drawn.
    var isPlausible: Bool {
        // A figure that is no number stands there as null.
        func isIn(_ accepted: ClosedRange<Double>, _ value: Double?) -> Bool {
            value.map { $0.isNaN || accepted.contains($0) } ?? true
        }
        func isShare(_ value: Double?) -> Bool { isIn(NumberCheck.shares, value) }
        func isFigure(_ value: Double?) -> Bool {
            isIn(figure == nil ? NumberCheck.percents : NumberCheck.figures, value)
        }
        func isAmount(_ value: Double?) -> Bool { isIn(0...1e15, value) }
        return NumberCheck.steps.contains(step) && isAmount(epoch) && !loss.isInfinite && isFigure(trainFigure)
            && isFigure(validationFigure) && isFigure(testFigure) && isShare(sparsity)
            && isShare(scheduledSparsity) && nnz >= 0 && bytes >= 0 && (fileBytes ?? 0) >= 0 && (multiplyAdds ?? 0) >= 0
            && isAmount(samplesPerSecond) && isAmount(denseSamplesPerSecond) && isAmount(elapsedSeconds)
    }
}
