// Kernels of methods whose weights are made of what is trained (`LatentMethod`): one pass over arrays in storage order, sixteen
// weights at a time. Each weight's numbers are made by the same operations wherever it lies, so bytes follow neither from the
// mask's order nor from threads.

/// Calls `body` for sixteen weights at a time; behind the last of a run that is no multiple of sixteen lie zeros.
@inline(__always)
func forEachSixteen(_ count: Int, _ body: (_ first: Int, _ few: Int) -> Void) {
    var first = 0
    while first &+ 16 <= count {
        body(first, 16)
        first &+= 16
    }
    if first < count { body(first, count &- first) }
}

@inline(__always)
func load(_ pointer: UnsafePointer<Float>, _ few: Int) -> Sixteen {
    few == 16 ? load16(pointer) : loadFew(pointer, few)
}

@inline(__always)
func store(_ chunk: Sixteen, _ pointer: UnsafeMutablePointer<Float>, _ few: Int) {
    if few == 16 { store16(chunk, pointer) } else { storeFew(chunk, pointer, few) }
}

extension CounterRandom {
    /// `halves` of fewer than sixteen counters, too.
    @inline(__always)
    func halves(_ counters: UnsafePointer<Int64>, _ few: Int) -> (high: Sixteen, low: Sixteen) {
        if few == 16 { return halves(counters) }
        var padded = SIMD16<Int64>.zero
        for lane in 0..<few { padded[lane] = counters[lane] }
        return withUnsafeBytes(of: padded) { halves($0.assumingMemoryBound(to: Int64.self).baseAddress!) }
    }
}

/// Uniform in (0, 1), of 24 random bits.
@inline(__always)
func openUniform(_ bits: Sixteen) -> Sixteen {
    (bits + Sixteen(repeating: 0.5)) * Sixteen(repeating: 0x1p-24)
}

/// x from 0 to 1; what is beyond is cut off.
@inline(__always)
func unit(_ x: Sixteen) -> Sixteen {
    let one = Sixteen(repeating: 1), low = Sixteen.zero.replacing(with: x, where: x .>= 0)
    return one.replacing(with: low, where: low .< one)
}

/// Adam of what a method trains beside the weights: β₁ 0.9, β₂ 0.999, ε 1e-8.
package struct LatentAdam: Sendable {
    /// With the corrections of both means.
    let rate: Float
    let rootScale: Float

    package init(rate: Float, rootScale: Float) {
        self.rate = rate
        self.rootScale = rootScale
    }

    @inline(__always)
    func updated(
        _ value: Sixteen, _ mean: UnsafeMutablePointer<Float>, _ square: UnsafeMutablePointer<Float>,
        gradient: Sixteen, _ few: Int
    ) -> Sixteen {
        func all(_ number: Float) -> Sixteen { Sixteen(repeating: number) }
        let m = all(0.9) * load(mean, few) + all(0.1) * gradient
        let v = all(0.999) * load(square, few) + all(0.001) * gradient * gradient
        store(m, mean, few)
        store(v, square, few)
        return value - all(rate) * m / (roots(v) * all(rootScale) + all(1e-8))
    }
}
