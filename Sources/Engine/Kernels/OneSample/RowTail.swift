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

/// The tails of all rows of a layer.
package struct PlaneTail: Sendable {
    /// (rows).
    package let slopes: [Float]
    package let shifts: [Float]
    private let floor: Float

    /// Leaves the sums as they are, but for the ReLU.
    package init(rows: Int, rectifies: Bool) {
        self.init(
            slopes: [Float](repeating: 1, count: rows), shifts: [Float](repeating: 0, count: rows),
            rectifies: rectifies)
    }
    package init(slopes: [Float], shifts: [Float], rectifies: Bool) {
        self.slopes = slopes
        self.shifts = shifts
        floor = rectifies ? 0 : -.infinity
    }

    @inline(__always)
    func row(_ row: Int) -> RowTail { RowTail(slope: slopes[row], shift: shifts[row], floor: floor) }

    /// The same of one value, with the same bits.
    func value(_ x: Float, _ row: Int) -> Float {
        let scaled = SIMD2<Float>(shifts[row], 0).plus(SIMD2(repeating: slopes[row]), times: SIMD2(x, 0))[0]
        return scaled < floor ? floor : scaled
    }
}
