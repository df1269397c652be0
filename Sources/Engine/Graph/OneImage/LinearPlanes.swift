import Kernels
import Synchronization

/// A linear layer of one sample.
final class LinearPlanes: PlaneStep {
    private let input: PlaneTensor
    private let output: PlaneTensor
    private let dense: FeatureColumns?
    /// More columns than `SingleSample` counts, and too few nonzeros to hold them among zeros: one after the other.
    private let isWalked: Bool
    private let layer: LayerArrays
    /// Made of the first sample, whose share of zeros says in which order the weights are best read.
    private let sparse = Mutex<SingleSample?>(nil)
    private let rows: Int
    private let columns: Int

    convenience init(_ site: PlaneSite) {
        guard let layer = site.layer, let shape = site.shape else { preconditionFailure("a linear layer has weights") }
        self.init(input: site.inputs[0], output: site.output, layer: layer, shape: shape)
    }

    init(input: PlaneTensor, output: PlaneTensor, layer: LayerArrays, shape: WeightShape) {
        self.input = input
        self.output = output
        self.layer = layer
        rows = shape.rows
        columns = shape.columns
        if let indices = layer.indices, Double(indices.count) < LinearPlanes.leastDenseDensity * Double(shape.weights) {
            dense = nil
            isWalked = shape.columns > SingleSample.mostColumns
        } else {
            isWalked = false
            var values = layer.values
            if let indices = layer.indices {
                values = [Float](repeating: 0, count: shape.weights)
                for (index, value) in zip(indices, layer.values) { values[index] = value }
            }
            dense = FeatureColumns(rows: rows, columns: columns, values: values, bias: layer.bias)
        }
    }

    /// Of nonzeros none before the first sample, which says how they are held.
    var weightBytes: Int { dense?.bytes ?? (isWalked ? 4 * layer.values.count : sparse.withLock { $0?.bytes ?? 0 }) }

    /// A nonzero costs about four times what a weight among others does.
    static let leastDenseDensity = 0.25

    func run(_ memory: UnsafeMutablePointer<Float>, part: Int, of parts: Int) {
        let x = UnsafePointer(input.origin(memory)), y = output.origin(memory)
        if let dense {
            if input.layout.isCompact, output.layout.isCompact { return dense.forward(x, to: y) }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: columns + (rows + 15) / 16 * 16) { place in
                let features = place.baseAddress!, sums = features + columns
                for column in 0..<columns { features[column] = x[column &* input.layout.plane] }
                dense.forward(features, to: sums)
                for row in 0..<rows { y[row &* output.layout.plane] = sums[row] }
            }
            return
        }
        if isWalked { return walk(x, to: y) }
        let weights = sparse.withLock { made in
            if let made { return made }
            let new = prepared(x)
            made = new
            return new
        }
        layer.bias.withUnsafeBufferPointer { bias in
            for task in 0..<weights.tasks {
                weights.forward(
                    task: task, bias: bias.baseAddress!, input: x, inputStep: input.layout.plane, output: y,
                    outputStep: output.layout.plane)
            }
        }
    }

    /// The nonzeros in the order of their positions, with nothing prepared.
    private func walk(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        for row in 0..<rows { y[row &* output.layout.plane] = layer.bias[row] }
        for (position, value) in zip(layer.indices ?? [], layer.values) {
            let (row, column) = position.quotientAndRemainder(dividingBy: columns)
            let place = row &* output.layout.plane
            let given = x[column &* input.layout.plane]
            // As the kernels of panels add, so that the bits are theirs.
            #if ESPALIER_FMA
                y[place] = y[place].addingProduct(value, given)
            #else
                y[place] += value * given
            #endif
        }
    }

    private func prepared(_ x: UnsafePointer<Float>) -> SingleSample {
        let live = (0..<columns).count { x[$0 * input.layout.plane] != 0 }
        return SingleSample(
            rows: rows, columns: columns, indices: layer.indices ?? [], values: layer.values,
            liveInputs: Double(live) / Double(max(1, columns)))
    }
}
