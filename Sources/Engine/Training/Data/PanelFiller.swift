import Graph
import Interchange
import Kernels

/// Copies samples, normalised, into the panels of a network's input.
package final class PanelFiller {
    private let layout: ImageLayout
    private let target: FloatBuffer
    private let team: Team
    // An entry for each element of a sample, in its order.
    private let offsets: [Int32]
    private let means: [Float]
    private let deviations: [Float]
    // What is being copied.
    private var elements = Elements([UInt8]())
    private var indices: ArraySlice<Int32> = []
    // Kept, so that a step allocates nothing.
    private var rows: [Int32] = []

    /// - Parameter normalization: of a kept network, which may come from other data than the plan's.
    package init(_ data: DataSet, network: Network, normalization: Normalization? = nil) {
        let normalization = normalization ?? data.normalization
        let layout = network.input.layout, samples = data.train
        self.layout = layout
        target = network.input.values
        team = network.team
        let shape = samples.shape
        offsets = (0..<shape.features).map { element in
            let channel = samples.channel(of: element)
            let point =
                samples.order == .channelsLast
                ? element / shape.channels : element % (shape.height * shape.width)
            return Int32(layout.offset(channel, point / shape.width, point % shape.width))
        }
        means = (0..<shape.features).map { normalization.mean(samples.channel(of: $0)) }
        deviations = (0..<shape.features).map { normalization.deviation(samples.channel(of: $0)) }
    }

    // A task is a block of features of sixteen samples.
    private static let width = 256
    private var blocks: Int { (layout.features + PanelFiller.width - 1) / PanelFiller.width }
    private lazy var region = Region { [unowned self] in fill(task: $0) }

    /// Fills panels with these samples; lanes without one are zero.
    package func fill(from samples: Samples, indices: ArraySlice<Int32>) {
        elements = samples.elements
        self.indices = indices
        if let held = samples.rows {
            rows.removeAll(keepingCapacity: true)
            for index in indices { rows.append(held[Int(index)]) }
            self.indices = rows[...]
        }
        let panels = (indices.count + layout.lanes - 1) / layout.lanes
        team.run(tasks: panels * layout.lanes / 16 * blocks, region)
        // Held longer, the next epoch's order would have to be a copy.
        self.indices = []
    }

    private func fill(task: Int) {
        let place = task / blocks
        let first = task % blocks * PanelFiller.width
        let sample = min(place * 16, indices.count)
        let chunks = layout.lanes / 16
        let features = first..<min(first + PanelFiller.width, layout.features)
        let panel = target.pointer + place / chunks * layout.panelFloats + place % chunks * 16
        indices.withUnsafeBufferPointer { indices in
            let taken = UnsafeBufferPointer(rebasing: indices[sample..<min(sample + 16, indices.count)])
            withPlaces { places in
                elements.withBytes { bytes in
                    guard let start = bytes.baseAddress else { return }
                    switch elements.kind {
                    case .uint8:
                        fillSamples(
                            bytes: start.assumingMemoryBound(to: UInt8.self), featuresPerSample: layout.features,
                            indices: taken, features: features, places: places, target: panel)
                    case .float32:
                        fillSamples(
                            floats: start, featuresPerSample: layout.features, indices: taken, features: features,
                            places: places, target: panel)
                    }
                }
            }
        }
    }

    private func withPlaces(_ body: (FeaturePlaces) -> Void) {
        offsets.withUnsafeBufferPointer { offsets in
            means.withUnsafeBufferPointer { means in
                deviations.withUnsafeBufferPointer { deviations in
                    body(
                        FeaturePlaces(
                            offsets: offsets.baseAddress!, means: means.baseAddress!,
                            deviations: deviations.baseAddress!))
                }
            }
        }
    }
}
