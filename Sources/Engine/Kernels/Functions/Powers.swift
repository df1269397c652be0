struct SquareRoot: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { roots(x) }
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen { Sixteen(repeating: 0.5) / y }
}

struct Reciprocal: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { Sixteen(repeating: 1) / x }
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen { -(y * y) }
}

/// Whole exponents from 0 to 8 are products.
struct WholePower: ChunkFunction {
    let exponent: Int

    @inline(__always)
    private func power(_ x: Sixteen, _ exponent: Int) -> Sixteen {
        var result = Sixteen(repeating: 1), factor = x, rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest &>>= 1
        }
        return result
    }
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { power(x, exponent) }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        exponent == 0 ? .zero : Sixteen(repeating: Float(exponent)) * power(x, exponent &- 1)
    }
}

struct RealPower: ChunkFunction {
    let exponent: Float

    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { powers(x, Sixteen(repeating: exponent)) }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        Sixteen(repeating: exponent) * powers(x, Sixteen(repeating: exponent - 1))
    }
}

extension ValueFunction {
    func forward(power exponent: Float, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
        if exponent == 0.5 {
            // Unlike the square root, the power of −0 is 0 and that of −∞ is ∞: x + 0, and NaN else.
            run(RootPower(), x, y, count)
        } else if let whole = wholeExponent(exponent) {
            run(whole, x, y, count)
        } else {
            run(RealPower(exponent: exponent), x, y, count)
        }
    }
}

extension Slopes {
    func run(power exponent: Float) {
        if let whole = wholeExponent(exponent) { run(whole) } else { run(RealPower(exponent: exponent)) }
    }
}

private func wholeExponent(_ exponent: Float) -> WholePower? {
    (0...8).contains(exponent) && exponent == exponent.rounded() ? WholePower(exponent: Int(exponent)) : nil
}

private struct RootPower: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        roots(x + Sixteen.zero).replacing(with: .infinity, where: x .== Sixteen(repeating: -.infinity))
    }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen { .zero }
}

// `squareRoot()` of a vector is a call; lane by lane the compiler makes one instruction of it.
@inline(__always)
func roots(_ x: Sixteen) -> Sixteen {
    var root = Sixteen.zero
    for lane in 0..<16 { root[lane] = x[lane].squareRoot() }
    return root
}

/// aᵇ within 1 ulp, as IEEE 754 says for zeros, infinities and negative a.
func powers(_ a: Sixteen, _ b: Sixteen) -> Sixteen {
    var result = Sixteen.zero
    for lane in 0..<16 { result[lane] = power(a[lane], b[lane]) }
    return result
}

/// In Double, whose logarithm is exact enough for an exponent of up to 150: by hand, for a power of the C library need not
/// have the same bits on every machine.
@inline(__always)
private func power(_ a: Float, _ b: Float) -> Float {
    if b == 0 || a == 1 { return 1 }
    if a.isNaN || b.isNaN { return .nan }
    let isWhole = b == b.rounded(.towardZero)
    // Floats from 2²⁴ on are even.
    let isOdd = isWhole && abs(b) < 0x1p24 && Int32(b) & 1 == 1
    if b.isInfinite {
        if abs(a) == 1 { return 1 }
        return (abs(a) > 1) == (b > 0) ? .infinity : 0
    }
    let size = abs(a)
    var result: Float
    if size == 0 || size.isInfinite {
        result = (size == 0) == (b > 0) ? 0 : .infinity
    } else {
        if a < 0, !isWhole { return .nan }
        result = Float(exponentialOfTwo(Double(b) * logarithmOfTwo(Double(size))))
    }
    if isOdd, a.sign == .minus { result = -result }
    return result
}

/// log₂ x of a normal number within 2⁻⁴⁰.
@inline(__always)
private func logarithmOfTwo(_ x: Double) -> Double {
    // x = 2ᵏ · m with m from √½ to √2; log m = 2 artanh s, s = (m − 1) / (m + 1).
    let bits = Int64(bitPattern: x.bitPattern) &- 0x3FE6_A09E_667F_3BCD
    let exponent = bits &>> 52
    let m = Double(bitPattern: x.bitPattern &- UInt64(bitPattern: exponent &<< 52))
    let s = (m - 1) / (m + 1), square = s * s
    var p = 1.0 / 17
    for odd in [15.0, 13, 11, 9, 7, 5, 3, 1] { p = (1 / odd).addingProduct(p, square) }
    return Double(exponent).addingProduct(2 * s * p, 1.4426950408889634)
}

/// 2ˣ within 2⁻⁴⁰; beyond what floats hold 0 or ∞.
@inline(__always)
private func exponentialOfTwo(_ x: Double) -> Double {
    if x > 200 { return .infinity }
    if x < -200 { return 0 }
    let n = x.rounded(.toNearestOrEven)
    let r = (x - n) * 0.6931471805599453
    var p = 1.0
    for divisor in [12.0, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1] { p = (1.0).addingProduct(p * (1 / divisor), r) }
    return p * Double(bitPattern: UInt64(Int64(n) + 1023) &<< 52)
}
