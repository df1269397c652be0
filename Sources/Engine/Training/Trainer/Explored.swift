import Foundation
import Graph
import Sparsity

/// Places of a layer that had a weight once and have none now. With the weights that are there they are what a method that exchanges
/// weights has explored: Rs of in-time over-parameterisation.
///
/// In a checkpoint it is text: the distances of the places, seven bits a byte, the low ones first.
///
/// Reference: Liu et al. 2021, arXiv:2102.02887
package struct Explored: Sendable {
    /// Ascending, where bits would take more memory than the weights.
    private var list: [Int] = []
    /// One a place.
    private var bits: [UInt64] = []
    package private(set) var count = 0

    /// Places of all layers that are kept at most; with more nothing is counted, for that would take more memory than the weights.
    static let most = 1 << 24

    package init() {}

    /// Ascending.
    package var places: [Int] {
        if bits.isEmpty { return list }
        var places: [Int] = []
        places.reserveCapacity(count)
        for (word, bits) in bits.enumerated() {
            var left = bits
            while left != 0 {
                places.append(word << 6 | left.trailingZeroBitCount)
                left &= left - 1
            }
        }
        return places
    }

    /// - Parameters:
    ///   - drop: ascending positions that had a weight.
    ///   - grow: ascending positions that have one from now on.
    ///   - total: places of the layer, of which `nnz` have a weight.
    /// - Complexity: O(drop + grow), or where bits would take too much memory O(places + drop + grow).
    package mutating func change(drop: [Int], grow: [Int], total: Int, nnz: Int) {
        let words = (total + 63) / 64
        if bits.isEmpty, words <= max(1 << 13, nnz) {
            bits = [UInt64](repeating: 0, count: words)
            for place in list { bits[place >> 6] |= 1 << UInt64(place & 63) }
            list = []
        }
        guard !bits.isEmpty else {
            changeList(drop: drop, grow: grow)
            count = list.count
            return
        }
        var change = drop.count
        bits.withUnsafeMutableBufferPointer { bits in
            for place in drop { bits[place >> 6] |= 1 << UInt64(place & 63) }
            for place in grow {
                let bit = UInt64(1) << UInt64(place & 63)
                change -= bits[place >> 6] & bit == 0 ? 0 : 1
                bits[place >> 6] &= ~bit
            }
        }
        count += change
    }

    private mutating func changeList(drop: [Int], grow: [Int]) {
        let old = list
        list = [Int](unsafeUninitializedCapacity: old.count + drop.count) { new, count in
            var gone = 0, come = 0
            func take(_ position: Int) {
                while come < grow.count, grow[come] < position { come += 1 }
                if come < grow.count, grow[come] == position { return }
                new.initializeElement(at: count, to: position)
                count += 1
            }
            for position in old {
                while gone < drop.count, drop[gone] < position {
                    take(drop[gone])
                    gone += 1
                }
                take(position)
            }
            for position in drop[gone...] { take(position) }
        }
    }
}

extension Explored: Equatable {
    package static func == (one: Explored, other: Explored) -> Bool { one.places == other.places }
}

extension Explored: Codable {
    package func encode(to encoder: any Encoder) throws {
        var bytes: [UInt8] = [], last = 0
        for position in places {
            var distance = position - last
            while distance > 127 {
                bytes.append(UInt8(distance & 127) | 128)
                distance >>= 7
            }
            bytes.append(UInt8(distance))
            last = position
        }
        var container = encoder.singleValueContainer()
        try container.encode(Data(bytes).base64EncodedString())
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = Data(base64Encoded: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "places are no base64")
        }
        var last = 0, distance = 0, shift = 0
        for byte in bytes {
            guard shift < 56 else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "a place is too far")
            }
            distance |= Int(byte & 127) << shift
            shift += 7
            if byte > 127 { continue }
            let (next, isTooLarge) = last.addingReportingOverflow(distance)
            // Places ascend; the first may be the layer's first.
            guard !isTooLarge, distance > 0 || list.isEmpty else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "places do not ascend")
            }
            list.append(next)
            (last, distance, shift) = (next, 0, 0)
        }
        guard shift == 0 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "the last place is cut off")
        }
        count = list.count
    }
}

extension Trainer {
    /// Share of all places that have or had a weight; nil where the method does not exchange weights, or there are too many.
    package var exploredShare: Double? {
        progress.explored.map { explored in
            Double(nnz + explored.values.reduce(0) { $0 + $1.count }) / Double(max(1, total))
        }
    }

    func explore(_ change: MaskChange) {
        guard progress.explored != nil else { return }
        let layer = network.layers[change.layer]
        progress.explored![layer.name, default: Explored()].change(
            drop: change.drop, grow: change.grow.map(\.position), total: layer.map.weights, nnz: layer.nnz)
        if progress.explored!.values.reduce(0, { $0 + $1.count }) > Explored.most { progress.explored = nil }
    }
}
