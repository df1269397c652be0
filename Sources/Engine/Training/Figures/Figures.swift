import Descriptors
import Graph
import Sparsity

/// The figure that decides: computed of all validation samples, it is what curve, floor, drafts and history show.
package protocol Figure: Choosable {
    /// How its values are written and compared.
    var format: FigureFormat { get }

    /// This figure for the data, loss and network of a run.
    /// - Throws: `FitError` where it cannot be computed there.
    func fitted(to targets: TargetFacts, loss: any Loss) throws -> any Figure

    /// Numbers that are kept of each sample.
    var width: Int { get }

    /// Appends `width` numbers of each sample of a batch; `result` is what the loss says of it.
    func score(_ output: PanelTensor, targets: TargetBatch, result: LossResult, into scores: inout FigureScores)

    /// Its value of a training batch, where the loss has it already; nil: it is scored and judged.
    func value(_ result: LossResult) -> Double?

    /// The figure of all samples that were scored, the same however they were cut into batches. What is no number counts as
    /// the worst there is. Nil where these samples do not say it: one class alone has no AUC.
    func judge(_ scores: FigureScores) -> Judgement?
}

extension Figure {
    package func value(_ result: LossResult) -> Double? { nil }
}

/// What is kept of each sample until all are there.
package struct FigureScores: Sendable {
    /// (count, width).
    package var scores: [Float] = []
    /// One a sample; empty where the data has no classes.
    package var labels: [Int32] = []

    package init(scores: [Float] = [], labels: [Int32] = []) {
        self.scores = scores
        self.labels = labels
    }

    /// Of the first samples.
    func prefix(_ count: Int, width: Int) -> FigureScores {
        FigureScores(scores: Array(scores.prefix(count * width)), labels: Array(labels.prefix(count)))
    }

    /// Forgets all, and keeps the memory.
    mutating func removeAll() {
        scores.removeAll(keepingCapacity: true)
        labels.removeAll(keepingCapacity: true)
    }
}

/// A figure, and how far each sample pulls it: value − truth ≈ the mean of the influences.
package struct Judgement: Sendable, Equatable {
    package let value: Double
    /// One a sample, whose mean is 0.
    package let influences: [Double]

    package init(value: Double, influences: [Double]) {
        self.value = value
        self.influences = influences
    }

    /// Half width of the 95 % interval, normal approximation.
    package var margin: Double { Self.margin(influences) }

    /// The same of the difference to another judgement of the same samples.
    package func margin(against other: Judgement) -> Double {
        Self.margin(zip(influences, other.influences).map { $0 - $1 })
    }

    private static func margin(_ influences: [Double]) -> Double {
        let count = Double(influences.count)
        guard count > 0 else { return 0 }
        let mean = influences.reduce(0, +) / count
        return 1.96 * influences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot() / count
    }
}

/// The figures there are. A new one is a file in this folder and a line here.
package enum Figures {
    package static let all: [any Figure.Type] = [
        ShareCorrect.self, BalancedAccuracy.self, AreaUnderCurve.self, MeanError.self,
    ]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any Figure {
        let type = try choose(name, kind: "figure", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }

    /// Where the recipe names none: accuracy of classes, the error of values; of an autoencoder whose data has two classes the
    /// area under the curve of its error, by which anomalies are found.
    package static func standard(for targets: TargetFacts, loss: any Loss) -> any Figure {
        switch loss.comparison(targets) {
        case .classes: ShareCorrect()
        case .numbers: MeanError()
        case .input:
            targets.classes == 2 && targets.validation.count { $0 > 0 } == 2 ? AreaUnderCurve() : MeanError()
        }
    }
}
