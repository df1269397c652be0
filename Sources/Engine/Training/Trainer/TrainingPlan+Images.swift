import Graph
import Kernels

extension TrainingPlan {
    /// Numbers of training samples, in random order.
    func calibrationSamples(_ count: Int) -> [Int32] {
        var order = split.train
        CounterRandom(seed: recipe.seed, purpose: .calibration).shuffle(&order)
        return Array(order.prefix(count))
    }

    /// Training samples as a network reads them, spread evenly over all: what ranges are measured on.
    package func calibrationImages(
        _ count: Int, shape: Shape, normalization: Normalization?
    ) throws -> [[Float]] {
        let graph = try Graph(input: shape, [Graph.Entry("copy", Reshape([-1]))])
        let held = min(count, split.train.count)
        let indices = (0..<held).map { split.train[$0 * split.train.count / held] }
        let network = Network(graph, capacity: 64, team: Team(size: 1), trains: false)
        let images = PanelImages(network)
        let filler = PanelFiller(data, network: network, normalization: normalization)
        var result: [[Float]] = []
        for first in stride(from: 0, to: held, by: 64) {
            let part = indices[first..<min(first + 64, held)]
            filler.fill(from: data.train, indices: part)
            for sample in 0..<part.count { result.append(images.image(sample)) }
        }
        return result
    }
}

/// The images of a network's input and the answers of its output, one by one.
struct PanelImages {
    let network: Network

    init(_ network: Network) { self.network = network }

    func image(_ sample: Int) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(network.input.shape.features)
        forEachValue(network.input, sample) { values.append($0.pointee) }
        return values
    }

    func give(_ answer: [Float], to sample: Int) {
        var place = 0
        forEachValue(network.output, sample) {
            $0.pointee = answer[place]
            place += 1
        }
    }

    private func forEachValue(_ tensor: PanelTensor, _ sample: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let layout = tensor.layout, lanes = network.lanes
        let panel = tensor.values.pointer + (sample / lanes * layout.panelFloats + sample % lanes)
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                for x in 0..<layout.width { body(panel + layout.offset(channel, y, x)) }
            }
        }
    }
}
