import Foundation
import Terminal
import Text
import Training

extension SizePane {
    /// What stands below the table: what its figures are, and what no column holds.
    static func sentences(_ scene: Scene, _ table: SizeTable?, _ width: Int) -> [(text: String, style: Style)] {
        var lines: [(text: String, style: Style)] = []
        func say(_ text: String, _ style: Style = .plain) {
            lines += text.wrapped(width).map { ($0, style) }
        }
        let cost = scene.state.answers.latest(ImageCostQuery.self)?.reply
        if let table {
            let (all, bound) = (table.all, table.size.entropyBound)
            let values = scene.state.answers.latest(SizeQuery.self)?.question.values ?? ""
            say(
                "Bytes of weights, values \(values); * smallest. By layer \(Format.count(all.best)), entropy bound "
                    + "\(Format.count(Int(bound.rounded(.up)))).")
            say(operations(cost), Style(.text, dim: cost.map { scene.isOld($0.step) } ?? false))
        }
        time(scene, cost, say)
        if let all = table?.all {
            let energy = ModelledEnergy(multiplyAdds: all.kept, weightBytes: all.best, isInteger: false)
            func text(_ microjoules: Double) -> String { Format.significant(microjoules) + " µJ" }
            say(
                "Energy of one image, modelled (\(ModelledEnergy.source)): arithmetic \(text(energy.arithmetic)), weights "
                    + "from cache \(text(energy.weightsFromCache)), from DRAM \(text(energy.weightsFromMemory)).")
        }
        switch cost?.energy {
        case .measured(let microjoules, let spread, let answers):
            say(
                "Energy of one image, measured: \(Format.significant(microjoules, 4)) µJ "
                    + "±\(Format.significant(spread, 2)), packages less idle, \(Format.count(answers)) images.")
        case .unavailable(let reason): say("Energy of one image, measured: unavailable, \(reason).")
        case nil:
            guard scene.state.view == .size else { break }
            say("Energy of one image, measured: not yet, \(scene.key("energy")) does it in ten seconds.", Style(.dim))
        }
        return lines
    }

    private static func operations(_ cost: ImageCostAnswer?) -> String {
        let words = "Multiply-adds of one image: all; w≠0 zero weights skipped; +x≠0 zero activations too, "
        if let reason = cost?.uncounted { return words + "not measured: \(reason)." }
        guard let cost, cost.operations.images > 0 else { return words + "not measured yet." }
        return words + "measured on \(cost.operations.images) training images."
    }

    private static func time(_ scene: Scene, _ cost: ImageCostAnswer?, _ say: (String, Style) -> Void) {
        let waited = scene.state.askedSeconds[.imageCost].map { ", \(Format.age(seconds: Double($0)))" } ?? ""
        if let refusal = scene.state.answers.refusals[.imageCost] {
            return say("One image: not measured, \(refusal).", Style(.warn))
        }
        guard let cost, let parts = cost.parts else {
            return say("One image: timing it here…\(waited)", Style(.dim))
        }
        var words = "One image: \(Format.time(parts.whole)), measured here on one thread"
        if let others = parts.others { words += ", \(Format.time(others)) of it outside the layers" }
        if let doing = cost.doing { words += "; \(doing)…\(waited)" }
        say(words + ".", Style(.text, dim: scene.isOld(cost.step)))
    }
}

extension Format {
    /// `12.3 µs`, `1.25 ms`.
    static func time(_ seconds: Double) -> String {
        seconds < 1e-3 ? significant(seconds * 1e6) + " µs" : significant(seconds * 1e3) + " ms"
    }
}

extension Snapshot {
    /// Differs after a change by hand, and not where a method changes masks by itself.
    var editStamp: Int {
        cuts.reduce(0) { $0 &+ ($1.byHand ? $1.event : 0) } &* 31 &+ redoDepth &* 1009
            &+ layers.reduce(0) { $0 &+ $1.rows }
    }
}
