// Bias, ReLU, sums and the optimizer's update: one pass over contiguous floats each.

import CProcessor

/// y[row, run] = bias[row] over the runs of one unit, for kernels whose sums do not begin from the bias.
package func fillRows(
    _ bias: UnsafePointer<Float>, sweep: Sweep, unit: Int, panels: Int, rows: Range<Int>,
    output: UnsafeMutablePointer<Float>, outputRowFloats: Int
) {
    sweep.withUnit(unit, panels: panels) { groups, _, outputStart in
        for row in rows {
            fillRow(bias[row], sweep: sweep, groups: groups, line: output + outputStart + row &* outputRowFloats)
        }
    }
}

/// One row of `fillRows`.
@inline(__always)
func fillRow(
    _ value: Float, sweep: Sweep, groups: UnsafeBufferPointer<ChunkGroup>, line: UnsafeMutablePointer<Float>
) {
    let value = SIMD16<Float>(repeating: value)
    for group in groups {
        for chunk in 0..<group.chunks { store16(value, line + group.output + sweep.output(chunk)) }
    }
}

/// The sums of dy over panels, positions and lanes for a range of rows: one chain of 16 lanes each, then the fixed
/// tree. Four rows run side by side, which hides the latency of the chain.
package func rowSums(
    _ sums: UnsafeMutablePointer<Float>, sweep: Sweep, panels: Int, rows: Range<Int>,
    outputGradient: UnsafePointer<Float>, gradientRowFloats: Int
) {
    sweep.withAllGroups(panels: panels) { groups in
        withScratch(of: Float.self, capacity: 4 * 16) { chains in
            var row = rows.lowerBound
            while row < rows.upperBound {
                // Rows that are missing repeat the last; their sums are not stored.
                let last = rows.upperBound &- 1 &- row
                fourChains(chains.baseAddress!, sweep, groups, last) {
                    outputGradient + (row &+ $0) &* gradientRowFloats
                }
                for number in 0...min(3, last) {
                    sums[row &+ number] = treeSum(espalier_stored(chains.baseAddress! + number &* 16))
                }
                row &+= 4
            }
        }
    }
}

/// The chains of four rows, or of the first up to `last` and that once more.
@inline(__always)
private func fourChains(
    _ chains: UnsafeMutablePointer<Float>, _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>, _ last: Int,
    line: (Int) -> UnsafePointer<Float>
) {
    let one = SIMD16<Float>(repeating: 1)
    let d0 = line(0), d1 = line(min(1, last)), d2 = line(min(2, last)), d3 = line(min(3, last))
    var c0 = SIMD16<Float>.zero, c1 = SIMD16<Float>.zero, c2 = SIMD16<Float>.zero, c3 = SIMD16<Float>.zero
    for group in groups {
        for chunk in 0..<group.chunks {
            let at = group.output &+ sweep.output(chunk)
            c0 = c0.plus(one, times: load16(d0 + at))
            c1 = c1.plus(one, times: load16(d1 + at))
            c2 = c2.plus(one, times: load16(d2 + at))
            c3 = c3.plus(one, times: load16(d3 + at))
        }
    }
    store16(c0, chains)
    store16(c1, chains + 16)
    store16(c2, chains + 32)
    store16(c3, chains + 48)
}

/// The sum of one chain by the tree of `treeSums`.
func treeSum(_ chain: SIMD16<Float>) -> Float {
    let eight = chain.lowHalf + chain.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
}

/// max(x, 0); what is no number stays.
@inline(__always)
func rectified(_ value: SIMD16<Float>) -> SIMD16<Float> { value.replacing(with: 0, where: value .< 0) }

/// y = max(x, 0); NaN stays NaN. `count` is a multiple of 16.
package func reluForward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    var index = 0
    while index < count {
        store16(rectified(load16(x + index)), y + index)
        index &+= 16
    }
}

/// dx = dy where y > 0, else 0; added to dx where `adds`. `count` is a multiple of 16.
package func reluBackward(
    y: UnsafePointer<Float>, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, count: Int, adds: Bool
) {
    var index = 0
    while index < count {
        var value = load16(dy + index)
        value.replace(with: 0, where: load16(y + index) .<= 0)
        store16(adds ? load16(dx + index) + value : value, dx + index)
        index &+= 16
    }
}

/// target = source, or target += source. `count` is a multiple of 16.
package func copyOrAdd(
    _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int, adds: Bool
) {
    var index = 0
    while index < count {
        let value = load16(source + index)
        store16(adds ? load16(target + index) + value : value, target + index)
        index &+= 16
    }
}

/// y = a + b, or the ReLU of that. `count` is a multiple of 16.
package func sum(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int,
    rectifies: Bool = false
) {
    var index = 0
    while index < count {
        let value = load16(a + index) + load16(b + index)
        store16(rectifies ? rectified(value) : value, y + index)
        index &+= 16
    }
}

/// y += a, of any count.
package func add(_ a: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    let whole = count & ~15
    sum(y, a, to: y, count: whole)
    for index in whole..<count { y[index] += a[index] }
}

/// Stochastic gradient descent with momentum and weight decay, as PyTorch defines it:
/// v = momentum · v + (g + decay · w); w −= rate · v.
package func sgdUpdate(
    weights: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    count: Int, rate: Float, momentum: Float, decay: Float, isNesterov: Bool = false
) {
    let m = SIMD16<Float>(repeating: momentum)
    let d = SIMD16<Float>(repeating: decay)
    let r = SIMD16<Float>(repeating: -rate)
    var index = 0
    while index &+ 16 <= count {
        let w = load16(weights + index)
        let g = load16(gradient + index).plus(d, times: w)
        let v = g.plus(m, times: load16(velocity + index))
        store16(v, velocity + index)
        store16(w.plus(r, times: isNesterov ? g.plus(m, times: v) : v), weights + index)
        index &+= 16
    }
    // The tail by the same operations in the same order, so that a weight's bits do not depend on where it lies.
    while index < count {
        let w = SIMD2<Float>(weights[index], 0)
        let g = SIMD2<Float>(gradient[index], 0).plus(SIMD2(repeating: decay), times: w)
        let v = g.plus(SIMD2(repeating: momentum), times: SIMD2(velocity[index], 0))
        velocity[index] = v[0]
        let direction = isNesterov ? g.plus(SIMD2(repeating: momentum), times: v) : v
        weights[index] = w.plus(SIMD2(repeating: -rate), times: direction)[0]
        index &+= 1
    }
}

/// Adam: mean and square are the running means; `rate` holds the correction of the mean, `rootScale` that of the root.
package func adamUpdate(
    weights: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Float>, square: UnsafeMutablePointer<Float>,
    gradient: UnsafePointer<Float>, count: Int, rate: Float, beta1: Float, beta2: Float, rootScale: Float,
    epsilon: Float, decay: Float
) {
    let rest1 = SIMD16<Float>(repeating: 1 - beta1), rest2 = SIMD16<Float>(repeating: 1 - beta2)
    let keep1 = SIMD16<Float>(repeating: beta1), keep2 = SIMD16<Float>(repeating: beta2)
    let decays = SIMD16<Float>(repeating: decay), rates = SIMD16<Float>(repeating: -rate)
    let scales = SIMD16<Float>(repeating: rootScale), epsilons = SIMD16<Float>(repeating: epsilon)
    @inline(__always)
    func update(_ w: inout SIMD16<Float>, _ m: inout SIMD16<Float>, _ v: inout SIMD16<Float>, _ given: SIMD16<Float>) {
        let g = given.plus(decays, times: w)
        m = (keep1 * m).plus(rest1, times: g)
        v = (keep2 * v).plus(rest2 * g, times: g)
        w = w.plus(rates, times: m / epsilons.plus(scales, times: roots(v)))
    }
    var index = 0
    while index &+ 16 <= count {
        var w = load16(weights + index), m = load16(mean + index), v = load16(square + index)
        update(&w, &m, &v, load16(gradient + index))
        store16(m, mean + index)
        store16(v, square + index)
        store16(w, weights + index)
        index &+= 16
    }
    // The tail by the same operations, so that a weight's bits do not depend on where it lies.
    guard index < count else { return }
    var w = SIMD16<Float>.zero, m = w, v = w, g = w
    for lane in 0..<count &- index {
        w[lane] = weights[index &+ lane]
        m[lane] = mean[index &+ lane]
        v[lane] = square[index &+ lane]
        g[lane] = gradient[index &+ lane]
    }
    update(&w, &m, &v, g)
    for lane in 0..<count &- index {
        weights[index &+ lane] = w[lane]
        mean[index &+ lane] = m[lane]
        square[index &+ lane] = v[lane]
    }
}

/// The proximal step of L1: w = sign(w) · max(|w| − amount, 0).
package func softThreshold(_ weights: UnsafeMutablePointer<Float>, count: Int, amount: Float) {
    let amounts = SIMD16<Float>(repeating: amount)
    var index = 0
    while index &+ 16 <= count {
        let w = load16(weights + index)
        var shrunk = SIMD16<Float>.zero
        shrunk.replace(with: w - amounts, where: w .> amounts)
        shrunk.replace(with: w + amounts, where: w .< -amounts)
        store16(shrunk, weights + index)
        index &+= 16
    }
    while index < count {
        let w = weights[index]
        weights[index] = w > amount ? w - amount : (w < -amount ? w + amount : 0)
        index &+= 1
    }
}

/// dx += amount where y > 0: the gradient of amount · Σ|y| of values that are 0 or more.
package func penalize(_ y: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>, count: Int, amount: Float) {
    let amounts = SIMD16<Float>(repeating: amount)
    var index = 0
    while index &+ 16 <= count {
        store16(
            load16(dx + index) + SIMD16<Float>.zero.replacing(with: amounts, where: load16(y + index) .> 0), dx + index)
        index &+= 16
    }
    while index < count {
        if y[index] > 0 { dx[index] += amount }
        index &+= 1
    }
}

/// target (+)= source · factors, each of `count` floats, a multiple of 16.
package func multiply(
    _ source: UnsafePointer<Float>, by factors: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>,
    count: Int, adds: Bool
) {
    var index = 0
    while index < count {
        let value = load16(source + index) * load16(factors + index)
        store16(adds ? load16(target + index) + value : value, target + index)
        index &+= 16
    }
}
