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
    private let normalized: [Float]
    private let offsets: [Int32]
    private let features: Int

    init(_ data: DataSet, network: Network, normalization: (mean: Float, deviation: Float)? = nil) {
        normalized =
            normalization.map { given in (0..<256).map { (Float($0) - given.mean) / given.deviation } }
            ?? data.normalized
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
        let lanes = layout.lanes
        let target = network.input.values.pointer
        let panels = network.panels(indices.count)
        // A block of features at a time, so that the lines written by one sample are still cached for the next.
        let width = 64
        let blocks = (features + width - 1) / width
        network.team.run(tasks: panels * blocks) { task in
            let panel = task / blocks
            let first = task % blocks * width
            let range = first..<min(first + width, features)
            images.pixels.withUnsafeBufferPointer { pixels in
                normalized.withUnsafeBufferPointer { table in
                    offsets.withUnsafeBufferPointer { offsets in
                        for lane in 0..<lanes {
                            let out = target + panel * layout.panelFloats + lane
                            let sample = panel * lanes + lane
                            if sample >= indices.count {
                                for feature in range { out[Int(offsets[feature])] = 0 }
                                continue
                            }
                            let image = Int(indices[indices.startIndex + sample]) * features
                            for feature in range {
                                out[Int(offsets[feature])] = table[Int(pixels[image + feature])]
                            }
                        }
                    }
                }
            }
        }
    }
}
