import Kernels
import Testing

/// Rounding to the steps of 8 bits, and the gradient straight through it.
@Suite struct StepRoundingTests {
    private let steps = ValueSteps(scale: 0.5, least: -4, most: 3)

    @Test func nearestStepHalvesUpAndGradientInside() {
        let cases: [(x: Float, y: Float, slope: Float)] = [
            (-3, -2, 0), (-2.3, -2, 0), (-2.25, -2, 1), (-0.3, -0.5, 1), (-0.25, 0, 1), (0, 0, 1), (0.2, 0, 1),
            (0.25, 0.5, 1), (0.74, 0.5, 1), (0.75, 1, 1), (1.7, 1.5, 1), (1.75, 1.5, 0), (5, 1.5, 0),
        ]
        // More than a vector, so that the last few go another way.
        let all = cases + cases
        let x = all.map(\.x), dy = all.indices.map { Float($0 + 1) }
        var y = x, dx = [Float](repeating: 1, count: all.count)
        roundToSteps(x, to: &y, count: all.count, steps)
        #expect(y == all.map(\.y))
        roundingGradient(x: x, dy: dy, dx: &dx, count: all.count, adds: false, steps)
        #expect(dx == zip(dy, all).map { $0 * $1.slope })
        roundingGradient(x: x, dy: dy, dx: &dx, count: all.count, adds: true, steps)
        #expect(dx == zip(dy, all).map { 2 * $0 * $1.slope })
        roundingGradient(x: x, dy: dy, dx: &dx, count: all.count, adds: false, nil)
        #expect(dx == dy)
        var none = [Float.nan]
        roundToSteps([Float.nan], to: &none, count: 1, steps)
        #expect(none[0].isNaN)
    }

    @Test func weightsAreSymmetric() {
        let scale = weightScale(largest: 1.27)
        #expect(abs(scale - 0.01) < 1e-8)
        let cases: [(Float, Float)] = [(1.27, 127), (-1.27, -127), (0, 0), (0.004, 0), (-0.016, -2), (0.024, 2)]
        for (weight, wanted) in cases {
            #expect(weightSteps(weight, scale: scale) == wanted, "\(weight)")
        }
        #expect(weightSteps(2.5, scale: 1) == 3 && weightSteps(-2.5, scale: 1) == -3)
        #expect(weightSteps(0, scale: weightScale(largest: 0)) == 0)
    }
}
