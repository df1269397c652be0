import Graph
import Kernels

/// Which training images train and which validate: a seeded permutation, its first `validation` images set apart.
package struct Split: Sendable {
    package let train: [Int32]
    package let validation: [Int32]

    /// - Throws: `DataError.tooFew` where nothing would be left to train on.
    package init(_ images: Images, validation count: Int, seed: UInt64) throws {
        guard count < images.count else { throw DataError.tooFew(found: images.count, validation: count) }
        let order = CounterRandom(seed: seed, purpose: .split).permutation(images.count)
        validation = Array(order[..<count])
        train = Array(order[count...])
    }
}

/// Copies images into the panels of a network's input.
struct PanelFiller {
    private let mean: Float
    private let deviation: Float
    private let offsets: [Int32]
    private let features: Int

    init(_ data: DataSet, network: Network, normalization: (mean: Float, deviation: Float)? = nil) {
        mean = normalization?.mean ?? data.mean
        deviation = normalization?.deviation ?? data.deviation
        let layout = network.input.layout
        features = layout.features
        var offsets: [Int32] = []
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                for x in 0..<layout.width { offsets.append(Int32(layout.offset(channel, y, x))) }
            }
        }
        self.offsets = offsets
    }

    /// Fills panels with these images; lanes without one are zero.
    func fill(_ network: Network, from images: Images, indices: ArraySlice<Int32>) {
        let layout = network.input.layout
        let chunks = layout.lanes / 16
        let target = network.input.values.pointer
        let width = 256
        let blocks = (features + width - 1) / width
        network.team.run(tasks: network.panels(indices.count) * chunks * blocks) { task in
            let place = task / blocks
            let first = task % blocks * width
            let sample = min(place * 16, indices.count)
            images.pixels.withUnsafeBufferPointer { pixels in
                indices.withUnsafeBufferPointer { indices in
                    offsets.withUnsafeBufferPointer { offsets in
                        fillPixels(
                            pixels.baseAddress!, featuresPerImage: features,
                            indices: UnsafeBufferPointer(rebasing: indices[sample..<min(sample + 16, indices.count)]),
                            features: first..<min(first + width, features), offsets: offsets.baseAddress!, mean: mean,
                            deviation: deviation,
                            target: target + place / chunks * layout.panelFloats + place % chunks * 16)
                    }
                }
            }
        }
    }
}
