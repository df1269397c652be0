/// 1 / (1 + e⁻ˣ) within 3 ulp; NaN stays NaN.
@inline(__always)
func sigmoid(_ x: Sixteen) -> Sixteen {
    let one = Sixteen(repeating: 1)
    let z = exact(exponentialOf: -magnitude(x))
    // For negative x it is z / (1 + z), which keeps its accuracy where it is small.
    return one.replacing(with: z, where: x .< 0) / (one + z)
}

/// tanh x within 2 ulp; NaN stays NaN.
@inline(__always)
func hyperbolicTangent(_ x: Sixteen) -> Sixteen {
    let one = Sixteen(repeating: 1)
    let size = magnitude(x)
    let e = exact(exponentialOf: (size + size).replacing(with: 40, where: size .> Sixteen(repeating: 20)))
    let large = one - Sixteen(repeating: 2) / (e + one)
    let s = x * x
    var p = Sixteen(repeating: -0x1.0dd086p-7).plus(Sixteen(repeating: 0x1.200af8p-9), times: s)
    p = Sixteen(repeating: 0x1.63e684p-6).plus(p, times: s)
    p = Sixteen(repeating: -0x1.b9f66ep-5).plus(p, times: s)
    p = Sixteen(repeating: 0x1.11108cp-3).plus(p, times: s)
    p = Sixteen(repeating: -0x1.555554p-2).plus(p, times: s)
    let small = x.plus(x * s, times: p)
    return withSign(large.replacing(with: small, where: size .< Sixteen(repeating: 0.6)), of: x)
}

/// erf x within 2 ulp; NaN stays NaN.
/// Below 1 it is x + x · P(x²), above 1 − e^−(t · Q(t)) with t = |x|.
@inline(__always)
func errorFunction(_ x: Sixteen) -> Sixteen {
    let size = magnitude(x)
    let s = x * x
    var p = Sixteen(repeating: -0x1.a485ecp-11).plus(Sixteen(repeating: 0x1.4ae4dp-14), times: s)
    p = Sixteen(repeating: 0x1.5419f4p-8).plus(p, times: s)
    p = Sixteen(repeating: -0x1.b7fbb4p-6).plus(p, times: s)
    p = Sixteen(repeating: 0x1.ce2d2p-4).plus(p, times: s)
    p = Sixteen(repeating: -0x1.81273ep-2).plus(p, times: s)
    p = Sixteen(repeating: 0x1.06eba8p-3).plus(p, times: s)
    let small = x.plus(x, times: p)
    // From 4 on it is 1.
    let t = size.replacing(with: 4, where: size .> Sixteen(repeating: 4))
    var q = Sixteen(repeating: -0x1.a2ef9ap-15).plus(Sixteen(repeating: 0x1.637aa4p-18), times: t)
    q = Sixteen(repeating: -0x1.cc3cecp-16).plus(q, times: t)
    q = Sixteen(repeating: 0x1.780f78p-9).plus(q, times: t)
    q = Sixteen(repeating: -0x1.71e0f2p-6).plus(q, times: t)
    q = Sixteen(repeating: 0x1.aec632p-4).plus(q, times: t)
    q = Sixteen(repeating: 0x1.4576f4p-1).plus(q, times: t)
    q = Sixteen(repeating: 0x1.20e818p+0).plus(q, times: t)
    // −(t · q) is from −16 to 0.
    let large = Sixteen(repeating: 1) - exact(exponentialOfSmall: -(t * q))
    return withSign(large.replacing(with: small, where: size .< Sixteen(repeating: 1)), of: x)
}

@inline(__always)
func magnitude(_ x: Sixteen) -> Sixteen {
    unsafeBitCast(unsafeBitCast(x, to: SIMD16<UInt32>.self) & SIMD16(repeating: 0x7FFF_FFFF), to: Sixteen.self)
}

/// The magnitude of one with the sign of the other.
@inline(__always)
func withSign(_ size: Sixteen, of x: Sixteen) -> Sixteen {
    let sign = unsafeBitCast(x, to: SIMD16<UInt32>.self) & SIMD16(repeating: 0x8000_0000)
    return unsafeBitCast(unsafeBitCast(magnitude(size), to: SIMD16<UInt32>.self) | sign, to: Sixteen.self)
}
