import Foundation
import Training

extension FakePort {
    /// Lines of the pictures in `screens/`: LeNet-300-100 at 80 % zeros.
    static var mnist: [LayerStatus] {
        [
            linear("fc1", 300, 784, fold: .init(maps: 1, height: 28, width: 28)), linear("fc2", 100, 300),
            linear("fc3", 10, 100, dead: nil),
        ]
    }

    static func linear(_ name: String, _ rows: Int, _ columns: Int, fold: LayerStatus.Fold? = nil, dead: Int? = 0)
        -> LayerStatus
    {
        LayerStatus(
            name: name, rows: rows, columns: columns, kernelHeight: 1, kernelWidth: 1, isConvolution: false, fold: fold,
            kept: 0, weights: rows * columns, deadUnits: dead, zeroActivations: dead == nil ? nil : 0.713,
            kernel: "sparse")
    }

    static func convolution(_ name: String, _ rows: Int, _ channels: Int, _ kernel: Int) -> LayerStatus {
        LayerStatus(
            name: name, rows: rows, columns: channels * kernel * kernel, kernelHeight: kernel, kernelWidth: kernel,
            isConvolution: true, kept: 0, weights: rows * channels * kernel * kernel, deadUnits: 0,
            zeroActivations: 0.5, kernel: "dense")
    }

    /// Weights with one peak at zero, larger towards the middle of a folded picture.
    static func layer(_ status: LayerStatus, seed: UInt64) -> Layer {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func draw() -> Float {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(state >> 40) / Float(1 << 24)
        }
        var weights = [Float](repeating: 0, count: status.weights)
        for index in weights.indices {
            let column = index % status.columns
            var scale: Float = 0.02 + 0.2 / Float(status.columns).squareRoot()
            if let fold = status.fold {
                let inMap = column % (fold.height * fold.width)
                let y = Float(inMap / fold.width) / Float(fold.height) - 0.5
                let x = Float(inMap % fold.width) / Float(fold.width) - 0.5
                scale *= 1.4 - 2 * (x * x + y * y)
            }
            weights[index] = scale * (draw() + draw() + draw() - 1.5) * 1.5
        }
        let biases = (0..<status.rows).map { _ in draw() - 0.4 }
        return Layer(status: status, weights: weights, mask: weights.map { _ in true }, biases: biases)
    }

    static func point(_ step: Int, _ sparsity: Double) -> CurvePoint {
        let t = Double(step) / 6020
        let dip = step >= 5160 ? 2.4 * exp(-Double(step - 5160) / 120) : 0
        return CurvePoint(
            step: step, elapsedSeconds: Double(step) / 1400, loss: 0.22 + 2 * exp(-9 * t),
            trainFigure: 93 - 40 * exp(-12 * t), validationFigure: 91 - 30 * exp(-10 * t) - dip,
            sparsity: step >= 5160 ? 0.8 : 0, scheduledSparsity: nil, samplesPerSecond: step > 5160 ? 13_400 : 8_800)
    }

    static func story(_ phase: Snapshot.Phase) -> Snapshot {
        var snapshot = Snapshot.blank
        snapshot.network = "lenet-300-100"
        snapshot.data = "fashion-mnist"
        snapshot.recipe = "lenet-300-100.yaml"
        snapshot.runFolder = "runs/lenet-1"
        snapshot.phase = phase
        snapshot.step = 5590
        snapshot.totalSteps = 6020
        snapshot.stepsPerEpoch = 860
        snapshot.batch = 64
        snapshot.loss = 0.231
        snapshot.trainFigure = 92.46
        snapshot.validation = Reading(percent: 90.8, count: 5000, step: 5590)
        snapshot.denseParent = Reading(percent: 91.02, count: 5000, step: 5160)
        snapshot.floor = 90
        snapshot.floorVerdict = .ok
        snapshot.validationLooks = 13
        snapshot.samplesPerSecond = 13_400
        snapshot.denseSamplesPerSecond = 8_800
        snapshot.elapsedSeconds = 4
        snapshot.secondsLeft = 1
        snapshot.bytes = 640_000
        snapshot.checkpointStep = 5160
        snapshot.checkpointAgeSeconds = 2
        snapshot.curve = stride(from: 0, through: 5590, by: 43).map { point($0, 0) }
        snapshot.cuts = [CutMark(event: 1, step: 5160, sparsity: 0.8, byHand: true)]
        snapshot.history = [
            HistoryEntry(event: 0, kind: .start, label: "dense", step: 5160, figure: 91.02, isCurrent: true),
            HistoryEntry(event: 1, kind: .cut, label: "cut 80 %", step: 5160, figure: 88.04, isCurrent: true),
            HistoryEntry(event: 2, kind: .trained, label: "+430 steps", step: 5590, figure: 90.8, isCurrent: true),
        ]
        snapshot.undoDepth = 1
        snapshot.stepsLostByUndo = 430
        return snapshot
    }

    /// Beside this run: one that can be compared, this run itself, one with another figure and one on other data.
    static var runs: [RunFigures] {
        func points(_ figures: [(Double, Double)]) -> [RunFigures.Point] {
            figures.enumerated().map { index, figure in
                RunFigures.Point(
                    step: 100 * index, sparsity: figure.0, figure: figure.1, fileBytes: Int(1e6 * (1 - figure.0)),
                    multiplyAdds: Int(266_200 * (1 - figure.0)))
            }
        }
        return [
            RunFigures(
                name: "lenet-2", network: "lenet-300-100", data: "fashion-mnist", isFinished: true, isOwn: false,
                points: points([(0, 91.1), (0.5, 91), (0.9, 90.2), (0.95, 89)])),
            RunFigures(
                name: "lenet-1", network: "lenet-300-100", data: "fashion-mnist", isFinished: false, isOwn: true,
                points: points([(0, 91), (0.8, 90.8)])),
            RunFigures(
                name: "auc-1", network: "mlp", data: "table", figure: "auc", isFinished: false, isOwn: false,
                points: points([(0, 0.9)])),
            RunFigures(
                name: "digits-1", network: "lenet-300-100", data: "digits",
                otherData: "9000 training images, not 60000",
                isFinished: true, isOwn: false, points: points([(0, 97.3), (0.9, 96.1)])),
        ]
    }

    // MARK: Maps

    func map(_ query: MapQuery) -> MapAnswer {
        let layer = network.first { $0.status.name == query.layer }!
        let (rows, columns) = query.extents
        let perRow = (rows.count + query.cellRows - 1) / max(1, query.cellRows)
        let perColumn = (columns.count + query.cellColumns - 1) / max(1, query.cellColumns)
        let cellRows = (rows.count + perRow - 1) / max(1, perRow)
        let cellColumns = (columns.count + perColumn - 1) / max(1, perColumn)
        var values: [Float] = []
        var states: [MapAnswer.State] = []
        for cellRow in 0..<cellRows {
            for cellColumn in 0..<cellColumns {
                let ys = rows.dropFirst(cellRow * perRow).prefix(perRow)
                let xs = columns.dropFirst(cellColumn * perColumn).prefix(perColumn)
                let indices = ys.flatMap { y in xs.flatMap { x in query.indices(y, x, layer.status) } }
                let (value, state) = reduce(indices, layer, query)
                values.append(value)
                states.append(state)
            }
        }
        let sorted = values.map(abs).sorted()
        return MapAnswer(
            query: query, rows: cellRows, columns: cellColumns, weightsPerCellRow: perRow,
            weightsPerCellColumn: perColumn, values: values, states: states,
            p99: sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * 99 / 100)], step: stepNow)
    }

    private func reduce(_ indices: [Int], _ layer: Layer, _ query: MapQuery) -> (Float, MapAnswer.State) {
        let kept = indices.filter { layer.mask[$0] }
        let share = Float(kept.count) / Float(max(1, indices.count))
        let mean = kept.reduce(Float(0)) { $0 + layer.weights[$1] } / Float(max(1, kept.count))
        let size = kept.reduce(Float(0)) { $0 + abs(layer.weights[$1]) } / Float(max(1, kept.count))
        switch query.quantity {
        case .kept: return (share, .value)
        case .magnitude: return (size, .value)
        case .signed: return (mean, .value)
        case .gradient: return kept.isEmpty ? (0, .unknown) : (size / 100, .value)
        case .age: return (kept.isEmpty ? 0 : 100, .value)
        case .change: return (0, kept.isEmpty ? .cut : .stays)
        case .draft:
            let line = query.draft.map(lineOf) ?? 0
            let after = indices.filter { abs(layer.weights[$0]) >= line }
            let going = kept.count { abs(layer.weights[$0]) < line }
            let coming = after.count { !layer.mask[$0] }
            let state: MapAnswer.State =
                going > 0 && going >= coming ? .wouldGo : coming > 0 ? .wouldReturn : kept.isEmpty ? .cut : .stays
            return (Float(after.count) / Float(max(1, indices.count)), state)
        }
    }
}

extension MapQuery {
    fileprivate var extents: (rows: Range<Int>, columns: Range<Int>) {
        switch region {
        case .matrix(let rows, let columns): (rows, columns)
        case .foldMean(_, let y, let x): (y, x)
        case .foldOutput(_, _, let y, let x): (y, x)
        }
    }

    fileprivate func indices(_ y: Int, _ x: Int, _ layer: LayerStatus) -> [Int] {
        func folded(_ output: Int, _ map: Int) -> Int {
            let fold = layer.fold!
            return output * layer.columns + map * fold.height * fold.width + y * fold.width + x
        }
        switch region {
        case .matrix: return [y * layer.columns + x]
        case .foldMean(let map, _, _): return (0..<layer.rows).map { folded($0, map) }
        case .foldOutput(let output, let map, _, _): return [folded(output, map)]
        }
    }
}
