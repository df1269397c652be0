import Graph
import Sparsity

/// A picture of a layer's weights, reduced to cells.
package struct MapQuery: Question {
    package static let kind = Query.Kind.map
    package static let manner = Manner.picture

    package enum Quantity: String, Codable, Sendable, CaseIterable {
        case kept, magnitude, signed, gradient, draft
        /// What the masks' latest change took (`wouldGo`) and brought (`wouldReturn`).
        case change
        /// Mean steps that the kept weights are there.
        case age
    }
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

package struct MapAnswer: QuestionReply {
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

extension Query.Kind {
    package static let map = Query.Kind("map")
}

extension Query {
    package static func map(_ question: MapQuery) -> Query { Query(question) }
}

extension MapQuery {
    /// A layer's weights reduced to cells.
    package func answer(from evidence: Evidence, _ reply: (MapAnswer) -> Void) throws {
        let query = self
        let copy = try evidence.copy(for: quantity == .draft ? draft : nil)
        let number = try evidence.layer(query.layer)
        let layer = try copy.candidates()[number]
        let (rows, columns) = copy.layerShapes[number]
        guard let frame = Frame(query, rows: rows, columns: columns, fold: copy.fold(of: number)) else {
            throw Refused("the region does not lie in layer \(query.layer) of \(rows)×\(columns)")
        }
        let cut = query.quantity == .draft ? try query.draft.map(copy.cut) : nil
        var returning = Set<Int>()
        if let cut { returning = Set(cut.layers[number].returns) }
        var cells = [Tally](repeating: Tally(), count: frame.cellRows * frame.cellColumns)

        let isChange = query.quantity == .change
        let gone = isChange ? copy.changes.lost[number] ?? [] : []
        let grew = Set(isChange ? copy.changes.grew[number] ?? [] : [])
        let births = query.quantity == .age ? copy.changes.births[number] : nil

        for row in frame.rows {
            for live in evidence.row(row, layer, columns) {
                guard let cell = frame.cell(row, layer.position(live) - row * columns) else { continue }
                let gradient = copy.gradient(number, live)
                cells[cell].add(layer.values[live], gradient: gradient, stays: cut?.layers[number].keep[live] ?? true)
                guard query.quantity == .change || query.quantity == .age else { continue }
                let position = layer.position(live)
                if grew.contains(position) { cells[cell].grew += 1 }
                cells[cell].age += Float(copy.step - (births?[position] ?? 0))
            }
            if query.quantity == .change {
                var place = evidence.lowerBound(gone.count) { gone[$0] < row * columns }
                while place < gone.count, gone[place] < (row + 1) * columns {
                    if let cell = frame.cell(row, gone[place] - row * columns) { cells[cell].lost += 1 }
                    place += 1
                }
            }
            guard query.quantity == .draft else { continue }
            let first = evidence.lowerBound(layer.lost.count) { layer.lost[$0].index < row * columns }
            var lost = first
            while lost < layer.lost.count, layer.lost[lost].index < (row + 1) * columns {
                if returning.contains(lost), let cell = frame.cell(row, layer.lost[lost].index - row * columns) {
                    cells[cell].returns += 1
                }
                lost += 1
            }
        }

        var values = [Float](), states = [MapAnswer.State]()
        for index in cells.indices {
            let (value, state) = cells[index].result(query.quantity, total: frame.weights(inCell: index))
            values.append(value)
            states.append(state)
        }
        let sorted = values.map { abs($0) }.filter { !$0.isNaN }.sorted()
        let p99 = sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
        reply(
            MapAnswer(
                query: query, rows: frame.cellRows, columns: frame.cellColumns, weightsPerCellRow: frame.perRow,
                weightsPerCellColumn: frame.perColumn, values: values, states: states, p99: p99, step: copy.step))
    }
}

/// What one cell of a map sums up.
private struct Tally {
    var kept = 0
    /// Weights whose gradient is known.
    var known = 0
    var stays = 0
    var goes = 0
    var returns = 0
    var lost = 0
    var grew = 0
    var age: Float = 0
    var magnitude: Float = 0
    var signed: Float = 0
    var gradient: Float = 0

    mutating func add(_ weight: Float, gradient slope: Float?, stays isStaying: Bool) {
        kept += 1
        if isStaying { stays += 1 } else { goes += 1 }
        magnitude += abs(weight)
        signed += weight
        if let slope {
            gradient += abs(slope)
            known += 1
        }
    }

    func result(_ quantity: MapQuery.Quantity, total: Int) -> (Float, MapAnswer.State) {
        func checked(_ value: Float) -> (Float, MapAnswer.State) {
            value.isNaN ? (0, .notANumber) : (value, .value)
        }
        let count = Float(max(kept, 1))
        switch quantity {
        case .kept:
            return (magnitude.isNaN ? 0 : Float(kept) / Float(max(total, 1)), magnitude.isNaN ? .notANumber : .value)
        case .magnitude: return checked(magnitude / count)
        case .signed: return checked(signed / count)
        case .gradient: return known == 0 ? (0, .unknown) : checked(gradient / Float(known))
        case .age: return checked(age / count)
        case .change:
            let share = Float(lost + grew) / Float(max(total, 1))
            // One that changed is seen among many that did not.
            if lost + grew > 0 { return (share, lost >= grew ? .wouldGo : .wouldReturn) }
            return (0, kept > 0 ? .stays : .cut)
        case .draft:
            let share = Float(stays + returns) / Float(max(total, 1))
            // Of several weights what most of the kept ones do, so that a few changes do not colour a whole map.
            if max(goes, returns) > stays { return (share, goes >= returns ? .wouldGo : .wouldReturn) }
            return (share, stays > 0 ? .stays : .cut)
        }
    }
}

/// Which weight lies in which cell.
private struct Frame {
    let rows: Range<Int>
    let cellRows: Int
    let cellColumns: Int
    let perRow: Int
    let perColumn: Int
    private let region: MapQuery.Region
    private let width: Int
    private let base: Int
    private let extent: (rows: Range<Int>, columns: Range<Int>)
    private let layerRows: Int

    init?(_ query: MapQuery, rows: Int, columns: Int, fold: Shape?) {
        region = query.region
        layerRows = rows
        switch query.region {
        case .matrix(let wanted, let wantedColumns):
            extent = (wanted, wantedColumns)
            self.rows = wanted
            width = columns
            base = 0
            guard wanted.lowerBound >= 0, wanted.upperBound <= rows, wantedColumns.lowerBound >= 0,
                wantedColumns.upperBound <= columns
            else { return nil }
        case .foldMean(let map, let y, let x), .foldOutput(_, let map, let y, let x):
            guard let fold, map >= 0, map < fold.channels, y.lowerBound >= 0, y.upperBound <= fold.height,
                x.lowerBound >= 0, x.upperBound <= fold.width
            else { return nil }
            extent = (y, x)
            width = fold.width
            base = map * fold.height * fold.width
            if case .foldOutput(let output, _, _, _) = query.region {
                guard (0..<rows).contains(output) else { return nil }
                self.rows = output..<output + 1
            } else {
                self.rows = 0..<rows
            }
        }
        guard !extent.rows.isEmpty, !extent.columns.isEmpty, query.cellRows > 0, query.cellColumns > 0 else {
            return nil
        }
        perRow = (extent.rows.count - 1) / query.cellRows + 1
        perColumn = (extent.columns.count - 1) / query.cellColumns + 1
        cellRows = (extent.rows.count + perRow - 1) / perRow
        cellColumns = (extent.columns.count + perColumn - 1) / perColumn
    }

    func cell(_ row: Int, _ column: Int) -> Int? {
        var y = row, x = column
        if case .matrix = region {
        } else {
            let inside = column - base
            guard inside >= 0 else { return nil }
            y = inside / width
            x = inside % width
        }
        guard extent.rows.contains(y), extent.columns.contains(x) else { return nil }
        return (y - extent.rows.lowerBound) / perRow * cellColumns + (x - extent.columns.lowerBound) / perColumn
    }

    /// The last row and column of cells may be cut off.
    func weights(inCell index: Int) -> Int {
        let height = min(perRow, extent.rows.count - index / cellColumns * perRow)
        let width = min(perColumn, extent.columns.count - index % cellColumns * perColumn)
        if case .foldMean = region { return height * width * layerRows }
        return height * width
    }
}
