import Graph
import Sparsity

extension Sensitivity {
    /// Cuts each layer that may be cut to each level, by the recipe's criterion and granularity, and measures the figure at
    /// once.
    ///
    /// - Parameters:
    ///   - workers: copies of the network that measure at the same time.
    ///   - progress: called with the measurements that are done, 1, 2, 3 …, and all of them, on any thread.
    /// - Returns: nil where it was cancelled.
    package static func sweep(
        _ subject: AnalysedNetwork, levels: [Double] = Sensitivity.levels, workers: Int, timesLayers: Bool = false,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) throws -> Sensitivity? {
        try subject.requireMemory(copies: workers, to: "analyse")
        let weights = subject.weights
        let numbers = weights.indices.filter { !weights[$0].isProtected }
        let levels = levels.sorted()
        let work = numbers.flatMap { number in levels.map { (layer: number, level: $0) } }
        let cutter = try AnalysisCutter(subject, threads: workers)
        var made: [MaskChange?] = []
        for (layer, level) in work where cutter.isCalibrated {
            if isCancelled() { return nil }
            made.append(try cutter.change(of: layer, to: level))
        }
        let changes = made
        guard let now = AnalysisCopy(subject, isCancelled: isCancelled).scores(subject.layers),
            let found = try subject.onCopies(
                tasks: work.count, workers: workers, isCancelled: isCancelled,
                progress: { progress($0, work.count) },
                { copy, task -> (scores: FigureScores, kept: Int)? in
                    let (number, level) = work[task]
                    let change =
                        changes.isEmpty
                        ? try AnalysisCutter.change(of: number, to: level, weights, subject.plan) : changes[task]
                    guard let change else { return (now, weights[number].values.count) }
                    var layers = subject.layers
                    layers[number].arrays = layers[number].arrays.applying(change, total: layers[number].total)
                    let kept = layers[number].arrays.values.count
                    return copy.scores(layers).map { ($0, kept) }
                })
        else { return nil }
        let times = timesLayers ? AnalysisCopy(subject).layerTimes(subject.layers) : nil
        let figure = subject.plan.figure
        let before = figure.judge(now), reading = figure.reading(now, step: subject.step)
        var layers = numbers.map { number in
            var layer = Layer(name: weights[number].name, weights: weights[number].total, points: [])
            layer.microseconds = times.map { 1e6 * $0[number] }
            return layer
        }
        for (cut, (scores, kept)) in zip(work, found) {
            let after = figure.judge(scores), measured = figure.reading(scores, step: subject.step)
            layers[numbers.firstIndex(of: cut.layer)!].points.append(
                Point(
                    level: cut.level, sparsity: 1 - Double(kept) / Double(weights[cut.layer].total),
                    value: measured.value, margin: measured.margin, difference: measured.value - reading.value,
                    differenceMargin: before.flatMap { before in after?.margin(against: before) } ?? 0))
        }
        var result = Sensitivity(
            step: subject.step, figure: figure.format.name, criterion: subject.plan.recipe.criterion.name,
            granularity: subject.plan.recipe.granularity.name, count: now.scores.count / figure.width,
            value: reading.value, margin: reading.margin, layers: layers)
        result.isHigherBetter = figure.format.isHigherBetter
        return result
    }

    /// The largest sparsity of each layer at which the figure, alone, stays within a budget: between two levels on the straight
    /// line that joins them.
    /// - Parameter budget: what the figure may lose, in its own units.
    package func largest(within budget: Double, isHigherBetter: Bool) -> [String: Double] {
        var result: [String: Double] = [:]
        for layer in layers {
            var best = layer.points[0].sparsity
            for (low, high) in zip(layer.points, layer.points.dropFirst()) {
                let lost = [low, high].map { isHigherBetter ? -$0.difference : $0.difference }
                if lost[1] <= budget {
                    best = high.sparsity
                    continue
                }
                if lost[0] <= budget, lost[1] > lost[0] {
                    best = max(
                        best, low.sparsity + (high.sparsity - low.sparsity) * (budget - lost[0]) / (lost[1] - lost[0]))
                }
                break
            }
            result[layer.name] = best
        }
        return result
    }
}
