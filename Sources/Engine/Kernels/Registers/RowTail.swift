/// What becomes of a row's sums when they are stored: batch normalisation's slope and shift, and the ReLU. With what the
/// operators behind a convolution would do by themselves it gives the same bits, without reading and writing y once more.
package struct RowTail {
    private let slope: SIMD16<Float>
    private let shift: SIMD16<Float>
    private let floor: SIMD16<Float>

    /// - Parameter floor: zero for a ReLU, else less than any number.
    @inline(__always)
    init(slope: Float, shift: Float, floor: Float) {
        self.slope = SIMD16(repeating: slope)
        self.shift = SIMD16(repeating: shift)
        self.floor = SIMD16(repeating: floor)
    }

    @inline(__always) func scaled(_ sum: SIMD16<Float>) -> SIMD16<Float> { shift.plus(slope, times: sum) }
    /// What is no number stays.
    @inline(__always) func rectified(_ value: SIMD16<Float>) -> SIMD16<Float> {
        value.replacing(with: floor, where: value .< floor)
    }
    @inline(__always) func scaled(_ sum: SIMD8<Float>) -> SIMD8<Float> {
        shift.lowHalf.plus(slope.lowHalf, times: sum)
    }
    @inline(__always) func rectified(_ value: SIMD8<Float>) -> SIMD8<Float> {
        value.replacing(with: floor.lowHalf, where: value .< floor.lowHalf)
    }
}
