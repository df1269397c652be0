import Descriptors

/// Chooses the range of a tensor that 256 steps are spread over, from the values that samples gave it. What lies outside is moved
/// to the ends.
package protocol RangeChoice: Choosable {
    /// - Returns: the ends; 0 need not lie between them.
    func range(_ values: ValueHistogram) -> ClosedRange<Float>
}

/// Every choice: one file in this folder, one entry here.
package enum RangeChoices {
    package static let all: [any RangeChoice.Type] = [
        MeanSquaredErrorRange.self, MinMaxRange.self, PercentileRange.self,
    ]

    /// - Throws: `ArgumentError` for a name that is not in the list, or values that the choice refuses.
    package static func make(_ name: String, _ values: [String: Value] = [:]) throws -> any RangeChoice {
        guard let type = all.first(where: { $0.descriptor.name == name }) else {
            throw ArgumentError.outOfRange(
                name: "calibrate", of: "quantize", value: name,
                accepted: Accepted.names(all.map { $0.descriptor }, for: name))
        }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}

/// How often values of a tensor were met, in bins of one width between the smallest and the largest.
package struct ValueHistogram: Sendable {
    package let low: Float
    package let high: Float
    package private(set) var counts: [Int]

    /// - Parameter low, high: of all values that will be added.
    package init(low: Float, high: Float, bins: Int = 2048) {
        (self.low, self.high) = (low, high)
        counts = [Int](repeating: 0, count: high > low ? bins : 1)
    }

    package var width: Double { (Double(high) - Double(low)) / Double(counts.count) }

    package mutating func add(_ values: [Float]) {
        guard counts.count > 1 else { return }
        let factor = Double(counts.count) / (Double(high) - Double(low))
        // Zero is a step of every range: zeros lose nothing, and would outweigh all else.
        for value in values where value != 0 {
            let bin = Int((Double(value) - Double(low)) * factor)
            counts[min(max(bin, 0), counts.count - 1)] += 1
        }
    }
}
