/// What an operator does to each value by itself, with its derivative. The values of one sample have the same bits in every
/// place of a run: the last few of a run that is no multiple of sixteen go through a chunk filled up with zeros.
package enum ValueFunction: Sendable, Equatable {
    case leakyReLU(alpha: Float)
    case thresholdedReLU(threshold: Float)
    case elu(alpha: Float)
    case selu(alpha: Float, gamma: Float)
    case celu(alpha: Float)
    case clip(low: Float, high: Float)
    case sigmoid
    case hardSigmoid(alpha: Float, beta: Float)
    case hardSwish
    case silu(alpha: Float)
    case tanh
    case mish
    case softplus
    case softsign
    case gelu
    case geluByTanh
    case erf
    case squareRoot
    case exponential
    case logarithm
    case reciprocal
    case magnitude
    case affine(scale: Float, shift: Float)
    case power(Float)
    case floor
    case ceiling
    case round
    case sign

    /// What the derivative is made of. Where it follows from y, the operator may write y over x, and x is not kept: all whose
    /// derivative is as exact from y as from x, and as cheap. The rest need x.
    package enum Source: Sendable {
        case input, output, nothing
    }
    package var derivativeSource: Source {
        switch self {
        // Left of 0 the value of y says which side x was on only where it has the sign of x.
        case .leakyReLU(let alpha): alpha > 0 ? .output : .input
        case .elu(let alpha): alpha > 0 ? .output : .input
        case .selu(let alpha, let gamma): alpha > 0 && gamma > 0 ? .output : .input
        case .celu(let alpha): alpha > 0 ? .output : .input
        case .clip, .sigmoid, .tanh, .softplus, .softsign, .squareRoot, .exponential, .reciprocal: .output
        case .hardSigmoid, .thresholdedReLU: .output
        case .hardSwish, .silu, .mish, .gelu, .geluByTanh, .erf, .logarithm, .magnitude, .power: .input
        case .affine, .floor, .ceiling, .round, .sign: .nothing
        }
    }

    /// Whether finite x gives infinite or no values, or an infinite derivative: lanes without a sample are then cleared.
    package var isPartial: Bool {
        switch self {
        case .squareRoot, .exponential, .logarithm, .reciprocal, .power: true
        default: false
        }
    }

    /// y = f(x); y may be x.
    package func forward(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        switch self {
        case .leakyReLU(let alpha): run(LeakyRectifier(alpha: alpha), x, y, count)
        case .thresholdedReLU(let threshold): run(ThresholdRectifier(threshold: threshold), x, y, count)
        case .elu(let alpha): run(ExponentialLinear(alpha: alpha), x, y, count)
        case .selu(let alpha, let gamma): run(ExponentialLinear(alpha: alpha, gamma: gamma), x, y, count)
        case .celu(let alpha): run(ExponentialLinear(alpha: alpha, divisor: alpha), x, y, count)
        case .clip(let low, let high): run(Clipping(low: low, high: high), x, y, count)
        case .sigmoid: run(Sigmoid(), x, y, count)
        case .hardSigmoid(let alpha, let beta): run(HardSigmoid(alpha: alpha, beta: beta), x, y, count)
        case .hardSwish: run(HardSwish(), x, y, count)
        case .silu(let alpha): run(SigmoidLinear(alpha: alpha), x, y, count)
        case .tanh: run(HyperbolicTangent(), x, y, count)
        case .mish: run(Mish(), x, y, count)
        case .softplus: run(Softplus(), x, y, count)
        case .softsign: run(Softsign(), x, y, count)
        case .gelu: run(GaussianLinear(), x, y, count)
        case .geluByTanh: run(TanhGaussianLinear(), x, y, count)
        case .erf: run(ErrorFunction(), x, y, count)
        case .squareRoot: run(SquareRoot(), x, y, count)
        case .exponential: run(Exponential(), x, y, count)
        case .logarithm: run(Logarithm(), x, y, count)
        case .reciprocal: run(Reciprocal(), x, y, count)
        case .magnitude: run(Magnitude(), x, y, count)
        case .affine(let scale, let shift): run(Affine(scale: scale, shift: shift), x, y, count)
        case .power(let exponent): forward(power: exponent, x, y, count)
        case .floor: run(Floor(), x, y, count)
        case .ceiling: run(Ceiling(), x, y, count)
        case .round: run(Rounding(), x, y, count)
        case .sign: run(Sign(), x, y, count)
        }
    }

    /// dx = dy · f′, or added to dx.
    /// - Parameters:
    ///   - value: x or y as `derivativeSource` says; read by no other.
    ///   - dx: may be dy.
    package func backward(
        value: UnsafePointer<Float>, dy: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>, count: Int, adds: Bool
    ) {
        let place = Slopes(value: value, dy: dy, dx: dx, count: count, adds: adds)
        let isByInput = derivativeSource == .input
        switch self {
        case .leakyReLU(let alpha): place.run(LeakyRectifier(alpha: alpha))
        case .thresholdedReLU(let threshold): place.run(ThresholdRectifier(threshold: threshold))
        case .elu(let alpha): place.run(ExponentialLinear(alpha: alpha, isByInput: isByInput))
        case .selu(let alpha, let gamma):
            place.run(ExponentialLinear(alpha: alpha, gamma: gamma, isByInput: isByInput))
        case .celu(let alpha): place.run(ExponentialLinear(alpha: alpha, divisor: alpha, isByInput: isByInput))
        case .clip(let low, let high): place.run(Clipping(low: low, high: high))
        case .sigmoid: place.run(Sigmoid())
        case .hardSigmoid(let alpha, let beta): place.run(HardSigmoid(alpha: alpha, beta: beta))
        case .hardSwish: place.run(HardSwish())
        case .silu(let alpha): place.run(SigmoidLinear(alpha: alpha))
        case .tanh: place.run(HyperbolicTangent())
        case .mish: place.run(Mish())
        case .softplus: place.run(Softplus())
        case .softsign: place.run(Softsign())
        case .gelu: place.run(GaussianLinear())
        case .geluByTanh: place.run(TanhGaussianLinear())
        case .erf: place.run(ErrorFunction())
        case .squareRoot: place.run(SquareRoot())
        case .exponential: place.run(Exponential())
        case .logarithm: place.run(Logarithm())
        case .reciprocal: place.run(Reciprocal())
        case .magnitude: place.run(Magnitude())
        case .affine(let scale, let shift): place.run(Affine(scale: scale, shift: shift))
        case .power(let exponent): place.run(power: exponent)
        case .floor, .ceiling, .round, .sign: place.run(Flat())
        }
    }
}

/// f and f′ on sixteen values.
protocol ChunkFunction {
    func value(_ x: Sixteen) -> Sixteen
    /// - Parameter value: x or y, as `derivativeSource` of the function says.
    func slope(_ value: Sixteen) -> Sixteen
}

@inline(__always)
func run(_ function: some ChunkFunction, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    var index = 0
    while index &+ 16 <= count {
        store16(function.value(load16(x + index)), y + index)
        index &+= 16
    }
    if index < count { storeFew(function.value(loadFew(x + index, count &- index)), y + index, count &- index) }
}

/// A run of values and gradients on the way back.
struct Slopes {
    let value: UnsafePointer<Float>
    let dy: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>
    let count: Int
    let adds: Bool

    @inline(__always)
    func run(_ function: some ChunkFunction) {
        var index = 0
        while index &+ 16 <= count {
            let slope = function.slope(load16(value + index)), given = load16(dy + index)
            store16(adds ? load16(dx + index).plus(given, times: slope) : given * slope, dx + index)
            index &+= 16
        }
        guard index < count else { return }
        let few = count &- index
        let slope = function.slope(loadFew(value + index, few)), given = loadFew(dy + index, few)
        storeFew(adds ? loadFew(dx + index, few).plus(given, times: slope) : given * slope, dx + index, few)
    }
}

/// Fewer than sixteen values, zeros behind them.
@inline(__always)
func loadFew(_ pointer: UnsafePointer<Float>, _ count: Int) -> Sixteen {
    var chunk = Sixteen.zero
    for lane in 0..<count { chunk[lane] = pointer[lane] }
    return chunk
}

@inline(__always)
func storeFew(_ chunk: Sixteen, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    for lane in 0..<count { pointer[lane] = chunk[lane] }
}
