import Graph
import Kernels

/// A small layer that stands for a whole one: its times, made larger by what it leaves out.
struct LayerSample {
    let map: WeightMap
    let timer: PassTimer
    /// All tasks of a small sample are run, the first one of a large one.
    private let isWhole: Bool
    /// Multiply-adds of the whole layer for one of the sample, and weights.
    private let work: Double
    private let weights: Double
    private let prefersBothGradients: Bool

    init(_ sample: LayerShape, of shape: LayerShape) {
        map = sample.map
        timer = PassTimer(map: map, panels: sample.panels, team: Team(size: 1))
        isWhole = sample.multiplyAdds <= 40_000_000
        work = Double(shape.multiplyAdds) / Double(sample.multiplyAdds)
        prefersBothGradients = shape.map.prefersBothGradients && !map.input.isFlat
        weights = Double(shape.rows * shape.channels) / Double(sample.rows * sample.channels)
    }

    /// Of one pass of the whole layer.
    func seconds(_ pass: WeightPass, _ subject: PassTimer.Subject) -> Double {
        let units = timer.units(pass), parts = timer.parts(pass)
        let seconds = timer.seconds(runs: 15, budgetSeconds: 0.004) {
            timer.run(subject, pass, units: isWhole ? units : 1, parts: isWhole ? parts.count : 1)
        }
        if isWhole { return seconds * work }
        let timed = pass == .inputGradient ? map.channels(ofBlocks: parts[0]) : map.rows(ofBlocks: parts[0])
        let all = pass == .inputGradient ? map.channels : map.rows
        return seconds * work * Double(units) * Double(all) / Double(timed.count)
    }

    /// Of both gradients of the whole layer in one pass; nil where there is no kernel for that.
    func gradientsSeconds(density: Double) -> Double? {
        // The sample's image may be too low for what the layer's own is large enough for.
        guard prefersBothGradients else { return nil }
        let pattern = SparsePattern(
            map: map, indices: timer.indices(density: density), needsInputGradient: true)
        let subject = timer.subject(pattern)
        return work * timer.seconds(runs: 15, budgetSeconds: 0.004) { timer.runGradients(subject) }
    }

    /// Of taking the whole layer's weights to the packed copy, and the gradient from the scratch: once a step, whatever the
    /// number of positions.
    func copySeconds(density: Double) -> (scatter: Double, gather: Double) {
        let mixed = MixedPattern(
            map: map, indices: timer.indices(density: density), densePasses: .all, needsInputGradient: true)
        let subject = timer.subject(mixed)
        let scatter = timer.seconds(budgetSeconds: 0.002) { timer.prepare(subject) }
        let packed = FloatBuffer(count: DensePacking.count(rows: map.rows, columns: map.columns))
        let gather = timer.seconds(budgetSeconds: 0.002) { timer.gather(subject, mixed, from: packed) }
        return (scatter * weights, gather * weights)
    }
}
