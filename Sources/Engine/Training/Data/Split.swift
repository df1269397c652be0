import Graph
import Kernels

/// Which training images train and which validate: a seeded permutation, its first `validation` images set apart.
package struct Split: Sendable {
    package let train: [Int32]
    package let validation: [Int32]

    /// - Parameter validation: images set apart; 0: a tenth, at most 5000.
    /// - Throws: `DataError.tooFew` where nothing would be left to train on.
    package init(_ images: Images, validation given: Int, seed: UInt64) throws {
        let count = given > 0 ? given : max(1, min(5000, images.count / 10))
        guard count < images.count else { throw DataError.tooFew(found: images.count, validation: count) }
        let order = CounterRandom(seed: seed, purpose: .split).permutation(images.count)
        validation = Array(order[..<count])
        train = Array(order[count...])
    }

    /// A sentence where a class has no image to train on, or none to validate with.
    func missingClasses(_ data: DataSet) -> String? {
        func missing(_ indices: [Int32]) -> [Int] {
            var seen = [Bool](repeating: false, count: data.classes)
            for index in indices { seen[Int(data.train.labels[Int(index)])] = true }
            return seen.indices.filter { !seen[$0] }
        }
        func named(_ classes: [Int]) -> String {
            (classes.count == 1 ? "class " : "classes ") + classes.prefix(10).map(String.init).joined(separator: ", ")
                + (classes.count > 10 ? " and \(classes.count - 10) more" : "")
        }
        let untrained = missing(train), unseen = missing(validation)
        guard !untrained.isEmpty || !unseen.isEmpty else { return nil }
        // One stray label makes a class of itself and of all that lie below it, whichever half it falls into.
        let cause = data.strayLabel.map { "; the highest is \($0)" } ?? ""
        if untrained == unseen {
            return "\(named(untrained)): no image to train on, and none to validate with\(cause)"
        }
        return [
            untrained.isEmpty ? nil : "\(named(untrained)): no image to train on",
            unseen.isEmpty ? nil : "\(named(unseen)): none of the \(validation.count) images for validation",
        ].compactMap { $0 }.joined(separator: "; ") + cause
    }
}

/// Copies images into the panels of a network's input.
final class PanelFiller {
    private let mean: Float
    private let deviation: Float
    private let offsets: [Int32]
    private let layout: ImageLayout
    private let target: FloatBuffer
    private let team: Team
    // What is being copied.
    private var pixels: [UInt8] = []
    private var indices: ArraySlice<Int32> = []

    init(_ data: DataSet, network: Network, normalization: (mean: Float, deviation: Float)? = nil) {
        mean = normalization?.mean ?? data.mean
        deviation = normalization?.deviation ?? data.deviation
        layout = network.input.layout
        target = network.input.values
        team = network.team
        var offsets: [Int32] = []
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                for x in 0..<layout.width { offsets.append(Int32(layout.offset(channel, y, x))) }
            }
        }
        self.offsets = offsets
    }

    // A task is a block of features of sixteen images.
    private static let width = 256
    private var blocks: Int { (layout.features + PanelFiller.width - 1) / PanelFiller.width }
    private lazy var region = Region { [unowned self] in fill(task: $0) }

    /// Fills panels with these images; lanes without one are zero.
    func fill(from images: Images, indices: ArraySlice<Int32>) {
        pixels = images.pixels
        self.indices = indices
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
        pixels.withUnsafeBufferPointer { pixels in
            indices.withUnsafeBufferPointer { indices in
                offsets.withUnsafeBufferPointer { offsets in
                    fillPixels(
                        pixels.baseAddress!, featuresPerImage: layout.features,
                        indices: UnsafeBufferPointer(rebasing: indices[sample..<min(sample + 16, indices.count)]),
                        features: first..<min(first + PanelFiller.width, layout.features),
                        offsets: offsets.baseAddress!, mean: mean, deviation: deviation,
                        target: target.pointer + place / chunks * layout.panelFloats + place % chunks * 16)
                }
            }
        }
    }
}
