import Foundation
import Kernels
import Testing

@Suite struct ValueFunctionTests {
    static let all: [(ValueFunction, @Sendable (Double) -> Double)] = [
        (.leakyReLU(alpha: 0.1), { $0 < 0 ? Double(Float(0.1)) * $0 : $0 }),
        (.leakyReLU(alpha: -0.5), { $0 < 0 ? -0.5 * $0 : $0 }),
        (.thresholdedReLU(threshold: 0.5), { $0 < 0.5 ? 0 : $0 }),
        (.elu(alpha: 0.7), { $0 < 0 ? Double(Float(0.7)) * expm1($0) : $0 }),
        (.elu(alpha: -0.5), { $0 < 0 ? -0.5 * expm1($0) : $0 }),
        (.selu(alpha: 1.5, gamma: 1.25), { 1.25 * ($0 < 0 ? 1.5 * expm1($0) : $0) }),
        (.celu(alpha: 2), { $0 < 0 ? 2 * expm1($0 / 2) : $0 }),
        (.clip(low: -0.5, high: 1.25), { min(max($0, -0.5), 1.25) }),
        (.sigmoid, { 1 / (1 + Foundation.exp(-$0)) }),
        (.hardSigmoid(alpha: 0.25, beta: 0.5), { min(max(0.25 * $0 + 0.5, 0), 1) }),
        (.hardSwish, { $0 * min(max(Double(Float(1.0 / 6)) * $0 + 0.5, 0), 1) }),
        (.silu(alpha: 1), { $0 / (1 + Foundation.exp(-$0)) }),
        (.silu(alpha: 1.5), { $0 / (1 + Foundation.exp(-1.5 * $0)) }),
        (.tanh, { Foundation.tanh($0) }),
        (.mish, { $0 * Foundation.tanh(log1p(Foundation.exp($0))) }),
        (.softplus, { $0 > 0 ? $0 + log1p(Foundation.exp(-$0)) : log1p(Foundation.exp($0)) }),
        (.softsign, { $0 / (1 + abs($0)) }),
        (.gelu, { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }),
        (
            .geluByTanh,
            { $0 / (1 + Foundation.exp(-2 * (2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
        ),
        (.erf, { Foundation.erf($0) }),
        (.squareRoot, { $0.squareRoot() }),
        (.exponential, { Foundation.exp($0) }),
        (.logarithm, { Foundation.log($0) }),
        (.reciprocal, { 1 / $0 }),
        (.magnitude, { abs($0) }),
        (.affine(scale: -1.5, shift: 0.25), { -1.5 * $0 + 0.25 }),
        (.power(0), { _ in 1 }), (.power(1), { $0 }), (.power(2), { $0 * $0 }), (.power(3), { $0 * $0 * $0 }),
        (.power(0.5), { $0.squareRoot() }), (.power(-1), { 1 / $0 }), (.power(2.5), { Foundation.pow($0, 2.5) }),
        (.power(-0.25), { Foundation.pow($0, -0.25) }),
        (.floor, { $0.rounded(.down) }), (.ceiling, { $0.rounded(.up) }), (.round, { $0.rounded(.toNearestOrEven) }),
        (.sign, { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
    ]

    /// Bounds that the kernels name, in units in the last place.
    static let bounds: [(ValueFunction, Double, ClosedRange<Float>)] = [
        (.exponential, 1, -105...89), (.logarithm, 1, 0...Float.greatestFiniteMagnitude), (.sigmoid, 3, -104...104),
        (.tanh, 2, -20...20), (.erf, 2, -5...5), (.softplus, 2, -104...104), (.elu(alpha: 1), 2, -30...0),
        (.power(2.5), 1, 0...1e10), (.power(-0.25), 1, 1e-10...1e10), (.silu(alpha: 1), 4, -80...80),
        (.mish, 6, -80...80),
    ]

    @Test(arguments: bounds.indices) func errorsAreWithinTheirBounds(_ number: Int) {
        let (function, bound, range) = Self.bounds[number]
        let exact = function == .elu(alpha: 1) ? { expm1($0) } : Self.all.first { $0.0 == function }!.1
        var worst = 0.0, at: Float = 0
        for x in Self.floats(range) {
            let found = Self.run(function, x)
            for (x, y) in zip(x, found) {
                let wanted = exact(Double(x))
                let unit = max(Double(Float(wanted).ulp), Double(Float.leastNonzeroMagnitude))
                guard unit.isFinite, abs(wanted) <= Double(Float.greatestFiniteMagnitude) else { continue }
                let error = abs(Double(y) - wanted) / unit
                if !(error <= worst) { (worst, at) = (error, x) }
            }
        }
        #expect(worst <= bound, "\(function) at \(at)")
    }

    /// Floats of every exponent in a range, and those even apart, in lists.
    private static func floats(_ range: ClosedRange<Float>) -> [[Float]] {
        let random = CounterRandom(seed: 4, purpose: .test)
        let even = (0..<200_000).map { index in
            range.lowerBound + (range.upperBound - range.lowerBound) * (Float(index) + random.uniform(index)) / 200_000
        }
        var spread: [Float] = []
        for exponent in 0..<255 {
            for index in 0..<400 {
                let bits = UInt32(exponent) << 23 | UInt32(random.uniform(exponent, index) * 0x7F_FFFF)
                for sign: UInt32 in [0, 1 << 31] {
                    let value = Float(bitPattern: bits | sign)
                    if range.contains(value) { spread.append(value) }
                }
            }
        }
        return [even, spread]
    }

    private static func run(_ function: ValueFunction, _ x: [Float]) -> [Float] {
        var y = [Float](repeating: -9, count: x.count)
        function.forward(x, to: &y, count: x.count)
        return y
    }

    @Test(arguments: all.indices) func valuesAreThose(_ number: Int) {
        let (function, exact) = Self.all[number]
        let isPositive = exact(-1).isNaN
        let x = (0..<1000).map { (Float($0) - (isPositive ? -1 : 500)) / 100 + 0.003 }
        let found = Self.run(function, x)
        for (x, y) in zip(x, found) {
            let wanted = exact(Double(x))
            #expect(abs(Double(y) - wanted) <= 4e-7 * max(1, abs(wanted)), "\(function) of \(x)")
        }
    }

    /// A value has the same bits in any place of a run of any length.
    @Test(arguments: all.indices) func theLastFewHaveTheSameBits(_ number: Int) {
        let (function, _) = Self.all[number]
        let x = (0..<48).map { (Float($0) - 20) * 0.37 + 0.1 }
        let whole = Self.run(function, x)
        for count in [1, 5, 15, 17, 33, 47] {
            #expect(
                Self.run(function, Array(x.prefix(count))).map(\.bitPattern) == whole.prefix(count).map(\.bitPattern))
        }
    }

    @Test(arguments: all.indices) func derivativesMatchDifferences(_ number: Int) {
        let (function, exact) = Self.all[number]
        let isPositive = exact(-1).isNaN
        // Away from the kinks, which lie at multiples of ¼ and at ±3.
        let x = (0..<150).map { (Float($0) - (isPositive ? -2 : 75)) / 20 + 0.013 }
        var y = x
        if function.derivativeSource == .output { y = Self.run(function, x) }
        let dy = x.indices.map { Float($0 % 7) - 3.5 }
        var dx = [Float](repeating: 1, count: x.count)
        for adds in [false, true] {
            let before = adds ? dx : [Float](repeating: 0, count: x.count)
            function.backward(value: y, dy: dy, dx: &dx, count: x.count, adds: adds)
            for index in x.indices {
                let h = 1e-4, at = Double(x[index])
                let slope = (exact(at + h) - exact(at - h)) / (2 * h) * Double(dy[index]) + Double(before[index])
                #expect(abs(Double(dx[index]) - slope) <= 2e-4 * max(1, abs(slope)), "\(function) at \(x[index])")
            }
        }
    }

    @Test func endsAreRight() {
        let x: [Float] = [.infinity, -.infinity, .nan, 0, -0.0, 1000, -1000, 3e38, -3e38, 1e-40]
        func expect(_ function: ValueFunction, _ wanted: [Float?]) {
            for (number, (found, wanted)) in zip(Self.run(function, x), wanted).enumerated() {
                guard let wanted else { continue }
                #expect(
                    found == wanted && found.sign == wanted.sign || found.isNaN && wanted.isNaN,
                    "\(function) of \(x[number]): \(found)")
            }
        }
        let inf = Float.infinity, nan = Float.nan
        expect(.exponential, [inf, 0, nan, 1, 1, inf, 0, inf, 0, 1])
        expect(
            .logarithm, [inf, nan, nan, -inf, -inf, nil, nan, nil, nan, Float(Foundation.log(Double(Float(1e-40))))])
        expect(.sigmoid, [1, 0, nan, 0.5, 0.5, 1, 0, 1, 0, 0.5])
        expect(.tanh, [1, -1, nan, 0, -0.0, 1, -1, 1, -1, 1e-40])
        expect(.erf, [1, -1, nan, 0, -0.0, 1, -1, 1, -1, nil])
        expect(.softplus, [inf, 0, nan, nil, nil, 1000, 0, 3e38, 0, nil])
        expect(.softsign, [1, -1, nan, 0, -0.0, nil, nil, 1, -1, 1e-40])
        expect(.elu(alpha: 1), [inf, -1, nan, 0, -0.0, 1000, -1, 3e38, -1, 1e-40])
        expect(.gelu, [inf, nil, nan, 0, nil, 1000, nil, 3e38, nil, nil])
        for function in [ValueFunction.gelu, .geluByTanh, .silu(alpha: 1), .mish] {
            let y = Self.run(function, x)
            #expect(y[0] == inf && y[1] == 0 && y[2].isNaN && y[5] == 1000 && y[6] == 0 && y[7] == 3e38 && y[8] == 0)
            var dx = [Float](repeating: 0, count: x.count)
            function.backward(value: x, dy: [Float](repeating: 1, count: 10), dx: &dx, count: 10, adds: false)
            #expect(dx[0] == 1 && dx[1] == 0 && dx[2].isNaN && dx[5] == 1 && dx[6] == 0 && dx[7] == 1 && dx[8] == 0)
        }
        expect(.clip(low: -1, high: 1), [1, -1, nan, 0, -0.0, 1, -1, 1, -1, 1e-40])
        expect(.power(2), [inf, inf, nan, 0, 0, 1e6, 1e6, inf, inf, 0])
        expect(.power(0.5), [inf, inf, nan, 0, 0, nil, nan, nil, nan, nil])
        expect(.power(-1), [0, -0.0, nan, inf, -inf, 0.001, -0.001, nil, nil, inf])
        expect(.round, [inf, -inf, nan, 0, -0.0, 1000, -1000, 3e38, -3e38, 0])
        expect(.squareRoot, [inf, nan, nan, 0, -0.0, nil, nan, nil, nan, nil])
    }

    @Test func halvesGoToTheEvenNumber() {
        #expect(Self.run(.round, [0.5, 1.5, 2.5, -0.5, -1.5, 2.4999998]) == [0, 2, 2, -0.0, -2, 2])
    }
}
