// Functions made of straight pieces.

/// x, left of 0 alpha · x.
struct LeakyRectifier: ChunkFunction {
    let alpha: Float

    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { x.replacing(with: x * Sixteen(repeating: alpha), where: x .< 0) }
    // At 0 it is alpha, as in PyTorch.
    @inline(__always)
    func slope(_ value: Sixteen) -> Sixteen {
        Sixteen(repeating: 1).replacing(with: alpha, where: value .<= 0)
    }
}

/// x from a threshold on, which is 0 or more; below it 0.
struct ThresholdRectifier: ChunkFunction {
    let threshold: Float

    // What is no number stays none.
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { x.replacing(with: 0, where: x .< Sixteen(repeating: threshold)) }
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen { Sixteen.zero.replacing(with: 1, where: y .> 0) }
}

struct Clipping: ChunkFunction {
    let low: Float
    let high: Float

    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { clamped(x, low, high) }
    // 0 at the ends, for y does not say what was cut.
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen {
        let inside = (y .> Sixteen(repeating: low)) .& (y .< Sixteen(repeating: high))
        return Sixteen.zero.replacing(with: 1, where: inside)
    }
}

/// alpha · x + beta, from 0 to 1.
struct HardSigmoid: ChunkFunction {
    let alpha: Float
    let beta: Float

    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        clamped(Sixteen(repeating: beta).plus(Sixteen(repeating: alpha), times: x), 0, 1)
    }
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen {
        Sixteen.zero.replacing(with: alpha, where: (y .> 0) .& (y .< Sixteen(repeating: 1)))
    }
}

/// x · HardSigmoid(x) with alpha = 1/6 and beta = ½.
struct HardSwish: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { x * HardSigmoid(alpha: 1 / 6, beta: 0.5).value(x) }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        let middle = Sixteen(repeating: 0.5).plus(Sixteen(repeating: 1 / 3), times: x)
        return middle.replacing(with: 0, where: x .<= Sixteen(repeating: -3))
            .replacing(with: 1, where: x .>= Sixteen(repeating: 3))
    }
}

struct Magnitude: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { magnitude(x) }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen { Sign().value(x) }
}

/// −1, 0 or 1; NaN stays NaN.
struct Sign: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        x.replacing(with: 1, where: x .> 0).replacing(with: -1, where: x .< 0)
    }
    @inline(__always)
    func slope(_ value: Sixteen) -> Sixteen { .zero }
}

struct Affine: ChunkFunction {
    let scale: Float
    let shift: Float

    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        Sixteen(repeating: shift).plus(Sixteen(repeating: scale), times: x)
    }
    @inline(__always)
    func slope(_ value: Sixteen) -> Sixteen { Sixteen(repeating: scale) }
}

// `rounded` of a vector is a call; lane by lane the compiler makes one instruction of it.
struct Floor: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        var y = x
        for lane in 0..<16 { y[lane] = x[lane].rounded(.down) }
        return y
    }
    @inline(__always)
    func slope(_ value: Sixteen) -> Sixteen { .zero }
}

struct Ceiling: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        var y = x
        for lane in 0..<16 { y[lane] = x[lane].rounded(.up) }
        return y
    }
    @inline(__always)
    func slope(_ value: Sixteen) -> Sixteen { .zero }
}

/// To the nearest whole number, halves to the even one.
struct Rounding: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        var y = x
        for lane in 0..<16 { y[lane] = x[lane].rounded(.toNearestOrEven) }
        return y
    }
    @inline(__always)
    func slope(_ value: Sixteen) -> Sixteen { .zero }
}

/// The derivative of steps.
struct Flat: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { x }
    @inline(__always)
    func slope(_ value: Sixteen) -> Sixteen { .zero }
}
