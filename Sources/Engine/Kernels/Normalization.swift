// Batch normalisation of one channel over all panels: exact statistics of the whole batch, lanes without a sample left
// out. Sums are one chain for each of 16 lanes over panels and positions in ascending order, then lane by lane, so that
// they do not depend on the threads.

/// Where one channel of a tensor lies: `base` + panel · `panelFloats`, rows `pitchFloats` apart.
package struct ChannelWalk: Sendable {
    package let base: Int
    package let panelFloats: Int
    package let pitchFloats: Int

    package init(_ layout: ImageLayout, channel: Int) {
        base = layout.offset(channel)
        panelFloats = layout.panelFloats
        pitchFloats = layout.pitch * layout.lanes
    }
}

/// The batch as a normalisation walks it.
package struct BatchExtent: Sendable {
    package let samples: Int
    package let lanes: Int
    package let height: Int
    package let width: Int

    package init(samples: Int, layout: ImageLayout) {
        self.samples = samples
        lanes = layout.lanes
        height = layout.height
        width = layout.width
    }
    package var count: Int { samples * height * width }
    var panels: Int { (samples + lanes - 1) / lanes }

    /// 1 for lanes of a chunk that hold a sample, else 0.
    @inline(__always)
    func mask(panel: Int, chunk: Int) -> SIMD16<Float> {
        let held = samples &- panel &* lanes &- chunk &* 16
        var mask = SIMD16<Float>(repeating: 1)
        if held < 16 { for lane in 0..<16 where lane >= held { mask[lane] = 0 } }
        return mask
    }

    /// Calls `body` for each chunk of 16 lanes, in order, with its mask and the panel, row and offset in the row.
    @inline(__always)
    func forEachChunk(_ body: (_ panel: Int, _ row: Int, _ offset: Int, _ mask: SIMD16<Float>) -> Void) {
        for panel in 0..<panels {
            for chunk in 0..<lanes / 16 {
                let mask = mask(panel: panel, chunk: chunk)
                for row in 0..<height {
                    var offset = chunk &* 16
                    for _ in 0..<width {
                        body(panel, row, offset, mask)
                        offset &+= lanes
                    }
                }
            }
        }
    }
}

@inline(__always)
private func laneSum(_ vector: SIMD16<Float>) -> Float {
    var sum: Float = 0
    for lane in 0..<16 { sum += vector[lane] }
    return sum
}

@inline(__always)
private func at(_ pointer: UnsafePointer<Float>, _ walk: ChannelWalk, _ panel: Int, _ row: Int, _ offset: Int)
    -> UnsafePointer<Float>
{
    let place: Int = walk.base &+ panel &* walk.panelFloats &+ row &* walk.pitchFloats &+ offset
    return pointer + place
}

/// Mean and variance (biased) of a channel.
package func channelMoments(_ x: UnsafePointer<Float>, _ walk: ChannelWalk, _ batch: BatchExtent) -> (
    mean: Float, variance: Float
) {
    let count = Float(batch.count)
    var sum = SIMD16<Float>.zero
    batch.forEachChunk { panel, row, offset, mask in
        sum = sum.plus(load16(at(x, walk, panel, row, offset)), times: mask)
    }
    let mean = laneSum(sum) / count
    let means = SIMD16<Float>(repeating: mean)
    var squares = SIMD16<Float>.zero
    batch.forEachChunk { panel, row, offset, mask in
        let difference = (load16(at(x, walk, panel, row, offset)) - means) * mask
        squares = squares.plus(difference, times: difference)
    }
    return (mean, laneSum(squares) / count)
}

/// y = x · slope + shift over a channel.
package func channelAffine(
    _ x: UnsafePointer<Float>, _ xWalk: ChannelWalk, _ y: UnsafeMutablePointer<Float>, _ yWalk: ChannelWalk,
    _ batch: BatchExtent, slope: Float, shift: Float
) {
    let a = SIMD16<Float>(repeating: slope), b = SIMD16<Float>(repeating: shift)
    batch.forEachChunk { panel, row, offset, _ in
        let value = b.plus(a, times: load16(at(x, xWalk, panel, row, offset)))
        store16(value, UnsafeMutablePointer(mutating: at(UnsafePointer(y), yWalk, panel, row, offset)))
    }
}

/// The sums behind the gradients of scale and shift: Σ dy · x̂ and Σ dy, x̂ = (x − mean) · inverse deviation.
package func channelGradientSums(
    _ x: UnsafePointer<Float>, _ xWalk: ChannelWalk, _ dy: UnsafePointer<Float>, _ dyWalk: ChannelWalk,
    _ batch: BatchExtent, mean: Float, inverse: Float
) -> (scale: Float, shift: Float) {
    let means = SIMD16<Float>(repeating: mean), inverses = SIMD16<Float>(repeating: inverse)
    var scale = SIMD16<Float>.zero, shift = SIMD16<Float>.zero
    batch.forEachChunk { panel, row, offset, mask in
        let slope = load16(at(dy, dyWalk, panel, row, offset)) * mask
        scale = scale.plus(slope, times: (load16(at(x, xWalk, panel, row, offset)) - means) * inverses)
        shift = shift + slope
    }
    return (laneSum(scale), laneSum(shift))
}

/// dx (+)= factor · (dy − Σdy / n − x̂ · Σ(dy · x̂) / n); 0 in lanes without a sample.
package func channelInputGradient(
    _ x: UnsafePointer<Float>, _ xWalk: ChannelWalk, _ dy: UnsafePointer<Float>, _ dyWalk: ChannelWalk,
    _ dx: UnsafeMutablePointer<Float>, _ dxWalk: ChannelWalk, _ batch: BatchExtent, mean: Float, inverse: Float,
    factor: Float, sums: (scale: Float, shift: Float), adds: Bool
) {
    let count = Float(batch.count)
    let means = SIMD16<Float>(repeating: mean), inverses = SIMD16<Float>(repeating: inverse)
    let factors = SIMD16<Float>(repeating: factor)
    let scale = SIMD16<Float>(repeating: sums.scale / count), shift = SIMD16<Float>(repeating: sums.shift / count)
    batch.forEachChunk { panel, row, offset, mask in
        let normal = (load16(at(x, xWalk, panel, row, offset)) - means) * inverses
        var value = (load16(at(dy, dyWalk, panel, row, offset)) - shift - normal * scale) * factors * mask
        let target = UnsafeMutablePointer(mutating: at(UnsafePointer(dx), dxWalk, panel, row, offset))
        if adds { value = value + load16(target) }
        store16(value, target)
    }
}
