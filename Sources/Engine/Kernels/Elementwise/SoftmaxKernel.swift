// Softmax over sixteen samples side by side: the classes of a sample are strided, its neighbours contiguous.

/// eˣ, at most 2 units in the last place off; 0 below −87, +∞ above 88.
///
/// x = n · ln 2 + r with |r| ≤ ln 2 / 2; eʳ by a polynomial, 2ⁿ by the exponent's bits.
/// Reference: Moshier, Cephes `expf`.
/// - Parameter isNegative: whether no x is above 0, as behind the largest of some numbers; what is no number stays so.
@inline(__always)
func exponential(_ x: SIMD16<Float>, isNegative: Bool = false) -> SIMD16<Float> {
    typealias V = SIMD16<Float>
    let low = V(repeating: -87), high = V(repeating: 88)
    var held = x.replacing(with: low, where: x .< low)
    if !isNegative { held.replace(with: high, where: x .> high) }
    // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the low bits.
    let magic = V(repeating: 0x1.8p23)
    let shifted = magic.plus(V(repeating: 1.44269504088896341), times: held)
    let n = shifted - magic
    let r = held.plus(V(repeating: -0.693359375), times: n).plus(V(repeating: 2.12194440e-4), times: n)
    var p = V(repeating: 1.3981999507e-3).plus(V(repeating: 1.9875691500e-4), times: r)
    p = V(repeating: 8.3334519073e-3).plus(p, times: r)
    p = V(repeating: 4.1665795894e-2).plus(p, times: r)
    p = V(repeating: 1.6666665459e-1).plus(p, times: r)
    p = V(repeating: 5.0000001201e-1).plus(p, times: r)
    p = (V(repeating: 1) + r).plus(p, times: r * r)
    let bits = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< SIMD16(repeating: 23)
    let power = unsafeBitCast(bits &+ SIMD16(repeating: 0x3F80_0000), to: V.self)
    var result = p * power
    result.replace(with: 0, where: x .< low)
    if !isNegative { result.replace(with: V(repeating: .infinity), where: x .> high) }
    return result
}

/// eˣ of sixteen numbers, for tests.
package func exponentials(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
    store16(exponential(load16(x)), y)
}

/// Softmax and cross entropy of up to sixteen samples.
/// - Parameters:
///   - values: class c of sample k at `c · stride + k`.
///   - gradient: class c of sample k at `c · gradientStride + k`: (softmax − one-hot) · scale, 0 beyond the samples; nil
///     where not wanted.
///   - labels: one a sample.
///   - losses: −log softmax[label], one a sample, overwritten.
///   - best: the largest class, of equal ones the first; one a sample, overwritten.
package func softmaxCrossEntropy(
    values: UnsafePointer<Float>, stride: Int, gradient: UnsafeMutablePointer<Float>?,
    gradientStride: Int, classes: Int,
    labels: UnsafeBufferPointer<Int32>, scale: Float, losses: UnsafeMutablePointer<Float>,
    best: UnsafeMutablePointer<Int>, log: (Float) -> Float
) {
    var largest = load16(values)
    var winner = SIMD16<Float>.zero
    for index in 1..<max(classes, 1) {
        let value = load16(values + index &* stride)
        let wins = value .> largest
        largest.replace(with: value, where: wins)
        winner.replace(with: Float(index), where: wins)
    }
    let one = SIMD16<Float>(repeating: 1)
    var total = SIMD16<Float>.zero
    for index in 0..<classes {
        let power = exponential(load16(values + index &* stride) - largest)
        total = total.plus(one, times: power)
        if let gradient { store16(power, gradient + index &* gradientStride) }
    }
    var wanted = SIMD16<Float>(repeating: -1), scales = SIMD16<Float>.zero
    for sample in labels.indices {
        let label = Int(labels[sample])
        losses[sample] = log(total[sample]) - (values[label &* stride &+ sample] - largest[sample])
        best[sample] = Int(winner[sample])
        wanted[sample] = Float(label)
        scales[sample] = scale
    }
    guard let gradient else { return }
    for index in 0..<classes {
        var share = load16(gradient + index &* gradientStride) / total
        share.replace(with: share - one, where: wanted .== SIMD16(repeating: Float(index)))
        // Selected, not multiplied: what lies in lanes without a sample need not be a number.
        store16((share * scales).replacing(with: 0, where: scales .== 0), gradient + index &* gradientStride)
    }
}

/// The same with a share of each label given to all classes alike, and with weights of classes, as PyTorch has both:
/// (1 − ε) · w[label] · −log p[label] + ε / classes · Σ w[c] · −log p[c].
/// - Parameters:
///   - smoothing: ε.
///   - weights: one a class.
///   - scale: one over the sum of w[label] of the batch.
package func smoothedCrossEntropy(
    values: UnsafePointer<Float>, stride: Int, gradient: UnsafeMutablePointer<Float>?, gradientStride: Int,
    classes: Int, labels: UnsafeBufferPointer<Int32>, smoothing: Float, weights: UnsafePointer<Float>, scale: Float,
    losses: UnsafeMutablePointer<Float>, best: UnsafeMutablePointer<Int>, log: (Float) -> Float
) {
    typealias V = SIMD16<Float>
    largestOutputs(values: values, stride: stride, classes: classes, samples: labels.count, best: best)
    var largest = load16(values)
    for index in 1..<max(classes, 1) {
        let value = load16(values + index &* stride)
        largest.replace(with: value, where: value .> largest)
    }
    var total = V.zero, weighted = V.zero
    var sum: Float = 0
    for index in 0..<classes {
        let distance = load16(values + index &* stride) - largest
        let power = exponential(distance)
        total += power
        weighted = weighted.plus(V(repeating: weights[index]), times: distance)
        sum += weights[index]
        if let gradient { store16(power, gradient + index &* gradientStride) }
    }
    let share = smoothing / Float(classes)
    var wanted = V(repeating: -1), own = V.zero, scales = V.zero
    for sample in labels.indices {
        let label = Int(labels[sample])
        let logarithm = log(total[sample])
        own[sample] = (1 - smoothing) * weights[label]
        losses[sample] =
            own[sample] * (logarithm - (values[label &* stride &+ sample] - largest[sample]))
            + share * (sum * logarithm - weighted[sample])
        wanted[sample] = Float(label)
        scales[sample] = scale
    }
    guard let gradient else { return }
    let all = own + V(repeating: share * sum)
    for index in 0..<classes {
        let probability = load16(gradient + index &* gradientStride) / total
        var slope = all * probability - V(repeating: share * weights[index])
        slope.replace(with: slope - own, where: wanted .== V(repeating: Float(index)))
        store16((slope * scales).replacing(with: 0, where: scales .== 0), gradient + index &* gradientStride)
    }
}

/// The largest of a sample's outputs, of equal ones the first; one number a sample, overwritten.
package func largestOutputs(
    values: UnsafePointer<Float>, stride: Int, classes: Int, samples: Int, best: UnsafeMutablePointer<Int>
) {
    var largest = load16(values)
    var winner = SIMD16<Float>.zero
    for index in 1..<max(classes, 1) {
        let value = load16(values + index &* stride)
        let wins = value .> largest
        largest.replace(with: value, where: wins)
        winner.replace(with: Float(index), where: wins)
    }
    for sample in 0..<samples { best[sample] = Int(winner[sample]) }
}
