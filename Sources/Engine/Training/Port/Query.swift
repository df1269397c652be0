/// A question to a session; answered from an immutable copy of the weights, so training loses only the copy.
package enum Query: Codable, Sendable, Hashable {
    case map(MapQuery)
    case cell(CellQuery)
    /// Biases of a layer, for the one-row strip.
    case strip(layer: String)
    case histogram(HistogramQuery)
    /// Exact counts of a draft (nil: of the network as it is).
    case summary(Draft)
    /// The draft's figure at once: first on 2,000 validation samples, then on all of them.
    case measure(Draft)
    /// The draft's figure after `steps` further steps of a copy, which is then discarded.
    case attempt(Draft, steps: Int)

    package enum Kind: String, Codable, Sendable, CaseIterable {
        case map, cell, strip, histogram, summary, measure, attempt
    }
    package var kind: Kind {
        switch self {
        case .map: .map
        case .cell: .cell
        case .strip: .strip
        case .histogram: .histogram
        case .summary: .summary
        case .measure: .measure
        case .attempt: .attempt
        }
    }
}

package enum Answer: Codable, Sendable {
    case map(MapAnswer)
    case cell(CellAnswer)
    case strip([Float])
    case histogram(HistogramAnswer)
    case summary(DraftSummary)
    case measured(Measurement)
    /// The question could not be answered; the sentence says why.
    case refused(Query.Kind, String)
}

/// A picture of a layer's weights, reduced to cells.
package struct MapQuery: Codable, Sendable, Hashable {
    package enum Quantity: String, Codable, Sendable, CaseIterable { case kept, magnitude, signed, gradient, draft }
    package enum Region: Codable, Sendable, Hashable {
        /// Weights of these rows and columns.
        case matrix(rows: Range<Int>, columns: Range<Int>)
        /// The inputs of one map of a folded layer, mean over all outputs: y and x ranges inside the map.
        case foldMean(map: Int, y: Range<Int>, x: Range<Int>)
        /// The same for one output.
        case foldOutput(output: Int, map: Int, y: Range<Int>, x: Range<Int>)
    }
    package var layer: String
    package var quantity: Quantity
    package var region: Region
    /// Cells wanted; each holds ceil(extent / cells) weights a side, so fewer cells may come back.
    package var cellRows: Int
    package var cellColumns: Int
    /// For `draft`.
    package var draft: Draft?

    package init(
        layer: String, quantity: Quantity, region: Region, cellRows: Int, cellColumns: Int, draft: Draft? = nil
    ) {
        self.layer = layer
        self.quantity = quantity
        self.region = region
        self.cellRows = cellRows
        self.cellColumns = cellColumns
        self.draft = draft
    }
}

package struct MapAnswer: Codable, Sendable {
    package enum State: UInt8, Codable, Sendable {
        case value
        /// Not known: the gradient of a cut weight.
        case unknown
        case notANumber
        /// Draft map: every weight of the cell stays, or is cut and stays cut.
        case stays, cut
        /// Draft map: some weight of the cell would go, or would return (more of the one named).
        case wouldGo, wouldReturn
    }
    package var query: MapQuery
    package var rows: Int
    package var columns: Int
    /// Weights a cell covers: "1 cell = 1×2".
    package var weightsPerCellRow: Int
    package var weightsPerCellColumn: Int
    /// Row-major, rows × columns: share kept in [0, 1], mean |w| over kept, signed mean, mean |gradient|, or (draft)
    /// the share kept after the draft.
    package var values: [Float]
    package var states: [State]
    /// 99th percentile of |value| over the cells.
    package var p99: Float
    package var step: Int

    package init(
        query: MapQuery, rows: Int, columns: Int, weightsPerCellRow: Int, weightsPerCellColumn: Int, values: [Float],
        states: [State], p99: Float, step: Int
    ) {
        self.query = query
        self.rows = rows
        self.columns = columns
        self.weightsPerCellRow = weightsPerCellRow
        self.weightsPerCellColumn = weightsPerCellColumn
        self.values = values
        self.states = states
        self.p99 = p99
        self.step = step
    }
}

package struct CellQuery: Codable, Sendable, Hashable {
    package var layer: String
    package var row: Int
    package var column: Int
    package var draft: Draft?

    package init(layer: String, row: Int, column: Int, draft: Draft? = nil) {
        self.layer = layer
        self.row = row
        self.column = column
        self.draft = draft
    }
}

package struct CellAnswer: Codable, Sendable {
    package enum Fate: String, Codable, Sendable { case stays, goes, returns, staysCut }
    package var query: CellQuery
    /// The weight, 0 where it is cut.
    package var weight: Float
    package var isKept: Bool
    /// History number and step of the cut that took it.
    package var cutEvent: Int?
    package var cutStep: Int?
    /// Gradient of the latest step; nil for a cut weight: not known.
    package var gradient: Float?
    package var rowKept: Int
    package var rowTotal: Int
    package var columnKept: Int
    package var columnTotal: Int
    package var bias: Float?
    package var fate: Fate?
    package var draftThreshold: Float?
    package var step: Int

    package init(
        query: CellQuery, weight: Float, isKept: Bool, cutEvent: Int? = nil, cutStep: Int? = nil,
        gradient: Float? = nil, rowKept: Int, rowTotal: Int, columnKept: Int, columnTotal: Int, bias: Float? = nil,
        fate: Fate? = nil, draftThreshold: Float? = nil, step: Int
    ) {
        self.query = query
        self.weight = weight
        self.isKept = isKept
        self.cutEvent = cutEvent
        self.cutStep = cutStep
        self.gradient = gradient
        self.rowKept = rowKept
        self.rowTotal = rowTotal
        self.columnKept = columnKept
        self.columnTotal = columnTotal
        self.bias = bias
        self.fate = fate
        self.draftThreshold = draftThreshold
        self.step = step
    }
}

package struct HistogramQuery: Codable, Sendable, Hashable {
    package var scope: Draft.Scope
    package var draft: Draft?
    package var bins: Int
    /// Upper end of the axis; nil lets the engine choose (99.9th percentile, rounded up).
    package var maximum: Float?
    /// Bins equally wide in log |w| instead of |w|.
    package var logarithmic: Bool

    package init(scope: Draft.Scope, draft: Draft? = nil, bins: Int, maximum: Float? = nil, logarithmic: Bool = false) {
        self.scope = scope
        self.draft = draft
        self.bins = bins
        self.maximum = maximum
        self.logarithmic = logarithmic
    }
}

/// Counts of |w|, a cut weight by the value it had when it was cut; the last bin holds everything beyond.
package struct HistogramAnswer: Codable, Sendable {
    package var query: HistogramQuery
    package var cut: [Int]
    package var wouldGo: [Int]
    package var wouldReturn: [Int]
    package var stays: [Int]
    package var minimum: Float
    package var maximum: Float
    package var total: Int
    /// Smallest |w| kept now, and after the draft.
    package var appliedThreshold: Float?
    package var draftThreshold: Float?
    package var step: Int

    package init(
        query: HistogramQuery, cut: [Int], wouldGo: [Int], wouldReturn: [Int], stays: [Int], minimum: Float,
        maximum: Float, total: Int, appliedThreshold: Float? = nil, draftThreshold: Float? = nil, step: Int
    ) {
        self.query = query
        self.cut = cut
        self.wouldGo = wouldGo
        self.wouldReturn = wouldReturn
        self.stays = stays
        self.minimum = minimum
        self.maximum = maximum
        self.total = total
        self.appliedThreshold = appliedThreshold
        self.draftThreshold = draftThreshold
        self.step = step
    }
}

/// Exact counts of a draft.
package struct DraftSummary: Codable, Sendable {
    package struct Layer: Codable, Sendable {
        package var name: String
        package var total: Int
        package var keptNow: Int
        package var keptDraft: Int
        /// Weights cut now that could come back.
        package var recoverable: Int

        package init(name: String, total: Int, keptNow: Int, keptDraft: Int, recoverable: Int) {
            self.name = name
            self.total = total
            self.keptNow = keptNow
            self.keptDraft = keptDraft
            self.recoverable = recoverable
        }
    }
    package var draft: Draft
    package var layers: [Layer]
    package var keptNow: Int
    package var keptDraft: Int
    package var total: Int
    package var wouldReturn: Int
    package var fileBytesNow: Int
    package var fileBytesDraft: Int
    /// Smallest |w| kept in the scope.
    package var thresholdNow: Float?
    package var thresholdDraft: Float?
    /// Standard deviation of the kept weights in the scope, for targets typed as 3σ.
    package var deviation: Float
    /// Where the draft cannot be had as asked (a network sparse from the start has nothing to bring back).
    package var notice: String?
    package var step: Int

    package init(
        draft: Draft, layers: [Layer], keptNow: Int, keptDraft: Int, total: Int, wouldReturn: Int, fileBytesNow: Int,
        fileBytesDraft: Int, thresholdNow: Float? = nil, thresholdDraft: Float? = nil, deviation: Float,
        notice: String? = nil, step: Int
    ) {
        self.draft = draft
        self.layers = layers
        self.keptNow = keptNow
        self.keptDraft = keptDraft
        self.total = total
        self.wouldReturn = wouldReturn
        self.fileBytesNow = fileBytesNow
        self.fileBytesDraft = fileBytesDraft
        self.thresholdNow = thresholdNow
        self.thresholdDraft = thresholdDraft
        self.deviation = deviation
        self.notice = notice
        self.step = step
    }
}

/// A draft's figure beside the network's, on the same validation samples.
package struct Measurement: Codable, Sendable {
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

    package var difference: Double { cut.value - now.value }
    /// Half width of the 95 % interval of the paired difference; of an accuracy in points: ±1.96·√(b + c − (b − c)²/n)/n.
    package var margin: Double {
        if let width { return width }
        let n = Double(now.count), b = Double(lost), c = Double(won)
        return n == 0 ? 100 : 196 * (b + c - (b - c) * (b - c) / n).squareRoot() / n
    }
}
