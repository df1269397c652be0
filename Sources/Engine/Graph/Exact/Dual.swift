import Foundation

/// A number with its derivative along one direction, in double precision: what is computed with such numbers has the exact
/// derivative of every result along that direction.
package struct Dual: Sendable, Equatable {
    package var value: Double
    package var tangent: Double

    @inline(__always)
    package init(_ value: Double, _ tangent: Double = 0) {
        self.value = value
        self.tangent = tangent
    }

    package static let zero = Dual(0)

    @inline(__always)
    package static func + (a: Dual, b: Dual) -> Dual { Dual(a.value + b.value, a.tangent + b.tangent) }
    @inline(__always)
    package static func - (a: Dual, b: Dual) -> Dual { Dual(a.value - b.value, a.tangent - b.tangent) }
    @inline(__always)
    package static func * (a: Dual, b: Dual) -> Dual {
        Dual(a.value * b.value, a.value * b.tangent + a.tangent * b.value)
    }
    @inline(__always)
    package static func * (a: Double, b: Dual) -> Dual { Dual(a * b.value, a * b.tangent) }
    @inline(__always)
    package static func / (a: Dual, b: Dual) -> Dual {
        let quotient = a.value / b.value
        return Dual(quotient, (a.tangent - quotient * b.tangent) / b.value)
    }
    @inline(__always)
    package static func += (a: inout Dual, b: Dual) { a = a + b }
    @inline(__always)
    package static func -= (a: inout Dual, b: Dual) { a = a - b }

    package var squareRoot: Dual {
        let root = value.squareRoot()
        return Dual(root, tangent / (2 * root))
    }
    package var exponential: Dual {
        let power = exp(value)
        return Dual(power, power * tangent)
    }
}
