import Foundation
import Sparsity
import Text

/// What a person must know of a schedule and its masks: targets beyond the run, shortfalls, layers that end empty, what the
/// guard of the path did. Each is said once, with what to change.
extension Session {
    private func sayOnce(_ key: String, _ text: String) {
        if said.insert(key).inserted { report(.warning, text) }
    }

    // MARK: Before the first step

    /// A schedule that the run is too short for.
    func sayWhatLiesBeyond() {
        let parts = trainer.parts
        let usesSchedule = type(of: parts.method).usesSchedule
        guard let first = parts.method.nextCut(after: -1, schedule: parts.schedule),
            let last = parts.method.lastCut(parts.schedule), last > lastStep
        else { return }
        let name = usesSchedule ? "the schedule" : "method '\(recipe.method.name)'"
        let key = usesSchedule ? "schedule" : "method"
        let longer = lastStep < trainer.progress.totalSteps ? "a later 'stop-after' (--steps)" : "more 'epochs'"
        guard first <= lastStep else {
            return sayOnce(
                "beyond",
                "\(name) begins to cut at step \(first) and the run ends at \(lastStep): nothing is cut; "
                    + "\(longer), or an earlier step in '\(key)'")
        }
        var reach = ""
        if let here = parts.method.target(at: lastStep, schedule: parts.schedule),
            let there = parts.method.target(at: last, schedule: parts.schedule)
        {
            reach =
                " at \(Self.percent(trainer.askedSparsity(here))) % zeros instead of "
                + Self.percent(trainer.askedSparsity(there))
        }
        sayOnce(
            "beyond",
            "\(name) ends at step \(last) and the run at \(lastStep)\(reach); \(longer), or an "
                + "earlier end in '\(key)'")
    }

    /// Of a mask that was drawn before there were weights.
    func sayWhatWasDrawn() {
        guard trainer.plan.startCounts != nil,
            let target = trainer.parts.method.initialSparsity(trainer.parts.schedule)
        else { return }
        if trainer.sparing.weights > 0 {
            sayOnce(
                "guard",
                "the random masks joined no input with an output: one weight was moved in \(trainer.sparing.weights) "
                    + "of the layers; a lower 'final' leaves more paths")
        }
        sayWhatCollapsed()
        sayShortfall(target)
    }

    // MARK: After a cut

    func sayWhatTheGuardDid() {
        let sparing = trainer.sparing
        if !sparing.isJoined {
            sayOnce(
                "no path", "no path leads from input to output: every image gets the same answer; undo, or start anew")
        }
        guard sparing.weights > 0 else { return }
        let method = type(of: trainer.parts.method)
        sayOnce(
            "guard",
            "no path from input to output would be left: of the strongest one \(Self.weights(sparing.weights)) "
                + (sparing.weights == 1 ? "stays" : "stay")
                + (method.usesSchedule ? ", others go instead" : "") + "; \(method.howToCutLess) leaves more")
    }

    /// Layers that let nothing or next to nothing through: said, for training cannot mend it.
    func sayWhatCollapsed(byHand: Bool = false) {
        let layers = trainer.network.layers
        sayLayers(
            layers.filter { $0.nnz == 1 && $0.map.weights > 1 }.map(\.name), "down to the last weight",
            "down to their last weight", byHand)
        sayLayers(
            layers.filter { $0.nnz == 0 }.map(\.name), "empty: other paths lead around it",
            "empty: other paths lead around them", byHand)
    }

    private func sayLayers(_ names: [String], _ one: String, _ several: String, _ byHand: Bool) {
        let new = names.filter { said.insert("\(one) \($0)").inserted }
        guard let name = new.first else { return }
        let listed = new.prefix(4).joined(separator: ", ") + (new.count > 4 ? ", … (\(new.count))" : "")
        let what = new.count == 1 ? "layer \(name) is \(one)" : "layers \(listed) are \(several)"
        report(.warning, "\(what); \(byHand ? "to undo it, or to cut less," : lowerSparsity) spares layers")
    }

    /// What leaves more weights, by what it was that cut.
    private var lowerSparsity: String {
        let parts = trainer.parts
        if parts.method.lastCut(parts.schedule) == nil { return "to cut less" }
        if !type(of: parts.method).usesSchedule { return type(of: parts.method).howToCutLess }
        return type(of: parts.masker.distribution) == Distributions.Uniform.self
            ? "a lower 'final'" : "a lower 'final' or a uniform distribution"
    }

    /// At the last cut that the run comes to: zeros that were asked for and are not there.
    func sayWhatIsMissing(after decision: Decision) {
        guard case .cut(let target) = decision else { return }
        let parts = trainer.parts, progress = trainer.progress
        let next = parts.method.nextCut(after: progress.scheduleStep, schedule: parts.schedule)
        guard next.map({ $0 + (progress.scheduleDelay ?? 0) > lastStep }) ?? true else { return }
        sayShortfall(target)
    }

    private func sayShortfall(_ target: Double) {
        let missing = trainer.missing(target)
        guard !missing.isEmpty else { return }
        let short = missing.reduce(0) { $0 + $1.missing }
        var text =
            "the schedule asked for \(Self.percent(trainer.askedSparsity(target))) % zeros and ends at "
            + "\(Self.percent(trainer.sparsity)) %"
        if missing.contains(where: { $0.asked.layers.count == 1 }), trainer.plan.layers.count > 1 {
            let layers = missing.map { entry in
                let number = entry.asked.layers[0], zeros = entry.asked.zeros - entry.missing
                let weights = Double(entry.asked.weights)
                return "\(trainer.plan.layers[number].name) \(Self.percent(Double(zeros) / weights)) of "
                    + "\(Self.percent(Double(entry.asked.zeros) / weights)) %"
            }
            text += " (\(layers.prefix(4).joined(separator: ", "))\(layers.count > 4 ? ", …" : ""))"
        }
        if short < trainer.total / 1000 { text += ", \(Self.weights(short)) short" }
        let advice: String
        if trainer.progress.heldSince != nil || trainer.progress.scheduleDelay != nil {
            text += ": the floor held it back"
            advice = "a lower 'floor', or more steps between the cuts"
        } else if said.contains("guard") {
            text += ": what is left is a path from input to output"
            advice = "a lower 'final'"
        } else {
            text +=
                ": granularity '\(type(of: trainer.parts.masker.granularity).descriptor.name)' finds no more to cut"
            advice = "a lower 'final', or another 'granularity' or 'distribution'"
        }
        guard !said.contains("shortfall") else { return }
        sayOnce("shortfall", text)
        report(.note, "to end where the schedule asks: \(advice)")
    }

    // MARK: At the end

    /// What a floor that held back the schedule left undone.
    func sayWhatWasHeld() {
        let parts = trainer.parts, progress = trainer.progress
        guard progress.heldSince != nil || progress.scheduleDelay != nil,
            let target = parts.method.target(at: progress.step, schedule: parts.schedule)
        else { return }
        sayShortfall(target)
    }

    /// Whether the network keeps its floor; nil where it has none.
    var floorVerdict: String? {
        guard let floor = trainer.progress.floor, let measured = trainer.progress.validation else { return nil }
        return figure.misses(measured.value, floor) ? "missed" : "met"
    }

    /// One decimal; near a whole more, for 99.95 % is not 100.
    private static func percent(_ share: Double) -> String {
        Percent.text(share, share > 0.999 && share < 1 ? 3 : 1)
    }

    private static func weights(_ count: Int) -> String { count == 1 ? "1 weight" : "\(count) weights" }
}
