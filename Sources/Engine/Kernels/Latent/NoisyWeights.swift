/// Weights θ + σ·ε that learn their noise; α = σ² / θ².
///
/// Reference: Molchanov, Ashukha & Vetrov 2017, arXiv:1701.05369
package enum NoisyWeights {
    /// cos 2πt for t from 0 to 1, within 3 ulp where it is not near zero. It is the sine of 2π(¼ − |t − the next whole number|).
    @inline(__always)
    static func cosineOfTurns(_ t: Sixteen) -> Sixteen {
        let half = Sixteen(repeating: 0.5)
        let distance = magnitude(t.replacing(with: t - Sixteen(repeating: 1), where: t .> half))
        let b = Sixteen(repeating: 0.25) - distance, z = b * b
        var p = Sixteen(repeating: -0x1.32533cp+6).plus(Sixteen(repeating: 0x1.3e15f6p+5), times: z)
        p = Sixteen(repeating: 0x1.4668fp+6).plus(p, times: z)
        p = Sixteen(repeating: -0x1.4abbc4p+5).plus(p, times: z)
        return b * Sixteen(repeating: 0x1.921fb6p+2).plus(p, times: z)
    }

    /// log of θ², or of the smallest normal number where that is larger.
    @inline(__always)
    private static func logOfSquare(_ theta: Sixteen) -> Sixteen {
        let least = Sixteen(repeating: .leastNormalMagnitude), square = theta * theta
        return logarithm(square.replacing(with: least, where: square .<= least))
    }

    @inline(__always)
    private static func deviation(_ logVariance: Sixteen) -> Sixteen {
        exact(exponentialOf: logVariance / Sixteen(repeating: 2))
    }

    /// Draws ε, normal by Box & Muller of two halves of one word, and values = θ + σ·ε.
    /// - Parameter counters: what each weight's noise follows from.
    package static func draw(
        _ random: CounterRandom, counters: UnsafePointer<Int64>, logVariance: UnsafePointer<Float>,
        latent: UnsafePointer<Float>, drawn: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        @inline(__always)
        func step(_ first: Int, _ lanes: some LatentLanes) {
            let word = lanes.halves(random, counters + first)
            let radius = roots(Sixteen(repeating: -2) * logarithm(openUniform(word.high)))
            let noise = cosineOfTurns(word.low * Sixteen(repeating: 0x1p-24)) * radius
            lanes.store(noise, drawn + first)
            let theta = lanes.load(latent + first)
            lanes.store(theta + deviation(lanes.load(logVariance + first)) * noise, values + first)
        }
        eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
    }

    /// A step of Adam on log σ² by ∂(loss + λ·KL)/∂log σ², and in place of the gradient of the values that of θ. Where log α is
    /// beyond ± `most` the divergence has no gradient.
    package static func learn(
        drawn: UnsafePointer<Float>, latent: UnsafePointer<Float>, logVariance: UnsafeMutablePointer<Float>,
        gradient: UnsafeMutablePointer<Float>, lambda: Float, adam: LatentAdam, mean: UnsafeMutablePointer<Float>,
        square: UnsafeMutablePointer<Float>, most: Float, count: Int
    ) {
        func all(_ number: Float) -> Sixteen { Sixteen(repeating: number) }
        let k1: Float = 0.63576, k2: Float = 1.87320, k3: Float = 1.48695
        @inline(__always)
        func step(_ first: Int, _ lanes: some LatentLanes) {
            let theta = lanes.load(latent + first), variance = lanes.load(logVariance + first)
            let logAlpha = variance - logOfSquare(theta)
            let s = sigmoid(all(k2) + all(k3) * logAlpha), back = sigmoid(-logAlpha)
            let isClipped = magnitude(logAlpha) .>= all(most)
            let divergence = all(lambda) * (all(-k1 * k3) * s * (all(1) - s) - all(0.5) * back)
            let slope = divergence.replacing(with: 0, where: isClipped)
            let given = lanes.load(gradient + first)
            let pull = given * lanes.load(drawn + first) * deviation(variance) / all(2) + slope
            let turned = given - all(2) * slope / theta
            lanes.store(turned.replacing(with: given, where: isClipped), gradient + first)
            lanes.store(
                adam.updated(variance, mean + first, square + first, gradient: pull, lanes), logVariance + first)
        }
        eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
    }

    /// What the network answers with: θ, or zero where log α is above the threshold.
    package static func answer(
        logVariance: UnsafePointer<Float>, latent: UnsafePointer<Float>, values: UnsafeMutablePointer<Float>,
        threshold: Float, count: Int
    ) {
        @inline(__always)
        func step(_ first: Int, _ lanes: some LatentLanes) {
            let theta = lanes.load(latent + first)
            let isNoise = lanes.load(logVariance + first) - logOfSquare(theta) .> Sixteen(repeating: threshold)
            lanes.store(theta.replacing(with: 0, where: isNoise), values + first)
        }
        eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
    }
}
