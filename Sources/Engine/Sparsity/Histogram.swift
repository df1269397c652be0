import Foundation

/// Counts of |w| per bin and class, for instance kept and cut.
package struct Histogram: Sendable, Equatable {
    package enum Axis: Sendable, Equatable {
        /// Equal widths from 0 to the maximum.
        case linear
        /// Equal ratios over this many powers of ten up to the maximum; what is smaller is counted in bin 0.
        case logarithmic(decades: Double)
    }

    package let bins: Int
    package let maximum: Float
    package let axis: Axis
    /// (classes, bins)
    package private(set) var counts: [[Int]]

    /// - Precondition: at least one bin and one class, maximum above 0.
    package init(bins: Int, maximum: Float, axis: Axis = .linear, classes: Int = 1) {
        precondition(bins > 0 && classes > 0 && maximum > 0)
        self.bins = bins
        self.maximum = maximum
        self.axis = axis
        counts = [[Int]](repeating: [Int](repeating: 0, count: bins), count: classes)
    }

    package mutating func add(_ values: [Float], class number: Int = 0) {
        for value in values { counts[number][bin(of: value)] += 1 }
    }

    /// Kept weights in class 0, the others in class 1.
    package mutating func add(_ values: [Float], keep: [Bool]) {
        for (value, stays) in zip(values, keep) { counts[stays ? 0 : 1][bin(of: value)] += 1 }
    }

    /// The bin of a weight; above the maximum the last one.
    package func bin(of weight: Float) -> Int {
        let share = Double(abs(weight) / maximum)
        let place: Double =
            switch axis {
            case .linear: share
            case .logarithmic(let decades): share > 0 ? 1 + log10(share) / decades : 0
            }
        // A weight that is not a number must not stop a picture.
        return place.isNaN ? bins - 1 : Int(min(max(place * Double(bins), 0), Double(bins - 1)))
    }

    /// The |w| at which a bin begins; `lowerEdge(bins)` is the maximum.
    package func lowerEdge(_ bin: Int) -> Float {
        let share = Double(bin) / Double(bins)
        return switch axis {
        case .linear: maximum * Float(share)
        case .logarithmic(let decades): bin == 0 ? 0 : maximum * Float(pow(10, (share - 1) * decades))
        }
    }
}
