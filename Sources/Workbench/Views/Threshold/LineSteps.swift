import Foundation

/// Where the line stops: by zeros, closer together where a per cent costs more.
package enum LineSteps {
    /// In per cent.
    package static let coarse: [Double] = [
        0, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 92, 94, 95, 96, 97, 98, 99, 99.5,
    ]
    /// Nothing beyond: a layer without a weight is no layer.
    static let most = 99.99

    /// The stop after or before a share of zeros in per cent.
    package static func next(from percent: Double, up: Bool) -> Double {
        // A line set between two stops goes to the nearer one first; rounding must not make it stand still.
        if up { return coarse.first { $0 > percent + 0.005 } ?? max(percent, coarse.last!) }
        return coarse.last { $0 < percent - 0.005 } ?? 0
    }

    /// A tenth of a per cent; a hundredth above 99.
    package static func fine(from percent: Double, up: Bool) -> Double {
        let isHigh = up ? percent >= 98.999 : percent > 99.005
        let step = isHigh ? 0.01 : 0.1
        let at = percent / step
        let next = up ? (at + 0.02).rounded(.down) + 1 : (at - 0.02).rounded(.up) - 1
        return min(most, max(0, (next * step * 100).rounded() / 100))
    }

    /// Weights that a step of the line leaves. In a small scope the next stop may be the same weights, and then the one
    /// after it is taken; the last weight stays.
    package static func kept(from percent: Double, of total: Int, _ next: (Double) -> Double) -> Int {
        let before = kept(percent: percent, of: total)
        var percent = percent
        while true {
            let stop = next(percent)
            let left = max(1, kept(percent: stop, of: total))
            if left != before || stop == percent { return left }
            percent = stop
        }
    }

    /// Weights a sparsity leaves: total − round(sparsity · total).
    package static func kept(percent: Double, of total: Int) -> Int {
        total - Int((percent / 100 * Double(total)).rounded())
    }
}
