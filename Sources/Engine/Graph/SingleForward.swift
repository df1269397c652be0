import Kernels

/// The forward pass of a sparse linear layer for a batch of one. The weights are put in the order it needs at the second
/// call with the same weights, so that the odd last sample of a batch costs nothing, and dropped when they change.
final class SingleForward {
    private let site: Site
    private let layer: WeightLayer
    private var prepared: SingleSample?
    private var isHalf = false
    /// The values last seen here: the layer has others after a cut.
    private var seen: FloatBuffer?

    init(_ site: Site, _ layer: WeightLayer) {
        self.site = site
        self.layer = layer
    }

    /// After the weights changed.
    func drop() {
        prepared = nil
        seen = nil
    }

    /// False where the pass is of another kind, and nothing was done.
    /// - Parameter tail: what becomes of the sums.
    func run(_ tail: ForwardTail?) -> Bool {
        let map = layer.map
        guard site.pass.samples == 1, !site.pass.isTraining, !layer.isDense, let pattern = layer.pattern,
            map.input.isFlat, map.output.isFlat, map.taps == 1, map.groups == 1,
            map.columns <= SingleSample.mostColumns
        else { return false }
        if seen !== layer.values || isHalf != site.pass.usesHalf {
            drop()
            seen = layer.values
            isHalf = site.pass.usesHalf
            // Half precision is asked for by name, so it holds from the first call.
            if !isHalf { return false }
        }
        let x = UnsafePointer(site.inputs[0].values.pointer + map.input.offset(0))
        let y = site.output.values.pointer + map.output.offset(0)
        let prepared = self.prepared ?? make(pattern, x)
        self.prepared = prepared
        site.team.run(tasks: prepared.tasks) { task in
            prepared.forward(
                task: task, bias: layer.bias.pointer, input: x, inputStep: map.input.plane * map.input.lanes,
                output: y, outputStep: map.output.plane * map.output.lanes)
        }
        if let tail {
            let step = map.output.plane * map.output.lanes
            for row in 0..<map.rows {
                y[row * step] = tail.value(y[row * step], row: row, at: map.output.offset(0) + row * step)
            }
        }
        site.links.wrote(panels: 0..<1, channels: 0..<map.rows)
        return true
    }

    private func make(_ pattern: any WeightPattern, _ x: UnsafePointer<Float>) -> SingleSample {
        let map = layer.map
        let live = (0..<map.columns).count { x[$0 * map.input.plane * map.input.lanes] != 0 }
        return SingleSample(
            rows: map.rows, columns: map.columns, indices: pattern.rowMajorIndices(),
            values: pattern.rowMajorOrder().map { layer.values[Int($0)] }, isHalf: isHalf,
            liveInputs: Double(live) / Double(max(1, map.columns)))
    }
}
