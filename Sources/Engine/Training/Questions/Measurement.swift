import Dispatch
import Graph
import Sparsity

/// A draft's figure beside the network's, on the same validation samples.
package struct Measurement: QuestionReply {
    package var draft: Draft
    /// 0: at once; n: after n further steps.
    package var trainedSteps: Int
    package var now: Reading
    package var cut: Reading
    /// Samples the draft loses, and wins, against the network as it is; of an accuracy.
    package var lost: Int
    package var won: Int
    package var sparsity: Double
    package var kept: Int
    /// False while a measurement on more images is to follow.
    package var isFinal: Bool
    package var elapsedSeconds: Double
    /// Half width of the 95 % interval of the paired difference; nil: of an accuracy, by what is lost and won.
    private var width: Double?

    package init(
        draft: Draft, trainedSteps: Int, now: Reading, cut: Reading, lost: Int, won: Int, sparsity: Double,
        kept: Int, isFinal: Bool, elapsedSeconds: Double, margin: Double? = nil
    ) {
        width = margin
        self.draft = draft
        self.trainedSteps = trainedSteps
        self.now = now
        self.cut = cut
        self.lost = lost
        self.won = won
        self.sparsity = sparsity
        self.kept = kept
        self.isFinal = isFinal
        self.elapsedSeconds = elapsedSeconds
    }

    package var isLast: Bool { isFinal }
    package var difference: Double { cut.value - now.value }
    /// Half width of the 95 % interval of the paired difference; of an accuracy in points: ±1.96·√(b + c − (b − c)²/n)/n.
    package var margin: Double {
        if let width { return width }
        let n = Double(now.count), b = Double(lost), c = Double(won)
        return n == 0 ? 100 : 196 * (b + c - (b - c) * (b - c) / n).squareRoot() / n
    }
}

extension Measurement {
    init(
        draft: Draft, trainedSteps: Int, step: Int, of figure: any Figure, now: FigureScores, cut: FigureScores,
        kept: Int, total: Int, isFinal: Bool, since start: DispatchTime
    ) {
        // Samples that one of them is right about and the other is not; of a figure that is no accuracy there are none.
        let pairs = figure.format.isAccuracy ? Array(zip(now.scores, cut.scores)) : []
        let before = figure.judge(now), after = figure.judge(cut)
        let count = now.scores.count / figure.width
        var margin: Double?
        if !figure.format.isAccuracy, let before, let after { margin = after.margin(against: before) }
        self.init(
            draft: draft, trainedSteps: trainedSteps, now: figure.reading(before, count: count, step: step),
            cut: figure.reading(after, count: count, step: step), lost: pairs.count { $0 > 0 && $1 == 0 },
            won: pairs.count { $0 == 0 && $1 > 0 }, sparsity: 1 - Double(kept) / Double(max(total, 1)), kept: kept,
            isFinal: isFinal,
            elapsedSeconds: Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9,
            margin: margin)
    }
}
