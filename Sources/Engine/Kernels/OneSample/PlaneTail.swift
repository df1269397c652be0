/// The tails of all rows of a layer: y = f(limited(slope · sum + shift + added)).
package struct PlaneTail: Sendable {
    /// (rows).
    package let slopes: [Float]
    package let shifts: [Float]
    private let limits: Limits
    /// Done when all sums of a row are stored.
    private let function: ValueFunction?

    /// Leaves the sums as they are, but for the limits.
    package init(rows: Int, limits: Limits, function: ValueFunction? = nil) {
        self.init(
            slopes: [Float](repeating: 1, count: rows), shifts: [Float](repeating: -0.0, count: rows), limits: limits,
            function: function)
    }
    package init(slopes: [Float], shifts: [Float], limits: Limits, function: ValueFunction? = nil) {
        self.function = function
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
        if scaled > limits.high { scaled = limits.high }
        if let function { withUnsafeMutablePointer(to: &scaled) { function.forward($0, to: $0, count: 1) } }
        return scaled
    }

    /// f on rows whose sums are all stored.
    /// - Parameter y: of the first row of the layer.
    package func complete(_ rows: Range<Int>, _ y: UnsafeMutablePointer<Float>, plane: Int, count: Int) {
        guard let function else { return }
        for row in rows { function.forward(y + row * plane, to: y + row * plane, count: count) }
    }
}

/// start + w · x, with the bits that lanes have.
package func pointSum(_ start: Float, _ w: Float, _ x: Float) -> Float {
    SIMD2<Float>(start, 0).plus(SIMD2(repeating: w), times: SIMD2(x, 0))[0]
}
