// Batch normalisation of one channel: exact statistics of the whole batch, lanes without a sample left out. A sum is
// four chains of 16 lanes: chunk k of an image row goes to chain k mod 4, rows and panels ascending; then one fixed tree.
// It depends on nothing but the shape.

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

    @inline(__always)
    func row(_ row: Int, panel: Int) -> Int { base &+ panel &* panelFloats &+ row &* pitchFloats }
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
    package var panels: Int { (samples + lanes - 1) / lanes }
    /// Chunks of an image row: a multiple of four where a panel has 64 lanes.
    var chunks: Int { width * lanes / 16 }

    /// Which lanes of chunks k ≡ 0, 1, 2, 3 (mod 4) hold a sample; nil where all do.
    @inline(__always)
    func masks(panel: Int) -> LaneMasks? {
        let held = samples &- panel &* lanes
        return held >= lanes ? nil : LaneMasks(held: held, isWide: lanes > 16)
    }
}

/// 1 for lanes that hold a sample, else 0, by chunk modulo four.
struct LaneMasks {
    var m0 = SIMD16<Float>(repeating: 1)
    var m1 = SIMD16<Float>(repeating: 1)
    var m2 = SIMD16<Float>(repeating: 1)
    var m3 = SIMD16<Float>(repeating: 1)

    @inline(__always) init() {}

    @inline(__always)
    subscript(chunk: Int) -> SIMD16<Float> {
        switch chunk & 3 {
        case 0: m0
        case 1: m1
        case 2: m2
        default: m3
        }
    }

    init(held: Int, isWide: Bool) {
        func mask(_ chunk: Int) -> SIMD16<Float> {
            var mask = SIMD16<Float>(repeating: 1)
            for lane in 0..<16 where chunk &* 16 &+ lane >= held { mask[lane] = 0 }
            return mask
        }
        m0 = mask(0)
        m1 = mask(isWide ? 1 : 0)
        m2 = mask(isWide ? 2 : 0)
        m3 = mask(isWide ? 3 : 0)
    }
}

/// What a sum takes of one chunk. A type and not a closure: a closure that holds vectors is inlined only by passes of the
/// compiler that cost more time than all others.
private protocol ChunkTerm {
    /// - Returns: `sum` and the term of the chunk at `offset`; lanes where `mask` is 0 add nothing.
    func added(to sum: SIMD16<Float>, _ offset: Int, _ mask: SIMD16<Float>) -> SIMD16<Float>
}

/// x
private struct Value: ChunkTerm {
    let x: UnsafePointer<Float>

    @inline(__always)
    func added(to sum: SIMD16<Float>, _ offset: Int, _ mask: SIMD16<Float>) -> SIMD16<Float> {
        sum.plus(load16(x + offset), times: mask)
    }
}

/// (x − mean)²; without masks where every lane holds a sample.
private struct SquaredDifference: ChunkTerm {
    let x: UnsafePointer<Float>
    let means: SIMD16<Float>
    let isMasked: Bool

    @inline(__always)
    func added(to sum: SIMD16<Float>, _ offset: Int, _ mask: SIMD16<Float>) -> SIMD16<Float> {
        var difference = load16(x + offset) - means
        if isMasked { difference = difference * mask }
        return sum.plus(difference, times: difference)
    }
}

/// dy · (x − mean)
private struct Product: ChunkTerm {
    let dy: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let means: SIMD16<Float>

    @inline(__always)
    func added(to sum: SIMD16<Float>, _ offset: Int, _ mask: SIMD16<Float>) -> SIMD16<Float> {
        sum.plus(load16(dy + offset) * mask, times: load16(x + offset) - means)
    }
}

/// Four chains of one sum.
private struct Chains {
    var c0 = SIMD16<Float>.zero
    var c1 = SIMD16<Float>.zero
    var c2 = SIMD16<Float>.zero
    var c3 = SIMD16<Float>.zero

    var total: Float { treeSum((c0 + c1) + (c2 + c3)) }

    /// Adds the chunks of a row, four at a time with a chain each, the last few one by one.
    @inline(__always)
    mutating func add(_ term: some ChunkTerm, chunks: Int, _ masks: LaneMasks) {
        var offset = 0
        let end = chunks &* 16
        while offset &+ 64 <= end {
            c0 = term.added(to: c0, offset, masks.m0)
            c1 = term.added(to: c1, offset &+ 16, masks.m1)
            c2 = term.added(to: c2, offset &+ 32, masks.m2)
            c3 = term.added(to: c3, offset &+ 48, masks.m3)
            offset &+= 64
        }
        if offset < end { c0 = term.added(to: c0, offset, masks.m0) }
        if offset &+ 16 < end { c1 = term.added(to: c1, offset &+ 16, masks.m1) }
        if offset &+ 32 < end { c2 = term.added(to: c2, offset &+ 32, masks.m2) }
    }
}

/// Mean and variance (biased) of a channel.
package func channelMoments(_ x: UnsafePointer<Float>, _ walk: ChannelWalk, _ batch: BatchExtent) -> (
    mean: Float, variance: Float
) {
    let count = Float(batch.count)
    let chunks = batch.chunks
    var sums = Chains()
    for panel in 0..<batch.panels {
        let masks = batch.masks(panel: panel) ?? LaneMasks()
        for row in 0..<batch.height {
            sums.add(Value(x: x + walk.row(row, panel: panel)), chunks: chunks, masks)
        }
    }
    let mean = sums.total / count
    let means = SIMD16<Float>(repeating: mean)
    var squares = Chains()
    for panel in 0..<batch.panels {
        let masks = batch.masks(panel: panel)
        for row in 0..<batch.height {
            let line = x + walk.row(row, panel: panel)
            if let masks {
                squares.add(SquaredDifference(x: line, means: means, isMasked: true), chunks: chunks, masks)
            } else {
                squares.add(SquaredDifference(x: line, means: means, isMasked: false), chunks: chunks, LaneMasks())
            }
        }
    }
    return (mean, squares.total / count)
}

/// y = x · slope + shift over a channel of one panel, or the ReLU of that.
package func channelAffine(
    _ x: UnsafePointer<Float>, _ xWalk: ChannelWalk, _ y: UnsafeMutablePointer<Float>, _ yWalk: ChannelWalk,
    _ batch: BatchExtent, panel: Int, slope: Float, shift: Float, rectifies: Bool = false
) {
    let a = SIMD16<Float>(repeating: slope), b = SIMD16<Float>(repeating: shift)
    let end = batch.chunks &* 16
    for row in 0..<batch.height {
        let line = x + xWalk.row(row, panel: panel)
        let out = y + yWalk.row(row, panel: panel)
        var offset = 0
        while offset < end {
            let value = b.plus(a, times: load16(line + offset))
            store16(rectifies ? rectified(value) : value, out + offset)
            offset &+= 16
        }
    }
}

/// The sums behind the gradients of scale and shift: Σ dy · x̂ and Σ dy, x̂ = (x − mean) · inverse deviation.
package func channelGradientSums(
    _ x: UnsafePointer<Float>, _ xWalk: ChannelWalk, _ dy: UnsafePointer<Float>, _ dyWalk: ChannelWalk,
    _ batch: BatchExtent, mean: Float, inverse: Float
) -> (scale: Float, shift: Float) {
    let means = SIMD16<Float>(repeating: mean)
    let chunks = batch.chunks
    var scale = Chains(), shift = Chains()
    for panel in 0..<batch.panels {
        let masks = batch.masks(panel: panel) ?? LaneMasks()
        for row in 0..<batch.height {
            let line = x + xWalk.row(row, panel: panel)
            let slope = dy + dyWalk.row(row, panel: panel)
            // The row of dy stays in the first-level cache for its second look.
            scale.add(Product(dy: slope, x: line, means: means), chunks: chunks, masks)
            shift.add(Value(x: slope), chunks: chunks, masks)
        }
    }
    return (scale.total * inverse, shift.total)
}

/// dx (+)= factor · (dy − Σdy / n − x̂ · Σ(dy · x̂) / n) over a channel of one panel; 0 in lanes without a sample.
package func channelInputGradient(
    _ x: UnsafePointer<Float>, _ xWalk: ChannelWalk, _ dy: UnsafePointer<Float>, _ dyWalk: ChannelWalk,
    _ dx: UnsafeMutablePointer<Float>, _ dxWalk: ChannelWalk, _ batch: BatchExtent, panel: Int, mean: Float,
    inverse: Float, factor: Float, sums: (scale: Float, shift: Float), adds: Bool
) {
    // factor · dy + a · x + b, the same affine function of x for the whole channel.
    let count = Double(batch.count)
    let slope = -Double(factor) * Double(inverse) * Double(sums.scale) / count
    let a = SIMD16<Float>(repeating: Float(slope))
    let b = SIMD16<Float>(repeating: Float(-Double(factor) * Double(sums.shift) / count - slope * Double(mean)))
    let factors = SIMD16<Float>(repeating: factor)
    let end = batch.chunks &* 16
    let masks = batch.masks(panel: panel)
    for row in 0..<batch.height {
        let line = x + xWalk.row(row, panel: panel)
        let given = dy + dyWalk.row(row, panel: panel)
        let target = dx + dxWalk.row(row, panel: panel)
        var offset = 0
        if !adds, masks == nil {
            while offset < end {
                let value = b.plus(a, times: load16(line + offset)).plus(factors, times: load16(given + offset))
                store16(value, target + offset)
                offset &+= 16
            }
        } else {
            let held = masks ?? LaneMasks()
            while offset < end {
                let mask = held[offset / 16]
                var value = b.plus(a, times: load16(line + offset)).plus(factors, times: load16(given + offset)) * mask
                if adds { value = value + load16(target + offset) }
                store16(value, target + offset)
                offset &+= 16
            }
        }
    }
}
