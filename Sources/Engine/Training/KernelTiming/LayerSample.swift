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

    /// What is timed; the seconds of the whole layer are so many times its own.
    struct Timed {
        var times: Double
        var body: () -> Void
    }

    func sparse(_ density: Double) -> PassTimer.Subject {
        timer.subject(
            SparsePattern(map: map, indices: timer.indices(density: density), needsInputGradient: true))
    }

    func dense() -> PassTimer.Subject { timer.subject(DensePattern(map: map)) }

    func pass(_ pass: WeightPass, _ subject: PassTimer.Subject) -> Timed {
        let units = timer.units(pass), parts = timer.parts(pass)
        let body = { [timer, isWhole] in
            timer.run(subject, pass, units: isWhole ? units : 1, parts: isWhole ? parts.count : 1)
        }
        if isWhole { return Timed(times: work, body: body) }
        let timed = pass == .inputGradient ? map.channels(ofBlocks: parts[0]) : map.rows(ofBlocks: parts[0])
        let all = pass == .inputGradient ? map.channels : map.rows
        return Timed(times: work * Double(units) * Double(all) / Double(timed.count), body: body)
    }

    /// Both gradients in one pass; nil where there is no kernel for that.
    func gradients(_ sparse: PassTimer.Subject) -> Timed? {
        // The sample's image may be too low for what the layer's own is large enough for.
        guard prefersBothGradients else { return nil }
        return Timed(times: work) { [timer] in timer.runGradients(sparse) }
    }

    /// Taking the weights to the packed copy, and the gradient from the scratch: once a step, whatever the number of positions.
    func copies(_ density: Double) -> (scatter: Timed, gather: Timed) {
        let mixed = MixedPattern(
            map: map, indices: timer.indices(density: density), densePasses: .all, needsInputGradient: true)
        let subject = timer.subject(mixed)
        let packed = FloatBuffer(count: DensePacking.count(rows: map.rows, columns: map.columns))
        return (
            Timed(times: weights) { [timer] in timer.prepare(subject) },
            Timed(times: weights) { [timer] in timer.gather(subject, mixed, from: packed) }
        )
    }
}
