/// The steps that an 8-bit integer of a tensor stands for: n · scale − offset for every whole n from `least` to `most`.
package struct ValueSteps: Sendable, Equatable {
    package var scale: Float
    /// 0 and below.
    package var least: Float
    /// 0 and above.
    package var most: Float
    /// 0 but where values are less by so much than those that the integers stand for.
    package var offset: Float

    package init(scale: Float, least: Float, most: Float, offset: Float = 0) {
        self.scale = scale
        self.least = least
        self.most = most
        self.offset = offset
    }
}

/// y = the nearest step, halves up, what lies outside at the ends; y may be x. NaN stays NaN.
package func roundToSteps(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int, _ steps: ValueSteps
) {
    run(StepRounding(steps), x, y, count)
}

/// dx = dy where x lies on no end's far side, else 0: the rounding is passed over as if it were none (straight through); or added
/// to dx.
/// - Parameters:
///   - steps: nil: none, all is passed.
///   - dx: may be dy.
package func roundingGradient(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, count: Int, adds: Bool,
    _ steps: ValueSteps?
) {
    let place = Slopes(value: x, dy: dy, dx: dx, count: count, adds: adds)
    if let steps { place.run(StepRounding(steps)) } else { place.run(Passing()) }
}

/// Adds up what `roundingGradient` holds back at either end, and the same without signs.
/// - Parameters:
///   - dy: behind the rounding.
///   - sums: four: Σ dy of x below the range, Σ |dy| of these, Σ dy of x above it, Σ |dy| of these.
package func addEndPulls(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, count: Int, _ steps: ValueSteps,
    to sums: UnsafeMutablePointer<Float>
) {
    let rounding = StepRounding(steps)
    var low = Sixteen.zero, lowSize = low, high = low, highSize = low
    func add(_ x: Sixteen, _ dy: Sixteen) {
        let n = rounding.number(x), size = dy.replacing(with: -dy, where: dy .< 0)
        let below = n .< rounding.least, above = n .> rounding.most
        low += Sixteen.zero.replacing(with: dy, where: below)
        lowSize += Sixteen.zero.replacing(with: size, where: below)
        high += Sixteen.zero.replacing(with: dy, where: above)
        highSize += Sixteen.zero.replacing(with: size, where: above)
    }
    var index = 0
    while index &+ 16 <= count {
        add(load16(x + index), load16(dy + index))
        index &+= 16
    }
    if index < count { add(loadFew(x + index, count - index), loadFew(dy + index, count - index)) }
    sums[0] += low.sum()
    sums[1] += lowSize.sum()
    sums[2] += high.sum()
    sums[3] += highSize.sum()
}

private struct StepRounding: ChunkFunction {
    let scale: Sixteen
    let least: Sixteen
    let most: Sixteen
    let offset: Sixteen

    init(_ steps: ValueSteps) {
        scale = Sixteen(repeating: steps.scale)
        least = Sixteen(repeating: steps.least)
        most = Sixteen(repeating: steps.most)
        offset = Sixteen(repeating: steps.offset)
    }

    @inline(__always)
    func number(_ x: Sixteen) -> Sixteen { Floor().value((x + offset) / scale + Sixteen(repeating: 0.5)) }

    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        let n = number(x)
        return n.replacing(with: least, where: n .< least).replacing(with: most, where: n .> most) * scale - offset
    }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        let n = number(x)
        return Sixteen.zero.replacing(with: 1, where: (n .>= least) .& (n .<= most))
    }
}

private struct Passing: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { x }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen { Sixteen(repeating: 1) }
}

/// What a step of a row of weights stands for: the largest of the row is 127 of them.
package func weightScale(largest: Float) -> Float { Float(max(Double(largest) / 127, 1e-30)) }

/// What a step of a row of weights stands for where its sums must fit into 32 bits: |bias| below 2³⁰ of their steps, and with it
/// 255 · Σ |w| below 2³¹, for every rounding of the weights.
package struct RowScale {
    /// The largest of the row is 127 of them.
    private let own: Double
    private let forBias: Double
    private let forSums: Double

    /// - Parameters:
    ///   - total: Σ |w|.
    ///   - columns: below 2²¹.
    ///   - input: what a step of what the row reads stands for.
    package init(largest: Float, total: Double, columns: Int, bias: Double, input: Float) {
        own = Double(largest) / 127
        forBias = abs(bias) / Double(input) / 0x1p30
        forSums = 255 * total / (0x1p30 - 255 * Double(columns))
    }

    package var scale: Float { Float(max(own, forBias, forSums, 1e-30)) }
    package var isWidened: Bool { own > 0 && max(forBias, forSums) > own }
}

/// −127…127, halves away from 0: 0 is 0, and −w the opposite of w.
package func weightSteps(_ weight: Float, scale: Float) -> Float {
    min(max((weight / scale).rounded(), -127), 127)
}
