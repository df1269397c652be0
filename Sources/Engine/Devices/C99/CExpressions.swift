import Kernels

extension ValueFunction {
    /// In C, of `x`. Functions that C has not without a library are written beside (`CMath`).
    var expression: String {
        func c(_ value: Float) -> String { CText.float(value) }
        switch self {
        case .leakyReLU(let alpha): return "x > 0.0f ? x : \(c(alpha)) * x"
        case .thresholdedReLU(let threshold): return "x >= \(c(threshold)) ? x : 0.0f"
        case .elu(let alpha): return "x > 0.0f ? x : \(c(alpha)) * exp_less_one(x)"
        case .selu(let alpha, let gamma): return "\(c(gamma)) * (x > 0.0f ? x : \(c(alpha)) * exp_less_one(x))"
        case .celu(let alpha): return "x > 0.0f ? x : \(c(alpha)) * exp_less_one(x / \(c(alpha)))"
        case .clip(let low, let high): return "limited(x, \(c(low)), \(c(high)))"
        case .sigmoid: return "sigmoid(x)"
        case .hardSigmoid(let alpha, let beta): return "limited(\(c(alpha)) * x + \(c(beta)), 0.0f, 1.0f)"
        case .hardSwish: return "x * limited(x / 6.0f + 0.5f, 0.0f, 1.0f)"
        case .silu(let alpha): return alpha == 1 ? "x * sigmoid(x)" : "x * sigmoid(\(c(alpha)) * x)"
        case .tanh: return "hyperbolic_tangent(x)"
        case .mish: return "x * hyperbolic_tangent(softplus(x))"
        case .softplus: return "softplus(x)"
        case .softsign: return "x / (1.0f + (x < 0.0f ? -x : x))"
        case .gelu: return "0.5f * x * (1.0f + error_function(x * 0.70710678f))"
        case .geluByTanh:
            return "0.5f * x * (1.0f + hyperbolic_tangent(0.79788456f * (x + 0.044715f * x * x * x)))"
        case .erf: return "error_function(x)"
        case .squareRoot: return "square_root(x)"
        case .exponential: return "exponential(x)"
        case .logarithm: return "logarithm(x)"
        case .reciprocal: return "1.0f / x"
        case .magnitude: return "x < 0.0f ? -x : x"
        case .affine(let scale, let shift): return "\(c(scale)) * x + \(c(shift))"
        case .power(let exponent): return "power(x, \(c(exponent)))"
        case .floor: return "rounded_down(x)"
        case .ceiling: return "-rounded_down(-x)"
        case .round: return "rounded(x)"
        case .sign: return "x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : 0.0f"
        }
    }
}

extension PairFunction {
    /// In C, of `a` and `b`.
    var expression: String {
        switch self {
        case .add: "a + b"
        case .subtract: "a - b"
        case .multiply: "a * b"
        case .divide: "a / b"
        case .minimum: "a < b ? a : b"
        case .maximum: "a > b ? a : b"
        case .power: "power(a, b)"
        case .equal: "a == b ? 1.0f : 0.0f"
        case .less: "a < b ? 1.0f : 0.0f"
        case .greater: "a > b ? 1.0f : 0.0f"
        case .lessOrEqual: "a <= b ? 1.0f : 0.0f"
        case .greaterOrEqual: "a >= b ? 1.0f : 0.0f"
        }
    }
}
