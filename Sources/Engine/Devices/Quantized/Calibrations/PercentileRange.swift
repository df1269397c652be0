import Descriptors

/// Without the few values that lie farthest out.
package struct PercentileRange: RangeChoice {
    package static let descriptor = Descriptor(
        name: "percentile", summary: "Without the few values that lie farthest out",
        parameters: [
            Parameter(
                "percent", "of the values that lie inside", .number(50...100), default: .number(99.99))
        ])
    private let percent: Double
    package init(_ arguments: Arguments) { percent = arguments.number("percent") }

    /// Half of what is left out lies at each end, whole bins.
    package func range(_ values: ValueHistogram) -> ClosedRange<Float> {
        let total = values.counts.reduce(0, +)
        let spare = Double(total) * (100 - percent) / 200
        func skipped(_ counts: some Sequence<Int>) -> Int {
            var left = 0, bins = 0
            for count in counts {
                left += count
                if Double(left) > spare { break }
                bins += 1
            }
            return bins
        }
        let below = skipped(values.counts), above = skipped(values.counts.reversed())
        guard below + above < values.counts.count else { return values.low...values.high }
        let low = below == 0 ? values.low : Float(Double(values.low) + Double(below) * values.width)
        let high = above == 0 ? values.high : Float(Double(values.high) - Double(above) * values.width)
        return low...max(low, high)
    }
}
