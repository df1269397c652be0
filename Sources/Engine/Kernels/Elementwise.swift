// Bias, ReLU, sums and the optimizer's update: one pass over contiguous floats each.

/// y[row, run] = bias[row] over the runs of one unit; what the gather kernels add to.
package func fillRows(
    _ bias: UnsafePointer<Float>, sweep: Sweep, unit: Int, panels: Int, rows: Range<Int>,
    output: UnsafeMutablePointer<Float>, outputRowFloats: Int
) {
    sweep.withUnit(unit, panels: panels) { groups, _, outputStart in
        for row in rows {
            let value = SIMD16<Float>(repeating: bias[row])
            let line = output + outputStart + row &* outputRowFloats
            for group in groups {
                for chunk in 0..<group.chunks { store16(value, line + group.output + sweep.output(chunk)) }
            }
        }
    }
}

/// The sum of dy over panels, positions and lanes for one row: one chain of 16 lanes, then the fixed tree.
package func rowSum(
    sweep: Sweep, panels: Int, row: Int, outputGradient: UnsafePointer<Float>, gradientRowFloats: Int
) -> Float {
    var sum = SIMD16<Float>.zero
    let one = SIMD16<Float>(repeating: 1)
    for unit in 0..<sweep.units(panels: panels) {
        sweep.withUnit(unit, panels: panels) { groups, _, outputStart in
            let line = outputGradient + outputStart + row &* gradientRowFloats
            for group in groups {
                for chunk in 0..<group.chunks {
                    let point = line + group.output + sweep.output(chunk)
                    sum = sum.plus(one, times: load16(point))
                }
            }
        }
    }
    let eight = sum.lowHalf + sum.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
}

/// y = max(x, 0); NaN stays NaN. `count` is a multiple of 16.
package func reluForward(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    var index = 0
    while index < count {
        let value = load16(x + index)
        store16(value.replacing(with: 0, where: value .< 0), y + index)
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
    for index in 0..<count {
        let g = gradient[index] + decay * weights[index]
        mean[index] = beta1 * mean[index] + (1 - beta1) * g
        square[index] = beta2 * square[index] + (1 - beta2) * g * g
        weights[index] -= rate * mean[index] / (square[index].squareRoot() * rootScale + epsilon)
    }
}

/// The proximal step of L1: w = sign(w) · max(|w| − amount, 0).
package func softThreshold(_ weights: UnsafeMutablePointer<Float>, count: Int, amount: Float) {
    for index in 0..<count {
        let w = weights[index]
        weights[index] = w > amount ? w - amount : (w < -amount ? w + amount : 0)
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
