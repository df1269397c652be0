// Kernels of methods whose weights are made of what is trained (`LatentMethod`): one pass over arrays in storage order, sixteen
// weights at a time. Each weight's numbers are made by the same operations wherever it lies, so bytes follow neither from the
// mask's order nor from threads.

/// Sixteen weights, or the last few of a run, behind which lie zeros. Two types, so that the loop over sixteen has no branch for the
/// last ones.
protocol LatentLanes {
    func load(_ pointer: UnsafePointer<Float>) -> Sixteen
    func store(_ chunk: Sixteen, _ pointer: UnsafeMutablePointer<Float>)
    func halves(_ random: CounterRandom, _ counters: UnsafePointer<Int64>) -> (high: Sixteen, low: Sixteen)
}

struct AllLanes: LatentLanes {
    @inline(__always)
    func load(_ pointer: UnsafePointer<Float>) -> Sixteen { load16(pointer) }
    @inline(__always)
    func store(_ chunk: Sixteen, _ pointer: UnsafeMutablePointer<Float>) { store16(chunk, pointer) }
    @inline(__always)
    func halves(_ random: CounterRandom, _ counters: UnsafePointer<Int64>) -> (high: Sixteen, low: Sixteen) {
        random.halves(counters)
    }
}

struct FewLanes: LatentLanes {
    let count: Int

    func load(_ pointer: UnsafePointer<Float>) -> Sixteen { loadFew(pointer, count) }
    func store(_ chunk: Sixteen, _ pointer: UnsafeMutablePointer<Float>) { storeFew(chunk, pointer, count) }
    func halves(_ random: CounterRandom, _ counters: UnsafePointer<Int64>) -> (high: Sixteen, low: Sixteen) {
        var padded = SIMD16<Int64>.zero
        for lane in 0..<count { padded[lane] = counters[lane] }
        return withUnsafeBytes(of: padded) { random.halves($0.assumingMemoryBound(to: Int64.self).baseAddress!) }
    }
}

/// Goes over `count` weights, sixteen at a time, then over the last few. A kernel gives its step twice, once for each kind of lanes.
@inline(__always)
func eachSixteen(of count: Int, whole: (_ first: Int) -> Void, rest: (_ first: Int, _ lanes: FewLanes) -> Void) {
    var first = 0
    while first &+ 16 <= count {
        whole(first)
        first &+= 16
    }
    if first < count { rest(first, FewLanes(count: count &- first)) }
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
        gradient: Sixteen, _ lanes: some LatentLanes
    ) -> Sixteen {
        func all(_ number: Float) -> Sixteen { Sixteen(repeating: number) }
        let m = all(0.9) * lanes.load(mean) + all(0.1) * gradient
        let v = all(0.999) * lanes.load(square) + all(0.001) * gradient * gradient
        lanes.store(m, mean)
        lanes.store(v, square)
        return value - all(rate) * m / (roots(v) * all(rootScale) + all(1e-8))
    }
}
