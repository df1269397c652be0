import Foundation
import Interchange

/// What is taken from each input and what the rest is divided by: one pair for all channels, or one a channel.
package struct Normalization: Sendable, Equatable {
    package let means: [Float]
    package let deviations: [Float]

    /// - Precondition: as many means as deviations, at least one; no deviation is 0.
    package init(means: [Float], deviations: [Float]) {
        precondition(!means.isEmpty && means.count == deviations.count)
        self.means = means
        self.deviations = deviations
    }

    /// Inputs as they are.
    package static let none = Normalization(means: [0], deviations: [1])

    package func mean(_ channel: Int) -> Float { means[means.count == 1 ? 0 : channel] }
    package func deviation(_ channel: Int) -> Float { deviations[deviations.count == 1 ? 0 : channel] }
}

/// What one pass over the elements of samples finds.
package struct ElementMoments: Sendable {
    /// Mean and deviation of each channel; a deviation of 0 where all its elements are equal.
    package var channels: [(mean: Double, deviation: Double)]
    /// Of all channels together.
    package var whole: (mean: Double, deviation: Double)
    /// Elements that are no finite number, and the place of the first among all that are held.
    package var notFinite = 0
    package var firstNotFinite: Int?

    package var constantChannels: [Int] { channels.indices.filter { channels[$0].deviation == 0 } }

    /// - Complexity: O(elements), one after the other, so that sums are the same on every machine.
    package init(_ samples: Samples) {
        switch samples.elements.kind {
        case .uint8: self.init(bytes: samples)
        case .float32: self.init(floats: samples)
        }
    }

    /// Counted by byte value, so that the sums are exact whatever the order.
    private init(bytes samples: Samples) {
        let shape = samples.shape, features = shape.features
        var counts = [Int](repeating: 0, count: 256 * shape.channels)
        let isLast = samples.order == .channelsLast
        samples.elements.withBytes { bytes in
            counts.withUnsafeMutableBufferPointer { counts in
                if shape.channels == 1, samples.rows == nil {
                    for byte in bytes { counts[Int(byte)] += 1 }
                    return
                }
                let plane = shape.height * shape.width
                samples.forEachRow { row in
                    let first = row * features
                    for channel in 0..<shape.channels {
                        let (start, step) = isLast ? (channel, shape.channels) : (channel * plane, 1)
                        for point in 0..<plane {
                            counts[256 * channel + Int(bytes[first + start + point * step])] += 1
                        }
                    }
                }
            }
        }
        func moments(_ counts: [Int]) -> (mean: Double, deviation: Double) {
            let total = Double(max(counts.reduce(0, +), 1))
            let mean = counts.enumerated().reduce(0.0) { $0 + Double($1.offset * $1.element) } / total
            let square = counts.enumerated().reduce(0.0) { $0 + Double($1.offset * $1.offset * $1.element) } / total
            let variance = square - mean * mean
            let isConstant = counts.reduce(0) { $0 + ($1 > 0 ? 1 : 0) } < 2
            return (mean, isConstant ? 0 : max(variance, 1e-12).squareRoot())
        }
        channels = (0..<shape.channels).map { moments(Array(counts[256 * $0..<256 * ($0 + 1)])) }
        var all = [Int](repeating: 0, count: 256)
        for (index, count) in counts.enumerated() { all[index & 255] += count }
        whole = moments(all)
    }

    /// Sums of what lies above the first element of a channel, so that a large mean takes no digits from the deviation.
    private init(floats samples: Samples) {
        let shape = samples.shape, features = shape.features
        var sums = [Moment](repeating: Moment(), count: shape.channels)
        let order = (0..<features).map(samples.channel)
        var bad = 0, firstBad: Int?
        samples.elements.withBytes { bytes in
            samples.forEachRow { row in
                for feature in 0..<features {
                    let place = row * features + feature
                    let value = bytes.loadUnaligned(fromByteOffset: 4 * place, as: Float.self)
                    guard value.isFinite else {
                        bad += 1
                        if firstBad == nil { firstBad = place }
                        continue
                    }
                    sums[order[feature]].add(Double(value))
                }
            }
        }
        notFinite = bad
        firstNotFinite = firstBad
        channels = sums.map { ($0.mean, $0.deviation) }
        // The whole from its parts: mean of squares less the square of the mean.
        let total = Double(max(sums.reduce(0) { $0 + $1.count }, 1))
        let mean = sums.reduce(0.0) { $0 + Double($1.count) * $1.mean } / total
        let variance =
            sums.reduce(0.0) { sum, part in
                let away = part.mean - mean
                return sum + Double(part.count) * (part.deviation * part.deviation + away * away)
            } / total
        whole = (mean, variance.squareRoot())
    }

    private struct Moment {
        var count = 0
        private var first = 0.0
        private var sum = 0.0
        private var squares = 0.0

        mutating func add(_ value: Double) {
            if count == 0 { first = value }
            let away = value - first
            count += 1
            sum += away
            squares += away * away
        }
        var mean: Double { count == 0 ? 0 : first + sum / Double(count) }
        var deviation: Double {
            guard count > 0 else { return 0 }
            let mean = sum / Double(count)
            return max(squares / Double(count) - mean * mean, 0).squareRoot()
        }
    }
}

extension Normalization {
    /// Which inputs share a mean and a deviation.
    package enum Extent: String, Sendable, CaseIterable { case channel, all, none }

    /// A channel in which nothing varies is divided by 1: its mean is taken from it, and nothing else.
    package init(_ moments: ElementMoments, _ extent: Extent) {
        switch extent {
        case .none: self = .none
        case .all: self.init([moments.whole])
        case .channel: self.init(moments.channels)
        }
    }

    private init(_ pairs: [(mean: Double, deviation: Double)]) {
        self.init(
            means: pairs.map { Float($0.mean) },
            deviations: pairs.map { Float($0.deviation) > 0 ? Float($0.deviation) : 1 })
    }
}
