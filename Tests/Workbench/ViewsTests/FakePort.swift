import Foundation
import Sparsity
import Training

/// A session of a small made-up network: no training, but honest counts of weights that are always the same.
///
/// Unchecked because the compiler does not see that every access holds the lock.
final class FakePort: SessionPort, @unchecked Sendable {
    struct Layer {
        var status: LayerStatus
        var weights: [Float]
        var mask: [Bool]
        var biases: [Float]
    }

    private let lock = NSLock()
    private let queue = DispatchQueue(label: "fake session")
    private var layers: [Layer]
    private var snapshot: Snapshot
    private var wake: (@Sendable () -> Void)?
    private var commandsSent: [Command] = []
    private var queriesAsked: [Query] = []

    var commands: [Command] { lock.withLock { commandsSent } }
    var queries: [Query] { lock.withLock { queriesAsked } }
    /// Everything that was answered.
    private(set) var asked: [Query] = []

    init(_ shapes: [LayerStatus], sparsity: Double = 0.8, phase: Snapshot.Phase = .paused) {
        layers = shapes.enumerated().map { index, status in FakePort.layer(status, seed: UInt64(index + 1)) }
        snapshot = FakePort.story(phase)
        cut(
            Draft(
                scope: .global,
                anchor: .kept(Int((Double(layers.reduce(0) { $0 + $1.weights.count }) * (1 - sparsity)).rounded()))))
        publish()
    }

    // MARK: The port

    func latestSnapshot() -> Snapshot? { lock.withLock { snapshot } }
    func onSnapshot(_ wake: @escaping @Sendable () -> Void) {
        lock.withLock { self.wake = wake }
        wake()
    }
    func cancel(_ kind: Query.Kind) {}
    func ask(_ query: Query, reply: @escaping @Sendable (Answer) -> Void) {
        lock.withLock { queriesAsked.append(query) }
        queue.async { for answer in self.answers(to: query) { reply(answer) } }
    }

    func send(_ command: Command) {
        let wake = lock.withLock {
            commandsSent.append(command)
            switch command {
            case .pause: snapshot.phase = .paused
            case .trainOn: snapshot.phase = .training
            case .cut(let draft), .cutAndRetrain(let draft):
                cut(draft)
                publish()
            case .finish: snapshot.phase = .finished
            default: break
            }
            return self.wake
        }
        wake?()
    }

    /// For the demonstration: one step on.
    func advance(by steps: Int) {
        let wake = lock.withLock {
            guard snapshot.phase == .training else { return nil as (@Sendable () -> Void)? }
            snapshot.step += steps
            snapshot.elapsedSeconds += 0.2
            snapshot.curve.append(FakePort.point(snapshot.step, snapshot.sparsity))
            return self.wake
        }
        wake?()
    }

    func edit(_ change: (inout Snapshot) -> Void) { lock.withLock { change(&snapshot) } }

    // MARK: Answers

    func answers(to query: Query) -> [Answer] {
        lock.withLock { asked.append(query) }
        return lock.withLock {
            switch query.question {
            case let asked as MapQuery: [Answer(map(asked), to: asked)]
            case let asked as CellQuery: [Answer(cell(asked), to: asked)]
            case let asked as StripQuery: [Answer(StripAnswer(biases: layer(asked.layer)?.biases ?? []), to: asked)]
            case let asked as HistogramQuery: [Answer(histogram(asked), to: asked)]
            case let asked as SummaryQuery: [Answer(summary(asked.draft), to: asked)]
            case let asked as MeasureQuery:
                [2000, 5000].map { Answer(measure(asked.draft, 0, $0), to: asked) }
            case let asked as AttemptQuery: [Answer(measure(asked.draft, asked.steps, 5000), to: asked)]
            case let asked as HistoryTimesQuery:
                asked.kept.indices.map { last in
                    var answer = HistoryTimes(query: asked)
                    for kept in asked.kept[...last] {
                        answer.times.append(
                            HistoryTimes.Time(
                                kept: kept, weights: snapshot.weights,
                                seconds: 1e-6 * (10 + Double(kept.reduce(0, +)) / 1000),
                                isExact: kept == snapshot.layers.map(\.kept)))
                    }
                    return Answer(answer, to: asked)
                }
            case let asked as DeleteRunQuery: [Answer(DeletedRun(name: asked.name, stays: ["notes.txt"]), to: asked)]
            case let asked as RankingQuery:
                [0, 50, 100].map { done in
                    var answer = RankingAnswer(query: asked, step: snapshot.step)
                    (answer.done, answer.words) = (done, "wanda of 128")
                    return Answer(answer, to: asked)
                }
            case let asked as SensitivityQuery:
                (0...2).map { Answer(sensitivity(asked, $0), to: asked) }
            case let asked as RunsQuery: [Answer(RunsAnswer(runs: FakePort.runs, isWhole: true), to: asked)]
            case let asked as SizeQuery: [Answer(sizes, to: asked)]
            case let asked as ImageCostQuery: costs.map { Answer($0, to: asked) }
            case let asked as LatencyQuery:
                [
                    Answer(
                        LatencyAnswer(
                            draft: asked.draft, now: 84e-6,
                            cut: 84e-6 * Double(summary(asked.draft).keptDraft) / Double(snapshot.nnz),
                            step: snapshot.step),
                        to: asked)
                ]
            case let asked as TargetsQuery:
                [
                    Answer(
                        TargetsAnswer(
                            kept: layers.map { Int(((1 - asked.sparsity) * Double($0.weights.count)).rounded()) },
                            fileBytes: 99_000
                        ),
                        to: asked)
                ]
            default: [.refused(query.kind, "nothing is made up for this question")]
            }
        }
    }

    /// For the maps, under the lock.
    var network: [Layer] { layers }
    var stepNow: Int { snapshot.step }
    func lineOf(_ draft: Draft) -> Float { threshold(draft) }

    private func layer(_ name: String) -> Layer? { layers.first { $0.status.name == name } }

    private func threshold(_ draft: Draft) -> Float {
        switch draft.anchor {
        case .threshold(let value): return value
        case .kept(let count):
            let all = inScope(draft.scope).flatMap { $0.weights.map(abs) }.sorted(by: >)
            return count == 0 ? .infinity : all.isEmpty ? 0 : all[min(count, all.count) - 1]
        }
    }

    private func inScope(_ scope: Draft.Scope) -> [Layer] {
        switch scope {
        case .global: layers
        case .layer(let name): layers.filter { $0.status.name == name }
        }
    }

    private func applies(_ draft: Draft, _ name: String) -> Bool {
        draft.scope == .global || draft.scope == .layer(name)
    }

    private func cut(_ draft: Draft) {
        let line = threshold(draft)
        for index in layers.indices where applies(draft, layers[index].status.name) {
            layers[index].mask = layers[index].weights.map { abs($0) >= line }
            layers[index].status.lastCut = .init(threshold: line, event: 1)
        }
    }

    private func publish() {
        for index in layers.indices { layers[index].status.kept = layers[index].mask.count { $0 } }
        snapshot.layers = layers.map(\.status)
        if snapshot.history.count > 1 { snapshot.history[1].kept = snapshot.layers.map(\.kept) }
        snapshot.biases = layers.reduce(0) { $0 + $1.biases.count }
        let total = snapshot.weights
        snapshot.sparsity = total == 0 ? 0 : 1 - Double(snapshot.nnz) / Double(total)
        snapshot.zeroWeights = snapshot.sparsity
        snapshot.fileBytes = FakePort.bytes(total, snapshot.nnz, snapshot.biases)
        snapshot.denseFileBytes = 4 * (total + snapshot.biases)
    }

    private static func bytes(_ total: Int, _ kept: Int, _ biases: Int) -> Int { total / 8 + 4 * (kept + biases) }

    private func summary(_ draft: Draft) -> DraftSummary {
        let line = threshold(draft)
        let counts = layers.map { layer in
            let kept = applies(draft, layer.status.name) ? layer.weights.count { abs($0) >= line } : layer.status.kept
            return DraftSummary.Layer(
                name: layer.status.name, total: layer.weights.count, keptNow: layer.status.kept, keptDraft: kept,
                recoverable: layer.weights.count - layer.status.kept)
        }
        let kept = counts.reduce(0) { $0 + $1.keptDraft }
        let scoped = inScope(draft.scope)
        let alive = scoped.flatMap { layer in zip(layer.weights, layer.mask).filter(\.1).map { abs($0.0) } }
        let square = alive.reduce(0) { $0 + $1 * $1 } / Float(max(1, alive.count))
        return DraftSummary(
            draft: draft, layers: counts, keptNow: snapshot.nnz, keptDraft: kept, total: snapshot.weights,
            wouldReturn: counts.reduce(0) { $0 + max(0, $1.keptDraft - $1.keptNow) }, fileBytesNow: snapshot.fileBytes,
            fileBytesDraft: FakePort.bytes(snapshot.weights, kept, snapshot.biases), thresholdNow: alive.min(),
            thresholdDraft: line, deviation: square.squareRoot(), step: snapshot.step)
    }

    private func measure(_ draft: Draft, _ steps: Int, _ images: Int) -> Training.Measurement {
        let counts = summary(draft)
        let sparsity = 1 - Double(counts.keptDraft) / Double(counts.total)
        let loss = max(0, (sparsity - 0.8) * (steps > 0 ? 10 : 31))
        guard snapshot.figure.isAccuracy else {
            func error(_ value: Double) -> Reading {
                Reading(value: value, margin: 0.0031, count: images, step: snapshot.step)
            }
            return Training.Measurement(
                draft: draft, trainedSteps: steps, now: error(0.0612), cut: error(0.0612 * (1 + loss / 100)), lost: 0,
                won: 0, sparsity: sparsity, kept: counts.keptDraft, isFinal: images == 5000, elapsedSeconds: 0.03,
                margin: 0.0009)
        }
        let now = Reading(percent: 90.8, count: images, step: snapshot.step)
        let cut = Reading(percent: 90.8 - loss, count: images, step: snapshot.step)
        let lost = Int(Double(images) * loss / 100) + 83
        return Training.Measurement(
            draft: draft, trainedSteps: steps, now: now, cut: cut, lost: lost, won: 83, sparsity: sparsity,
            kept: counts.keptDraft, isFinal: images == 5000, elapsedSeconds: 0.03)
    }

    private func sensitivity(_ query: SensitivityQuery, _ done: Int) -> SensitivityAnswer {
        var answer = SensitivityAnswer(query: query, all: 2, step: snapshot.step)
        answer.done = done
        guard done > 0 else { return answer }
        answer.now = Reading(percent: 90.8, count: 2000, step: snapshot.step)
        let all = [(0.0, 90.8, 0), (0.99, 31.0, 0.12)]
        answer.points = all.prefix(done).map {
            SensitivityAnswer.Point(sparsity: $0.0, value: $0.1, margin: 1, threshold: Float($0.2))
        }
        return answer
    }

    private func histogram(_ query: HistogramQuery) -> HistogramAnswer {
        let scoped = inScope(query.scope)
        let most = query.maximum ?? 0.14
        let least: Float = query.logarithmic ? 0.0001 : 0
        let line = query.draft.map(threshold)
        var bins = [[Int]](repeating: [0, 0, 0, 0], count: query.bins)
        for layer in scoped {
            let moves = query.draft.map { applies($0, layer.status.name) } ?? false
            for (weight, kept) in zip(layer.weights, layer.mask) {
                let size = abs(weight)
                let share =
                    query.logarithmic
                    ? log(max(size, least) / least) / log(most / least) : (size - least) / (most - least)
                let bin = max(0, min(query.bins - 1, Int(share * Float(query.bins))))
                let after = moves ? size >= line! : kept
                bins[bin][kept ? (after ? 3 : 1) : (after ? 2 : 0)] += 1
            }
        }
        let applied = scoped.flatMap { layer in zip(layer.weights, layer.mask).filter(\.1).map { abs($0.0) } }.min()
        return HistogramAnswer(
            query: query, cut: bins.map { $0[0] }, wouldGo: bins.map { $0[1] }, wouldReturn: bins.map { $0[2] },
            stays: bins.map { $0[3] }, minimum: least, maximum: most, total: scoped.reduce(0) { $0 + $1.weights.count },
            appliedThreshold: applied, draftThreshold: line, step: snapshot.step)
    }

    private func cell(_ query: CellQuery) -> CellAnswer {
        let layer = layer(query.layer)!
        let columns = layer.status.columns
        let at = query.row * columns + query.column
        let row = (0..<columns).count { layer.mask[query.row * columns + $0] }
        let column = (0..<layer.status.rows).count { layer.mask[$0 * columns + query.column] }
        let line = query.draft.map(threshold)
        let stays = abs(layer.weights[at]) >= line ?? 0
        return CellAnswer(
            query: query, weight: layer.mask[at] ? layer.weights[at] : 0, isKept: layer.mask[at],
            cutEvent: layer.mask[at] ? nil : 1, cutStep: layer.mask[at] ? nil : 5160,
            gradient: layer.mask[at] ? 0.00031 : nil, rowKept: row, rowTotal: columns, columnKept: column,
            columnTotal: layer.status.rows, bias: layer.biases[query.row],
            fate: line == nil ? nil : layer.mask[at] ? (stays ? .stays : .goes) : (stays ? .returns : .staysCut),
            draftThreshold: line, step: snapshot.step)
    }
}
