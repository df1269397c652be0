/// A real factor as integers: multiplier / 2^shift. Rounding is to the nearest, and half up:
///
///     ⌊(value · multiplier + 2^(shift − 1)) / 2^shift⌋
///
/// With a shift that rounds towards −∞ it is one addition and one shift. In C, which does not say how a negative number is
/// shifted: p < 0 ? ~(~p >> shift) : p >> shift, of int64_t.
package struct Requantization: Sendable, Equatable, Codable {
    /// Positive: 2³⁰ ≤ multiplier < 2³¹.
    package var multiplier: Int32
    /// 1…62.
    package var shift: Int32

    package init(multiplier: Int32, shift: Int32) {
        self.multiplier = multiplier
        self.shift = shift
    }

    /// The nearest there is. Factors below 2⁻³² become that, which rounds every 32-bit value to 0.
    /// - Returns: nil where the factor is not positive, or 2²⁹ and more.
    package init?(_ factor: Double) {
        guard factor > 0, factor < 0x1p29 else { return nil }
        guard factor > 0x1p-32 else {
            self.init(multiplier: 1 << 30, shift: 62)
            return
        }
        var shift = 30 - Int32(factor.exponent)
        var multiplier = (factor.significand * 0x1p30).rounded()
        if multiplier >= 0x1p31 {
            multiplier = 0x1p30
            shift -= 1
        }
        self.init(multiplier: Int32(multiplier), shift: shift)
    }

    /// - Precondition: |value| < 2³¹.
    @inline(__always)
    package func callAsFunction(_ value: Int64) -> Int64 {
        (value &* Int64(multiplier) &+ (1 << Int64(shift &- 1))) &>> Int64(shift)
    }

    package var factor: Double { Double(multiplier) * Double(sign: .plus, exponent: -Int(shift), significand: 1) }
}
