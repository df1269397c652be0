// The proximal step of a group lasso, in Double as its formula is written.

/// A sum, and the squares of some weights added to it in their order.
package func sumOfSquares(
    of places: [UInt32], _ range: Range<Int>, _ values: UnsafePointer<Float>, from start: Double
) -> Double {
    places.withUnsafeBufferPointer { places in
        var sum = start
        for number in range {
            let value = Double(values[Int(places[number])])
            sum += value * value
        }
        return sum
    }
}

/// w · max(0, 1 − amount / |w|): of groups of one weight.
package func shrinkMagnitudes(_ values: UnsafeMutablePointer<Float>, count: Int, amount: Double) {
    for place in 0..<count {
        let value = values[place], norm = Double(value.magnitude)
        let scale = Float(1 - amount / norm)
        values[place] = value * (norm > amount ? scale : 0)
    }
}

/// Each weight times what its group is scaled by.
/// - Parameters:
///   - scales: of no group, then of each.
///   - groups: of each weight; -1: none.
package func scale(_ values: UnsafeMutablePointer<Float>, by scales: [Float], of groups: ArraySlice<Int32>) {
    scales.withUnsafeBufferPointer { scales in
        groups.withUnsafeBufferPointer { groups in
            for place in 0..<groups.count { values[place] *= scales[Int(groups[place] &+ 1)] }
        }
    }
}
