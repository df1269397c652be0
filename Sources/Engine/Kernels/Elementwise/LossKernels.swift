// Losses whose outputs are compared value by value, of sixteen samples side by side. A value's place is where its layout has
// it; targets lie without borders, row-major, `targetStride` floats from one to the next.

/// Where the outputs of sixteen samples lie, and where their gradient goes.
package struct LossPlaces {
    /// Lane 0 of the sixteen in their panel.
    package let values: UnsafePointer<Float>
    let layout: ImageLayout
    /// Nil where no gradient is wanted.
    package let gradient: UnsafeMutablePointer<Float>?
    let gradientLayout: ImageLayout
    /// Samples that are there; the other lanes get the gradient 0.
    package let samples: Int

    package init(
        values: UnsafePointer<Float>, layout: ImageLayout, gradient: UnsafeMutablePointer<Float>?,
        gradientLayout: ImageLayout, samples: Int
    ) {
        self.values = values
        self.layout = layout
        self.gradient = gradient
        self.gradientLayout = gradientLayout
        self.samples = samples
    }

    /// `scale` in lanes with a sample, 0 in the others.
    fileprivate func scales(_ scale: Float) -> SIMD16<Float> {
        var scales = SIMD16<Float>.zero
        for sample in 0..<samples { scales[sample] = scale }
        return scales
    }

    /// Calls `body` with each output's number and value, in order; what it returns is the gradient, before `scales`.
    @inline(__always)
    fileprivate func forEachOutput(
        _ scales: SIMD16<Float>, _ body: (_ feature: Int, _ value: SIMD16<Float>) -> SIMD16<Float>
    ) {
        var feature = 0
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                let row = layout.offset(channel, y), gradientRow = gradientLayout.offset(channel, y)
                for x in 0..<layout.width {
                    let slope = body(feature, load16(values + (row &+ x &* layout.lanes)))
                    // Selected, not multiplied: what lies in lanes without a sample need not be a number.
                    if let gradient {
                        store16(
                            (slope * scales).replacing(with: 0, where: scales .== 0),
                            gradient + (gradientRow &+ x &* gradientLayout.lanes))
                    }
                    feature &+= 1
                }
            }
        }
    }
}

/// The mean over a sample's outputs of (y − t)².
/// - Parameters:
///   - scale: what the gradient is multiplied by, one over the samples of the batch.
///   - losses: one a sample, overwritten.
package func meanSquaredError(
    _ places: LossPlaces, targets: UnsafePointer<Float>, targetStride: Int, scale: Float,
    losses: UnsafeMutablePointer<Float>
) {
    let outputs = Float(places.layout.features)
    var sum = SIMD16<Float>.zero
    places.forEachOutput(places.scales(2 * scale / outputs)) { feature, value in
        let distance = value - load16(targets + feature &* targetStride)
        sum = sum.plus(distance, times: distance)
        return distance
    }
    for sample in 0..<places.samples { losses[sample] = sum[sample] / outputs }
}

/// The mean over a sample's outputs of |y − t|; the gradient is 0 where they are equal.
package func meanAbsoluteError(
    _ places: LossPlaces, targets: UnsafePointer<Float>, targetStride: Int, scale: Float,
    losses: UnsafeMutablePointer<Float>
) {
    let outputs = Float(places.layout.features)
    let one = SIMD16<Float>(repeating: 1)
    var sum = SIMD16<Float>.zero
    places.forEachOutput(places.scales(scale / outputs)) { feature, value in
        let distance = value - load16(targets + feature &* targetStride)
        let isBelow = distance .< 0
        sum += distance.replacing(with: -distance, where: isBelow)
        return one.replacing(with: 0, where: distance .== 0).replacing(with: -one, where: isBelow)
    }
    for sample in 0..<places.samples { losses[sample] = sum[sample] / outputs }
}

/// The mean over a sample's outputs of −t · log σ(y) − (1 − t) · log(1 − σ(y)), as max(y, 0) − t · y + log(1 + e^−|y|), which no
/// y overflows.
/// - Parameter target: of an output, sixteen lanes from 0 to 1.
@inline(__always)
private func binaryCrossEntropy(
    _ places: LossPlaces, scale: Float, losses: UnsafeMutablePointer<Float>, log1p: (Float) -> Float,
    target: (_ feature: Int) -> SIMD16<Float>
) {
    typealias V = SIMD16<Float>
    let outputs = Float(places.layout.features)
    let one = V(repeating: 1)
    var sum = V.zero
    places.forEachOutput(places.scales(scale / outputs)) { feature, value in
        let target = target(feature)
        let isNegative = value .< 0
        let power = exponential(value.replacing(with: -value, where: value .> 0))
        var logarithm = V.zero
        for sample in 0..<places.samples { logarithm[sample] = log1p(power[sample]) }
        sum += value.replacing(with: 0, where: isNegative) - target * value + logarithm
        return one.replacing(with: power, where: isNegative) / (one + power) - target
    }
    for sample in 0..<places.samples { losses[sample] = sum[sample] / outputs }
}

package func binaryCrossEntropy(
    _ places: LossPlaces, targets: UnsafePointer<Float>, targetStride: Int, scale: Float,
    losses: UnsafeMutablePointer<Float>, log1p: (Float) -> Float
) {
    binaryCrossEntropy(places, scale: scale, losses: losses, log1p: log1p) { feature in
        load16(targets + feature &* targetStride)
    }
}

/// The target of a sample's label is 1; where there is one output, it is the label, 0 or 1.
/// - Parameter best: the label that the outputs say, one a sample, overwritten: whether the only one is above 0, or the
///   largest, of equal ones the first.
package func binaryCrossEntropy(
    _ places: LossPlaces, labels: UnsafeBufferPointer<Int32>, scale: Float, losses: UnsafeMutablePointer<Float>,
    best: UnsafeMutablePointer<Int>, log1p: (Float) -> Float
) {
    typealias V = SIMD16<Float>
    let layout = places.layout
    var wanted = V(repeating: -1)
    for sample in labels.indices { wanted[sample] = Float(labels[sample]) }
    let isSingle = layout.features == 1
    let values = places.values + layout.offset(0)
    if isSingle {
        for sample in labels.indices { best[sample] = values[sample] > 0 ? 1 : 0 }
    } else {
        largestOutputs(
            values: values, stride: layout.plane &* layout.lanes, classes: layout.channels, samples: labels.count,
            best: best)
    }
    binaryCrossEntropy(places, scale: scale, losses: losses, log1p: log1p) { feature in
        V.zero.replacing(with: 1, where: wanted .== V(repeating: isSingle ? 1 : Float(feature)))
    }
}
