import Graph
import Kernels

/// Makes what the samples of a batch should give: their classes, their numbers in panels, or the network's input as it is.
final class TargetFiller {
    private(set) var batch = TargetBatch(count: 0)
    private let comparison: Comparison
    private let network: Network
    private let features: Int
    private let scale: TargetScale

    init(_ network: Network, _ comparison: Comparison, scale: TargetScale) {
        self.scale = scale
        self.network = network
        self.comparison = comparison
        features = network.output.layout.features
        guard comparison != .classes else { return }
        let lanes = network.output.layout.lanes
        let panels = (network.capacity + lanes - 1) / lanes
        batch.values = FloatBuffer(count: panels * lanes * features)
    }

    /// After the input was filled, and before noise is added to it or the network has run.
    func fill(from samples: Samples, indices: ArraySlice<Int32>) {
        batch.count = indices.count
        batch.labels.removeAll(keepingCapacity: true)
        if case .classes(let classes, _) = samples.targets {
            for index in indices { batch.labels.append(classes[Int(index)]) }
        }
        guard let values = batch.values else { return }
        if comparison == .input {
            copyInput(to: values)
        } else if case .numbers(let numbers, let each) = samples.targets {
            place(numbers, each, indices, in: values)
        }
    }

    private func place(_ numbers: [Float], _ each: Int, _ indices: ArraySlice<Int32>, in values: FloatBuffer) {
        let lanes = network.output.layout.lanes
        for (place, index) in indices.enumerated() {
            let target = values.pointer + place / lanes * features * lanes + place % lanes
            guard scale.isNone else {
                for feature in 0..<each {
                    target[feature * lanes] =
                        (numbers[Int(index) * each + feature] - scale.means[feature]) / scale.deviations[feature]
                }
                continue
            }
            for feature in 0..<each { target[feature * lanes] = numbers[Int(index) * each + feature] }
        }
    }

    /// Without its borders.
    private func copyInput(to values: FloatBuffer) {
        let layout = network.input.layout
        let row = layout.width * layout.lanes
        var target = values.pointer
        for panel in 0..<(batch.count + layout.lanes - 1) / layout.lanes {
            for channel in 0..<layout.channels {
                for y in 0..<layout.height {
                    let source = network.input.values.pointer + panel * layout.panelFloats + layout.offset(channel, y)
                    target.update(from: source, count: row)
                    target += row
                }
            }
        }
    }
}
