import Foundation
import Kernels

/// A mask in which each unit reads, or is read by, units near it: a bipartite receptive field.
///
/// The units of a layer's smaller side lie evenly on the ring of its larger side. Each has the same number of weights (they differ by
/// one at most), drawn without replacement with probabilities ∝ (1 + d)^−α, where d is the distance on the ring and α = (1 − r) / r:
/// with r = 0 the nearest alone, with r = 1 all alike.
///
/// Reference: Zhang et al. 2025, arXiv:2501.19107
package enum ReceptiveField {
    /// Ascending row-major positions, `count` of them: a function of the arguments alone.
    ///
    /// - Parameter spread: r, from 0 to 1.
    /// - Precondition: 0 ≤ count ≤ rows × columns.
    /// - Complexity: O(rows · columns · log(larger side))
    package static func positions(
        rows: Int, columns: Int, count: Int, spread: Double, seed: UInt64, layer: Int
    ) -> [Int] {
        precondition(count >= 0 && count <= rows * columns)
        let isByRow = rows <= columns
        let (units, places) = isByRow ? (rows, columns) : (columns, rows)
        let random = CounterRandom(seed: seed, purpose: .mask)
        var positions: [Int] = []
        positions.reserveCapacity(count)
        for unit in 0..<units {
            let centre = unit * places / units
            let held = RandomMask.count(ofRow: unit, rows: units, count: count)
            // The smallest times of a race: sampling without replacement by these rates.
            let times = (0..<places).map { place in
                let apart = abs(place - centre)
                return time(min(apart, places - apart), spread) { random.bits(layer, unit, place) }
            }
            let order = (0..<places).sorted { (times[$0], $0) < (times[$1], $1) }
            positions += order.prefix(held).map { isByRow ? unit * columns + $0 : $0 * columns + unit }
        }
        return positions.sorted()
    }

    /// The logarithm of an exponential time with rate (1 + distance)^−α; with r = 0 the distance itself.
    private static func time(_ distance: Int, _ spread: Double, _ bits: () -> UInt64) -> Double {
        guard spread > 0 else { return Double(distance) }
        let uniform = (Double(bits() >> 12) + 0.5) * 0x1p-52
        return log(-log(uniform)) + (1 - spread) / spread * log(1 + Double(distance))
    }
}
