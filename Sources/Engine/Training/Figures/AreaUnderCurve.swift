import Descriptors
import Foundation
import Graph

/// The area under the receiver operating characteristic: of all pairs of a sample of a class and one of the others, the share
/// in which the first has the higher score, ties counted half. Of more than two classes each against the rest, and the mean.
///
/// The score of a class is its probability. Of an autoencoder it is the error, for anomalies have the largest.
package struct AreaUnderCurve: Figure {
    package static let descriptor = Descriptor(
        name: "auc",
        summary:
            "area under the receiver operating characteristic; of more than two classes each against the rest, mean",
        citation: "intervals: DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44",
        parameters: [
            Parameter(
                "positive",
                "the class that should score high, by name or number; of two the second, of an autoencoder's all but the first",
                .text, isOptional: true)
        ])

    private enum Score {
        /// One a class: its output, or its probability.
        case classes(isSoftmax: Bool)
        /// Output of the second class less that of the first, or the only one.
        case difference
        case error(isSquared: Bool)
    }
    private let asked: String?
    private var score = Score.difference
    private var classes = 2
    /// Only this class against the rest; nil: each, or of an error all but the first.
    private var positive: Int?

    package init(_ arguments: Arguments) throws {
        if case .text(let name)? = arguments.values["positive"] { asked = name } else { asked = nil }
    }
    package init(positive: String? = nil) { asked = positive }

    package var format: FigureFormat {
        FigureFormat(name: "auc", title: "AUC", unit: "", decimals: 4, isHigherBetter: true, most: 1)
    }
    package var width: Int { if case .classes = score { classes } else { 1 } }

    package func fitted(to targets: TargetFacts, loss: any Loss) throws -> any Figure {
        guard let classes = targets.classes else {
            throw FitError(
                ["figure", "data"],
                "figure 'auc' needs classes, and the data has \(targets.description); figure 'error' is for those")
        }
        let present = targets.validation.count { $0 > 0 }
        guard present > 1 else {
            let found = present == 1 ? "one class" : "none"
            throw FitError(
                ["figure", "data"],
                "figure 'auc' tells classes apart, and the samples for validation have \(found); "
                    + "figure 'error' or 'accuracy' needs no more")
        }
        var fitted = self
        fitted.classes = classes
        if let asked {
            let number = (0..<classes).first { targets.name($0) == asked } ?? Int(asked)
            guard let number, (0..<classes).contains(number) else {
                let names = (0..<min(classes, 20)).map(targets.name).joined(separator: ", ")
                throw FitError(
                    ["figure.positive", "figure", "data"],
                    "'positive' of figure 'auc' is \(asked.shortened); accepted: a class of the data, \(names)"
                        + (classes > 20 ? ", …" : ""))
            }
            fitted.positive = number
        }
        if loss.comparison(targets) == .input {
            fitted.score = .error(isSquared: !(loss is MeanAbsoluteError))
        } else {
            fitted.score = classes == 2 ? .difference : .classes(isSoftmax: loss is SoftmaxCrossEntropy)
        }
        return fitted
    }

    package func score(
        _ output: PanelTensor, targets: TargetBatch, result: LossResult, into scores: inout FigureScores
    ) {
        scores.labels += targets.labels
        if case .error(let isSquared) = score {
            return appendErrors(of: output, targets, isSquared: isSquared, into: &scores.scores)
        }
        let layout = output.layout
        let stride = layout.plane * layout.lanes
        output.forEachSixteen(of: targets.count) { first, places in
            let values = places.values + layout.offset(0)
            for sample in 0..<places.samples {
                func value(_ index: Int) -> Float { values[index * stride + sample] }
                guard case .classes(let isSoftmax) = score else {
                    scores.scores.append(layout.channels == 1 ? value(0) : value(1) - value(0))
                    continue
                }
                guard isSoftmax else {
                    for index in 0..<classes { scores.scores.append(value(index)) }
                    continue
                }
                let largest = (0..<layout.channels).reduce(-Float.infinity) { max($0, value($1)) }
                let sum = (0..<layout.channels).reduce(Float(0)) { $0 + exp(value($1) - largest) }
                for index in 0..<classes { scores.scores.append(exp(value(index) - largest) / sum) }
            }
        }
    }

    package func judge(_ scores: FigureScores) -> Judgement? {
        let count = scores.labels.count
        let columns: [(column: Int, isPositive: (Int32) -> Bool)]
        switch score {
        case .classes:
            columns = (positive.map { [$0] } ?? Array(0..<classes)).map { number in (number, { Int($0) == number }) }
        // Of the first class it would be the opposite score for the opposite samples, which have the same area.
        case .difference: columns = [(0, { $0 == 1 })]
        case .error: columns = [(0, { [positive] label in positive.map { Int(label) == $0 } ?? (label > 0) })]
        }
        var values: [Double] = []
        var influences = [Double](repeating: 0, count: count)
        for (column, isPositive) in columns {
            let numbers = (0..<count).map { scores.scores[$0 * width + column] }
            guard let judged = Self.area(numbers, scores.labels.map(isPositive)) else { continue }
            values.append(judged.value)
            for index in influences.indices { influences[index] += judged.influences[index] }
        }
        guard !values.isEmpty else { return nil }
        let share = 1 / Double(values.count)
        return Judgement(value: values.reduce(0, +) * share, influences: influences.map { $0 * share })
    }

    /// Of one class against the rest; nil where either has no samples.
    /// - Complexity: O(n log n).
    static func area(_ scores: [Float], _ isPositive: [Bool]) -> Judgement? {
        let positives = isPositive.count { $0 }, negatives = isPositive.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        // A score above its sample's number, in the order of the scores: what is no number is below all, the worst for a
        // positive sample, and the two zeros are one.
        let order = scores.enumerated().map { index, score in
            let bits = (score.isNaN ? -.infinity : score + 0).bitPattern
            return UInt64(bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits) << 32 | UInt64(index)
        }.sorted()
        // Twice the samples of the other kind that are below a positive one or above a negative one; equal ones count once.
        var beaten = [Int](repeating: 0, count: scores.count)
        var first = 0, positivesBelow = 0, negativesBelow = 0
        while first < order.count {
            var end = first, positivesHere = 0
            while end < order.count, order[end] >> 32 == order[first] >> 32 {
                if isPositive[Int(order[end] & 0xFFFF_FFFF)] { positivesHere += 1 }
                end += 1
            }
            let negativesHere = end - first - positivesHere
            for index in order[first..<end].lazy.map({ Int($0 & 0xFFFF_FFFF) }) {
                beaten[index] =
                    isPositive[index]
                    ? 2 * negativesBelow + negativesHere
                    : 2 * (positives - positivesBelow - positivesHere) + positivesHere
            }
            (positivesBelow, negativesBelow) = (positivesBelow + positivesHere, negativesBelow + negativesHere)
            first = end
        }
        let pairs = beaten.indices.reduce(0) { $0 + (isPositive[$1] ? beaten[$1] : 0) }
        let area = Double(pairs) / 2 / Double(positives) / Double(negatives)
        let all = Double(scores.count)
        let influences = beaten.indices.map { index in
            let (own, others) = isPositive[index] ? (positives, negatives) : (negatives, positives)
            return all / Double(own) * (Double(beaten[index]) / 2 / Double(others) - area)
        }
        return Judgement(value: area, influences: influences)
    }
}
