import Descriptors
import Graph

/// Samples whose class the network says, in percent of all.
package struct ShareCorrect: Figure {
    package static let descriptor = Descriptor(
        name: "accuracy", summary: "samples whose class the network says, in percent; the default of classes")

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var format: FigureFormat { .accuracy }
    package var width: Int { 1 }

    package func fitted(to targets: TargetFacts, loss: any Loss) throws -> any Figure {
        try requireClasses(targets, loss)
        return self
    }

    package func score(
        _ output: PanelTensor, targets: TargetBatch, result: LossResult, into scores: inout FigureScores
    ) {
        for isRight in result.correct { scores.scores.append(isRight ? 1 : 0) }
        scores.labels += targets.labels
    }

    package func judge(_ scores: FigureScores) -> Judgement? {
        let count = scores.scores.count
        guard count > 0 else { return nil }
        let right = scores.scores.count { $0 > 0 }
        let percent = 100 * Double(right) / Double(count)
        return Judgement(value: percent, influences: scores.scores.map { ($0 > 0 ? 100 : 0) - percent })
    }
}

extension Figure {
    /// - Throws: `FitError` where the network is not asked for classes.
    func requireClasses(_ targets: TargetFacts, _ loss: any Loss) throws {
        let name = Self.descriptor.name
        guard targets.classes != nil else {
            throw FitError(
                ["figure", "data"],
                "figure '\(name)' needs classes, and the data has \(targets.description); figure 'error' is for those")
        }
        guard loss.comparison(targets) == .classes else {
            throw FitError(
                ["figure", "loss"],
                "figure '\(name)' needs a network that says classes, and loss '\(type(of: loss).descriptor.name)' "
                    + "compares its outputs with the input; figure 'error' or 'auc' judges those")
        }
    }
}
