import Descriptors
import Graph

/// The mean over classes of the share of their samples that is right: a rare class counts as much as a common one.
package struct BalancedAccuracy: Figure {
    package static let descriptor = Descriptor(
        name: "balanced-accuracy", summary: "mean over the classes of the share that is right, in percent",
        citation: "Brodersen et al. 2010, ICPR")

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package var format: FigureFormat {
        FigureFormat(
            name: "balanced-accuracy", title: "balanced accuracy", unit: "%", decimals: 2, isHigherBetter: true,
            most: 100)
    }
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

    /// Of the classes that there are samples of.
    package func judge(_ scores: FigureScores) -> Judgement? {
        let classes = Int(scores.labels.max() ?? -1) + 1
        var right = [Int](repeating: 0, count: classes), all = right
        for (label, score) in zip(scores.labels, scores.scores) {
            all[Int(label)] += 1
            if score > 0 { right[Int(label)] += 1 }
        }
        let present = all.count { $0 > 0 }
        guard present > 0 else { return nil }
        let shares = zip(right, all).map { $1 == 0 ? 0 : 100 * Double($0) / Double($1) }
        let count = Double(scores.labels.count)
        let influences = zip(scores.labels, scores.scores).map { label, score in
            count / Double(present * all[Int(label)]) * ((score > 0 ? 100 : 0) - shares[Int(label)])
        }
        return Judgement(value: shares.reduce(0, +) / Double(present), influences: influences)
    }
}
