import Descriptors
import Foundation
import Graph

/// The mean over samples and outputs of the squared or absolute difference to the target: lower is better.
package struct MeanError: Figure {
    package static let descriptor = Descriptor(
        name: "error",
        summary: "mean difference of outputs and targets, squared unless the loss is absolute; the default of values",
        parameters: [
            Parameter("kind", "squared or absolute", .choice(["squared", "absolute"]), isOptional: true)
        ])

    private let asked: Bool?
    private var isSquared = true
    /// Outputs are logits, and targets from 0 to 1.
    private var areLogits = false
    /// It is the mean of the loss.
    private var isLoss = false
    /// Of one unit of the outputs, in the data's units; none: the same.
    private var units: [Float] = []

    package init(_ arguments: Arguments) throws {
        if case .text(let kind)? = arguments.values["kind"] { asked = kind == "squared" } else { asked = nil }
    }
    package init(isSquared: Bool? = nil) { asked = isSquared }

    package var format: FigureFormat {
        FigureFormat(
            name: "error", title: isSquared ? "squared error" : "absolute error", unit: "", decimals: nil,
            isHigherBetter: false, most: nil)
    }
    package var width: Int { 1 }

    package func fitted(to targets: TargetFacts, loss: any Loss) throws -> any Figure {
        guard loss.comparison(targets) != .classes else {
            throw FitError(
                ["figure", "loss", "data"],
                "figure 'error' needs values to compare, and loss '\(type(of: loss).descriptor.name)' compares with "
                    + "classes; figure 'accuracy', 'balanced-accuracy' or 'auc' judges those")
        }
        var fitted = self
        fitted.isSquared = asked ?? !(loss is MeanAbsoluteError)
        fitted.areLogits = loss is BinaryCrossEntropy
        fitted.units = targets.scale.deviations
        fitted.isLoss =
            targets.scale.isNone
            && (loss is MeanSquaredError && fitted.isSquared || loss is MeanAbsoluteError && !fitted.isSquared)
        return fitted
    }

    package func value(_ result: LossResult) -> Double? { isLoss ? result.mean : nil }

    package func score(
        _ output: PanelTensor, targets: TargetBatch, result: LossResult, into scores: inout FigureScores
    ) {
        appendErrors(
            of: output, targets, isSquared: isSquared, areLogits: areLogits, units: units, into: &scores.scores)
    }

    package func judge(_ scores: FigureScores) -> Judgement? {
        let count = Double(scores.scores.count)
        guard count > 0 else { return nil }
        let errors = scores.scores.map { $0.isFinite ? Double($0) : Double(Float.greatestFiniteMagnitude) }
        let mean = errors.reduce(0, +) / count
        return Judgement(value: mean, influences: errors.map { $0 - mean })
    }
}

extension Figure {
    /// One number a sample, the mean over its outputs.
    /// - Parameter units: what a difference is multiplied by, one an output; empty: nothing.
    func appendErrors(
        of output: PanelTensor, _ targets: TargetBatch, isSquared: Bool, areLogits: Bool = false, units: [Float] = [],
        into errors: inout [Float]
    ) {
        guard let values = targets.values else { return }
        let layout = output.layout
        output.forEachSixteen(of: targets.count) { first, places in
            let wanted = output.targets(values, first)
            for sample in 0..<places.samples {
                var sum = 0.0, feature = 0
                for channel in 0..<layout.channels {
                    for y in 0..<layout.height {
                        for x in 0..<layout.width {
                            let value = Double(places.values[layout.offset(channel, y, x) + sample])
                            let given = areLogits ? 1 / (1 + exp(-value)) : value
                            var distance = given - Double(wanted[feature * layout.lanes + sample])
                            if !units.isEmpty { distance *= Double(units[feature]) }
                            sum += isSquared ? distance * distance : abs(distance)
                            feature += 1
                        }
                    }
                }
                errors.append(Float(sum / Double(feature)))
            }
        }
    }
}
