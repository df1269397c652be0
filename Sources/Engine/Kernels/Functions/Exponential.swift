// Exponentials of sixteen numbers. Each multiply-add is one that the code names, so all builds with fused multiply-adds
// give the same bits, and none calls the C library.
//
// Polynomials here and in the files beside are fitted for the smallest largest error of the result; each function names
// the bound that its test holds it to, in units in the last place (ulp) of the exact value.

typealias Sixteen = SIMD16<Float>

/// x = n · ln 2 + r with |r| ≤ ln 2 / 2.
struct Halved {
    let remainder: Sixteen
    let power: SIMD16<Int32>

    /// - Parameter x: from −105 to 105; of NaN the remainder is NaN.
    @inline(__always)
    init(_ x: Sixteen) {
        // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the low bits.
        let magic = Sixteen(repeating: 0x1.8p23)
        let shifted = magic.plus(Sixteen(repeating: 1.442695040888963407), times: x)
        let n = shifted - magic
        // ln 2 in two parts, the first of few bits.
        remainder = x.plus(Sixteen(repeating: -0x1.62e4p-1), times: n).plus(
            Sixteen(repeating: -0x1.7f7d1cp-20), times: n)
        power = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- SIMD16(repeating: 0x4B40_0000)
    }

    /// (eʳ − 1 − r) / r²
    @inline(__always)
    var tail: Sixteen {
        let r = remainder
        var p = Sixteen(repeating: 0x1.6d8e6ep-10).plus(Sixteen(repeating: 0x1.9f077ap-13), times: r)
        p = Sixteen(repeating: 0x1.111274p-7).plus(p, times: r)
        p = Sixteen(repeating: 0x1.55548cp-5).plus(p, times: r)
        p = Sixteen(repeating: 0x1.555554p-3).plus(p, times: r)
        return Sixteen(repeating: 0.5).plus(p, times: r)
    }
}

/// 2ⁿ, n from −126 to 127.
@inline(__always)
func powerOfTwo(_ n: SIMD16<Int32>) -> Sixteen {
    unsafeBitCast((n &+ SIMD16(repeating: 127)) &<< SIMD16(repeating: 23), to: Sixteen.self)
}

@inline(__always)
func clamped(_ x: Sixteen, _ low: Float, _ high: Float) -> Sixteen {
    let low = Sixteen(repeating: low), high = Sixteen(repeating: high)
    return x.replacing(with: low, where: x .< low).replacing(with: high, where: x .> high)
}

/// eˣ within 1 ulp, subnormal results and +∞ included; NaN stays NaN.
@inline(__always)
func exact(exponentialOf x: Sixteen) -> Sixteen {
    let halved = Halved(clamped(x, -105, 89))
    let r = halved.remainder
    let p = Sixteen(repeating: 1) + r.plus(r * r, times: halved.tail)
    // 2ⁿ in two factors, for n is from −151 to 128.
    let half = halved.power &>> SIMD16(repeating: 1)
    return p * powerOfTwo(half) * powerOfTwo(halved.power &- half)
}

/// eˣ for x from −80 to 0, with the bits of `exact(exponentialOf:)`; NaN stays NaN.
@inline(__always)
func exact(exponentialOfSmall x: Sixteen) -> Sixteen {
    let halved = Halved(x)
    let r = halved.remainder
    return (Sixteen(repeating: 1) + r.plus(r * r, times: halved.tail)) * powerOfTwo(halved.power)
}

/// eˣ − 1 for x ≤ 0 within 2 ulp; NaN stays NaN.
@inline(__always)
func exponentialMinusOne(ofNegative x: Sixteen) -> Sixteen {
    let halved = Halved(clamped(x, -20, 0))
    let r = halved.remainder
    let p = r.plus(r * r, times: halved.tail)
    let scale = powerOfTwo(halved.power)
    // What is 0 keeps its sign.
    let result = (scale - Sixteen(repeating: 1)).plus(scale, times: p)
    return result.replacing(with: x, where: x .== 0)
}
