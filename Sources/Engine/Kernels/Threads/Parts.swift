/// Blocks cut into parts of one after the other, as equal as may be: what the tasks of a pass take. How many there are
/// changes no bit, for a sum is made by one task whatever it takes besides.
package struct Parts: Sendable, Equatable {
    package let blocks: Int
    package let count: Int
    package static let none = Parts(blocks: 0, count: 1)

    package init(blocks: Int, count: Int) {
        self.blocks = blocks
        self.count = count
    }

    package subscript(part: Int) -> Range<Int> { part * blocks / count..<(part + 1) * blocks / count }
}

// Every task of an image reads all of x, which is too large for the caches near a core. So it takes as many rows as leave
// each thread two tasks. A linear layer's x is small, and its tasks take one block each. Where blocks read channels of their own
// (`ownChannels`), a task writes no more than a quarter of the second-level cache, where what follows finds it.
extension WeightMap {
    /// Of the forward pass, for each unit of panels.
    package func forwardParts(units: Int, threads: Int, ownChannels: Bool = false) -> Parts {
        parts(
            rowBlocks, isFlat: forward.isFlat, atLeast: threads == 1 ? 1 : (2 * threads + units - 1) / max(units, 1),
            bytes: ownChannels ? 4 * output.panelFloats : 0)
    }

    /// Of the input gradient, for each unit of panels.
    package func inputGradientParts(units: Int, threads: Int, ownChannels: Bool = false) -> Parts {
        parts(
            channelBlocks, isFlat: phases[0].sweep.isFlat,
            atLeast: threads == 1 ? 1 : (2 * threads + units - 1) / max(units, 1),
            bytes: ownChannels ? 4 * inputGradient.panelFloats : 0)
    }

    /// Of the weight gradient, for each half of the panels; its tasks take all panels of one, and those of the input gradient
    /// fill the gaps.
    package func weightGradientParts(halves: Int, threads: Int) -> Parts {
        parts(rowBlocks, isFlat: positions.isFlat, atLeast: (threads + halves - 1) / halves, bytes: 0)
    }

    /// Of both gradients in one pass: strips of channels, for each half of the panels, as few as give each thread a task. Nil
    /// where the tasks do not come out even within a fifth; then the passes one after the other have more of them.
    package func gradientParts(halves: Int, threads: Int) -> Parts? {
        for count in 1...min(channelStrips, 4 * threads) {
            let rounds = (halves * count + threads - 1) / threads
            let largest = (channelStrips + count - 1) / count
            if 5 * rounds * largest * threads <= 6 * halves * channelStrips {
                return Parts(blocks: channelStrips, count: count)
            }
        }
        return nil
    }

    private func parts(_ blocks: Int, isFlat: Bool, atLeast count: Int, bytes: Int) -> Parts {
        let count = max(count, (2 * bytes + caches.aheadBytes - 1) / caches.aheadBytes)
        return Parts(blocks: blocks, count: isFlat ? blocks : min(blocks, count))
    }
}
