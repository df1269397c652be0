import Descriptors

/// The ends with which the values lose least, squared: narrower steps against what is cut off.
package struct MeanSquaredErrorRange: RangeChoice {
    package static let descriptor = Descriptor(
        name: "mean-squared-error", summary: "The ends with the least squared error of all values")
    package init(_ arguments: Arguments) {}

    /// Both ends drawn in by one share, then each by its own.
    package func range(_ values: ValueHistogram) -> ClosedRange<Float> {
        guard values.high > values.low else { return values.low...values.high }
        let low = min(Double(values.low), 0), high = max(Double(values.high), 0)
        var best = (low: 1.0, high: 1.0, error: error(values, low, high))
        func look(_ shareLow: Double, _ shareHigh: Double) {
            let found = error(values, low * shareLow, high * shareHigh)
            if found < best.error { best = (shareLow, shareHigh, found) }
        }
        let shares = (10..<40).map { Double($0) / 40 }
        for share in shares { look(share, share) }
        let both = (best.low, best.high)
        for share in shares + [1] { look(share, both.1) }
        let left = best.low
        for share in shares + [1] { look(left, share) }
        return Float(low * best.low)...Float(high * best.high)
    }

    private func error(_ values: ValueHistogram, _ low: Double, _ high: Double) -> Double {
        let step = (high - low) / 255
        guard step > 0 else { return .infinity }
        let zero = (-low / step).rounded()
        let least = -zero * step, most = (255 - zero) * step
        var sum = 0.0
        for (bin, count) in values.counts.enumerated() where count > 0 {
            let value = Double(values.low) + (Double(bin) + 0.5) * values.width
            let held = min(max((value / step).rounded() * step, least), most)
            sum += Double(count) * (value - held) * (value - held)
        }
        return sum
    }
}
