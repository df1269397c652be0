/// What an operator makes of two values of the same place.
package enum PairFunction: Sendable, Equatable {
    case add, subtract, multiply, divide, minimum, maximum, power
    case equal, less, greater, lessOrEqual, greaterOrEqual

    /// Whether finite values give infinite or no values: lanes without a sample are then cleared.
    package var isPartial: Bool { self == .divide || self == .power }
    /// Whether its gradients are made of the values: these are then kept.
    package var readsInputs: Bool {
        switch self {
        case .add, .subtract, .equal, .less, .greater, .lessOrEqual, .greaterOrEqual: false
        default: true
        }
    }
}

/// The function and its two derivatives on sixteen values.
protocol ChunkPair {
    func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen
    func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen
    func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen
}

extension PairFunction {
    /// Calls the visitor with the type that computes it, so that each is a loop of its own.
    @inline(__always)
    func visit(_ visitor: some PairVisitor) {
        switch self {
        case .add: visitor.visit(Sum())
        case .subtract: visitor.visit(Difference())
        case .multiply: visitor.visit(Product())
        case .divide: visitor.visit(Quotient())
        case .minimum: visitor.visit(Minimum())
        case .maximum: visitor.visit(Maximum())
        case .power: visitor.visit(Power())
        case .equal: visitor.visit(Comparison { $0 .== $1 })
        case .less: visitor.visit(Comparison { $0 .< $1 })
        case .greater: visitor.visit(Comparison { $0 .> $1 })
        case .lessOrEqual: visitor.visit(Comparison { $0 .<= $1 })
        case .greaterOrEqual: visitor.visit(Comparison { $0 .>= $1 })
        }
    }
}

protocol PairVisitor {
    func visit(_ pair: some ChunkPair)
}

private struct Sum: ChunkPair {
    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen { a + b }
    @inline(__always) func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { Sixteen(repeating: 1) }
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { Sixteen(repeating: 1) }
}

private struct Difference: ChunkPair {
    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen { a - b }
    @inline(__always) func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { Sixteen(repeating: 1) }
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { Sixteen(repeating: -1) }
}

private struct Product: ChunkPair {
    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen { a * b }
    @inline(__always) func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { b }
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { a }
}

private struct Quotient: ChunkPair {
    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen { a / b }
    @inline(__always) func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { Sixteen(repeating: 1) / b }
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { -(a / b) / b }
}

// Of two that are equal each has half of the gradient, as in PyTorch. NaN wins.
private struct Minimum: ChunkPair {
    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen {
        b.replacing(with: a, where: (a .<= b) .| (a .!= a))
    }
    @inline(__always) func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen {
        Sixteen.zero.replacing(with: 1, where: a .< b).replacing(with: 0.5, where: a .== b)
    }
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { firstSlope(b, a) }
}

private struct Maximum: ChunkPair {
    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen {
        b.replacing(with: a, where: (a .>= b) .| (a .!= a))
    }
    @inline(__always) func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen {
        Sixteen.zero.replacing(with: 1, where: a .> b).replacing(with: 0.5, where: a .== b)
    }
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { firstSlope(b, a) }
}

private struct Power: ChunkPair {
    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen { powers(a, b) }
    @inline(__always) func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen {
        b * powers(a, b - Sixteen(repeating: 1))
    }
    // At 0 it is 0, as in PyTorch.
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen {
        (powers(a, b) * logarithm(a)).replacing(with: 0, where: (a .== 0) .& (b .>= 0))
    }
}

/// 1 where it holds, else 0.
private struct Comparison: ChunkPair {
    let holds: (Sixteen, Sixteen) -> SIMDMask<SIMD16<Int32>>

    @inline(__always) init(_ holds: @escaping (Sixteen, Sixteen) -> SIMDMask<SIMD16<Int32>>) { self.holds = holds }
    @inline(__always) func value(_ a: Sixteen, _ b: Sixteen) -> Sixteen {
        Sixteen.zero.replacing(with: 1, where: holds(a, b))
    }
    @inline(__always) func firstSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { .zero }
    @inline(__always) func secondSlope(_ a: Sixteen, _ b: Sixteen) -> Sixteen { .zero }
}
