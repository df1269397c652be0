// Functions made of exponentials and logarithms. Where x is cut off, the function has its limit there, and ∞ · 0 is no case.

/// x, left of 0 alpha · (e^(x / divisor) − 1); all of it times gamma.
struct ExponentialLinear: ChunkFunction {
    let alpha: Float
    var gamma: Float = 1
    var divisor: Float = 1
    var isByInput = false

    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        // A branch for chunks of positive values would give the same bits.
        let left = Sixteen(repeating: alpha) * exponentialMinusOne(ofNegative: x / Sixteen(repeating: divisor))
        return Sixteen(repeating: gamma) * x.replacing(with: left, where: x .< 0)
    }
    @inline(__always)
    func slope(_ value: Sixteen) -> Sixteen {
        let right = Sixteen(repeating: gamma)
        if isByInput {
            let e = exact(exponentialOf: value / Sixteen(repeating: divisor))
            return right.replacing(with: Sixteen(repeating: gamma * alpha / divisor) * e, where: value .<= 0)
        }
        // gamma · alpha · eˣ is y + gamma · alpha.
        let left = (value + Sixteen(repeating: gamma * alpha)) / Sixteen(repeating: divisor)
        return right.replacing(with: left, where: value .<= 0)
    }
}

struct Sigmoid: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { sigmoid(x) }
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen { y * (Sixteen(repeating: 1) - y) }
}

struct HyperbolicTangent: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { hyperbolicTangent(x) }
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen { Sixteen(repeating: 1).plus(-y, times: y) }
}

/// x · sigmoid(alpha · x)
struct SigmoidLinear: ChunkFunction {
    let alpha: Float

    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        let s = sigmoid(Sixteen(repeating: alpha) * x)
        return (x * s).replacing(with: 0, where: s .== 0)
    }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        let held = clamped(x, -1e30, 1e30), one = Sixteen(repeating: 1)
        let s = sigmoid(Sixteen(repeating: alpha) * held)
        return s * one.plus(Sixteen(repeating: alpha) * held, times: one - s)
    }
}

/// log(1 + eˣ)
struct Softplus: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        let z = exact(exponentialOf: -magnitude(x))
        return x.replacing(with: 0, where: x .< 0) + logarithm(onePlus: z)
    }
    // The sigmoid of x is 1 − e⁻ʸ.
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen { -exponentialMinusOne(ofNegative: -y) }
}

struct Softsign: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        let size = magnitude(x)
        return withSign(
            Sixteen(repeating: 1).replacing(
                with: size / (size + Sixteen(repeating: 1)), where: size .!= Sixteen(repeating: .infinity)), of: x)
    }
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen {
        let rest = Sixteen(repeating: 1) - magnitude(y)
        return rest * rest
    }
}

/// x · tanh(log(1 + eˣ)): with e = eˣ the tangent is e (e + 2) / (e (e + 2) + 2).
struct Mish: ChunkFunction {
    @inline(__always)
    private func parts(_ x: Sixteen) -> (tangent: Sixteen, exponential: Sixteen) {
        let two = Sixteen(repeating: 2)
        // From 20 on it is 1.
        let e = exact(exponentialOf: clamped(x, -105, 20))
        let n = e * (e + two)
        return (n / (n + two), e)
    }
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        let t = parts(x).tangent
        return (x * t).replacing(with: 0, where: t .== 0)
    }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        let one = Sixteen(repeating: 1), held = clamped(x, -1e4, 1e4)
        let (t, e) = parts(held)
        // 1 − t² = (1 − t) (1 + t), and the sigmoid of x is e / (1 + e).
        return t.plus(held * (one - t) * (one + t), times: e / (one + e))
    }
}

/// x · Φ(x), Φ the normal distribution: ½ x (1 + erf(x / √2)).
/// Reference: Hendrycks & Gimpel 2016, arXiv:1606.08415.
struct GaussianLinear: ChunkFunction {
    @inline(__always)
    private func share(_ x: Sixteen) -> Sixteen {
        let half = Sixteen(repeating: 0.5)
        return half.plus(half, times: errorFunction(x * Sixteen(repeating: 0.70710678118654752)))
    }
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        let share = share(x)
        return (x * share).replacing(with: 0, where: share .== 0)
    }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        let held = clamped(x, -20, 20)
        let density =
            Sixteen(repeating: 0.39894228040143268) * exact(exponentialOf: held * held * Sixteen(repeating: -0.5))
        return share(held).plus(held, times: density)
    }
}

/// ½ x (1 + tanh u) = x · sigmoid(2 u), u = √(2/π) (x + 0.044715 x³).
struct TanhGaussianLinear: ChunkFunction {
    private let twice: Float = 1.5957691216057308
    private let cubic: Float = 0.044715

    @inline(__always)
    private func share(_ x: Sixteen) -> Sixteen {
        let inner = Sixteen(repeating: 1).plus(Sixteen(repeating: cubic), times: x * x)
        return sigmoid(Sixteen(repeating: twice) * x * inner)
    }
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen {
        let share = share(x)
        return (x * share).replacing(with: 0, where: share .== 0)
    }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        let held = clamped(x, -100, 100), one = Sixteen(repeating: 1)
        let s = share(held)
        let inner = one.plus(Sixteen(repeating: 3 * cubic), times: held * held)
        return s * one.plus(held * Sixteen(repeating: twice) * inner, times: one - s)
    }
}

struct ErrorFunction: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { errorFunction(x) }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen {
        Sixteen(repeating: 1.1283791670955126) * exact(exponentialOf: -(x * x))
    }
}

struct Exponential: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { exact(exponentialOf: x) }
    @inline(__always)
    func slope(_ y: Sixteen) -> Sixteen { y }
}

struct Logarithm: ChunkFunction {
    @inline(__always)
    func value(_ x: Sixteen) -> Sixteen { logarithm(x) }
    @inline(__always)
    func slope(_ x: Sixteen) -> Sixteen { Sixteen(repeating: 1) / x }
}
