/// The tails of all rows of a layer.
package struct PlaneTail: Sendable {
    /// (rows).
    package let slopes: [Float]
    package let shifts: [Float]
    private let limits: Limits

    /// Leaves the sums as they are, but for the limits.
    package init(rows: Int, limits: Limits) {
        self.init(
            slopes: [Float](repeating: 1, count: rows), shifts: [Float](repeating: -0.0, count: rows), limits: limits)
    }
    package init(slopes: [Float], shifts: [Float], limits: Limits) {
        self.slopes = slopes
        self.shifts = shifts
        self.limits = limits
    }

    @inline(__always)
    func row(_ row: Int) -> RowTail { RowTail(slope: slopes[row], shift: shifts[row], limits: limits) }

    /// The same of one value, with the same bits.
    package func value(_ x: Float, _ row: Int, adding added: Float? = nil) -> Float {
        var scaled = pointSum(shifts[row], slopes[row], x)
        if let added { scaled += added }
        if scaled < limits.low { scaled = limits.low }
        return scaled > limits.high ? limits.high : scaled
    }
}

/// start + w · x, with the bits that lanes have.
package func pointSum(_ start: Float, _ w: Float, _ x: Float) -> Float {
    SIMD2<Float>(start, 0).plus(SIMD2(repeating: w), times: SIMD2(x, 0))[0]
}
