/// Gates s = σ((log u − log(1 − u) + log α) / β), stretched to (γ, ζ) and cut off at 0 and 1.
///
/// Reference: Louizos, Welling & Kingma 2018, arXiv:1712.01312
package struct HardConcreteGates: Sendable {
    private let beta: Float
    private let gamma: Float
    /// ζ − γ
    private let width: Float

    package init(beta: Float, gamma: Float, zeta: Float) {
        (self.beta, self.gamma, width) = (beta, gamma, zeta - gamma)
    }

    @inline(__always)
    private func stretched(_ s: Sixteen) -> Sixteen {
        s * Sixteen(repeating: width) + Sixteen(repeating: gamma)
    }

    /// Draws s, and values = θ · z.
    /// - Parameter counters: what each gate's random number follows from.
    package func draw(
        _ random: CounterRandom, counters: UnsafePointer<Int64>, logAlpha: UnsafePointer<Float>,
        latent: UnsafePointer<Float>, drawn: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        @inline(__always)
        func step(_ first: Int, _ lanes: some LatentLanes) {
            let u = openUniform(lanes.halves(random, counters + first).high)
            let odds = logarithm(u / (Sixteen(repeating: 1) - u))
            let s = sigmoid((odds + lanes.load(logAlpha + first)) / Sixteen(repeating: beta))
            lanes.store(s, drawn + first)
            lanes.store(lanes.load(latent + first) * unit(stretched(s)), values + first)
        }
        eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
    }

    /// ∂(loss + λ·P(z ≠ 0))/∂log α of each weight, and in place of the gradient of the values that of θ.
    /// - Parameter openShift: P(z ≠ 0) = σ(log α − this).
    package func pull(
        drawn: UnsafePointer<Float>, latent: UnsafePointer<Float>, logAlpha: UnsafePointer<Float>,
        gradient: UnsafeMutablePointer<Float>, strength: Float, openShift: Float, to pulls: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        @inline(__always)
        func step(_ first: Int, _ lanes: some LatentLanes) {
            let pull = pull(
                lanes.load(drawn + first), lanes.load(latent + first), lanes.load(logAlpha + first), gradient + first,
                strength, openShift, lanes)
            lanes.store(pull, pulls + first)
        }
        eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
    }

    /// The same, and a step of Adam on log α, which stays within ± `most`.
    package func learn(
        drawn: UnsafePointer<Float>, latent: UnsafePointer<Float>, logAlpha: UnsafeMutablePointer<Float>,
        gradient: UnsafeMutablePointer<Float>, strength: Float, openShift: Float, adam: LatentAdam,
        mean: UnsafeMutablePointer<Float>, square: UnsafeMutablePointer<Float>, most: Float, count: Int
    ) {
        @inline(__always)
        func step(_ first: Int, _ lanes: some LatentLanes) {
            let before = lanes.load(logAlpha + first)
            let pull = pull(
                lanes.load(drawn + first), lanes.load(latent + first), before, gradient + first, strength, openShift,
                lanes)
            let after = adam.updated(before, mean + first, square + first, gradient: pull, lanes)
            lanes.store(clamped(after, -most, most), logAlpha + first)
        }
        eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
    }

    @inline(__always)
    private func pull(
        _ s: Sixteen, _ latent: Sixteen, _ logAlpha: Sixteen, _ gradient: UnsafeMutablePointer<Float>,
        _ strength: Float, _ openShift: Float, _ lanes: some LatentLanes
    ) -> Sixteen {
        let one = Sixteen(repeating: 1), open = sigmoid(logAlpha - Sixteen(repeating: openShift))
        let stretched = stretched(s)
        let inside = Sixteen(repeating: width) * s * (one - s) / Sixteen(repeating: beta)
        let slope = Sixteen.zero.replacing(with: inside, where: (stretched .> 0) .& (stretched .< 1))
        let given = lanes.load(gradient)
        lanes.store(given * unit(stretched), gradient)
        return given * latent * slope + Sixteen(repeating: strength) * open * (one - open)
    }

    /// What the network answers with: values = θ · (the gate without noise).
    package func answer(
        logAlpha: UnsafePointer<Float>, latent: UnsafePointer<Float>, values: UnsafeMutablePointer<Float>, count: Int
    ) {
        @inline(__always)
        func step(_ first: Int, _ lanes: some LatentLanes) {
            let gate = stretched(sigmoid(lanes.load(logAlpha + first)))
            lanes.store(lanes.load(latent + first) * unit(gate), values + first)
        }
        eachSixteen(of: count, whole: { step($0, AllLanes()) }, rest: { step($0, $1) })
    }
}
