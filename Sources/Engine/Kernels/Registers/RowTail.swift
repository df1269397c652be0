/// What becomes of a row's sums when they are stored: batch normalisation's slope and shift, and the limits of a ReLU or of a
/// clip. With what the operators behind a layer would do by themselves it gives the same bits, without reading and writing y
/// once more.
package struct RowTail {
    private let slope: SIMD16<Float>
    private let shift: SIMD16<Float>
    private let floor: SIMD16<Float>
    private let ceiling: SIMD16<Float>

    @inline(__always)
    init(slope: Float, shift: Float, limits: Limits) {
        self.slope = SIMD16(repeating: slope)
        self.shift = SIMD16(repeating: shift)
        floor = SIMD16(repeating: limits.low)
        ceiling = SIMD16(repeating: limits.high)
    }

    @inline(__always) func scaled(_ sum: SIMD16<Float>) -> SIMD16<Float> { shift.plus(slope, times: sum) }
    /// What is no number stays.
    @inline(__always) func limited(_ value: SIMD16<Float>) -> SIMD16<Float> {
        let raised = value.replacing(with: floor, where: value .< floor)
        return raised.replacing(with: ceiling, where: raised .> ceiling)
    }
    @inline(__always) func scaled(_ sum: SIMD8<Float>) -> SIMD8<Float> {
        shift.lowHalf.plus(slope.lowHalf, times: sum)
    }
    @inline(__always) func limited(_ value: SIMD8<Float>) -> SIMD8<Float> {
        let raised = value.replacing(with: floor.lowHalf, where: value .< floor.lowHalf)
        return raised.replacing(with: ceiling.lowHalf, where: raised .> ceiling.lowHalf)
    }
}

/// Between what values are cut.
package struct Limits: Sendable, Equatable {
    package let low: Float
    package let high: Float

    package init(_ low: Float, _ high: Float) {
        self.low = low
        self.high = high
    }
    package static let none = Limits(-.infinity, .infinity)
    package static let positive = Limits(0, .infinity)
}
