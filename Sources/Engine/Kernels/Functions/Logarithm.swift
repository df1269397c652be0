/// log x within 1 ulp; −∞ of 0, NaN of what is below, +∞ of +∞.
@inline(__always)
func logarithm(_ x: Sixteen) -> Sixteen {
    // Subnormal numbers are made normal.
    let isSmall = x .< Sixteen(repeating: .leastNormalMagnitude)
    let normal = x.replacing(with: x * Sixteen(repeating: 0x1p23), where: isSmall)
    // x = 2ᵏ · m with m from √½ to √2: of the bits, those of √½ taken away leave k in the exponent's place.
    let bits = unsafeBitCast(normal, to: SIMD16<Int32>.self)
    let root = SIMD16<Int32>(repeating: 0x3F35_04F3)
    let exponent = (bits &- root) &>> SIMD16(repeating: 23)
    let m = unsafeBitCast(bits &- (exponent &<< SIMD16(repeating: 23)), to: Sixteen.self)
    var k = Sixteen(exponent)
    k.replace(with: k - Sixteen(repeating: 23), where: isSmall)
    let f = m - Sixteen(repeating: 1)
    let low = logarithmTail(f).plus(k, times: Sixteen(repeating: 0x1.7f7d1cp-20))
    var result = (f + low).plus(k, times: Sixteen(repeating: 0x1.62e4p-1))
    result.replace(with: -.infinity, where: x .== 0)
    result.replace(with: .nan, where: x .< 0)
    result.replace(with: x, where: x .== Sixteen(repeating: .infinity))
    // Of NaN the bits above are those of some number.
    return result.replacing(with: x, where: x .!= x)
}

/// log(1 + z) for z from 0 to 1 within 1 ulp; NaN stays NaN.
@inline(__always)
func logarithm(onePlus z: Sixteen) -> Sixteen {
    // 1 + z above √2 is halved: (1 + z) / 2 = 1 + (z − 1) / 2.
    let isHigh = z .> Sixteen(repeating: 0.41421354)
    let half = Sixteen(repeating: -0.5).plus(Sixteen(repeating: 0.5), times: z)
    let f = z.replacing(with: half, where: isHigh)
    let sum = f + logarithmTail(f)
    return sum.replacing(with: sum + Sixteen(repeating: 0x1.62e43p-1), where: isHigh)
}

/// log(1 + f) − f for f from √½ − 1 to √2 − 1.
@inline(__always)
private func logarithmTail(_ f: Sixteen) -> Sixteen {
    var p = Sixteen(repeating: -0x1.e3aa5ep-4).plus(Sixteen(repeating: 0x1.1bbdaep-4), times: f)
    p = Sixteen(repeating: 0x1.e6800cp-4).plus(p, times: f)
    p = Sixteen(repeating: -0x1.fb279cp-4).plus(p, times: f)
    p = Sixteen(repeating: 0x1.232e14p-3).plus(p, times: f)
    p = Sixteen(repeating: -0x1.55637ap-3).plus(p, times: f)
    p = Sixteen(repeating: 0x1.99a58p-3).plus(p, times: f)
    p = Sixteen(repeating: -0x1.ffffecp-3).plus(p, times: f)
    p = Sixteen(repeating: 0x1.555546p-2).plus(p, times: f)
    let square = f * f
    return (f * square * p).plus(Sixteen(repeating: -0.5), times: square)
}
