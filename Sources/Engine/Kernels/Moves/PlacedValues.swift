/// The same values for all samples, each to its point.
/// - Parameters:
///   - values: by point.
///   - offsets: of the points, in floats.
package func placeValues(
    _ values: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, offsets: [Int32], lanes: Int
) {
    offsets.withUnsafeBufferPointer { offsets in
        for point in 0..<offsets.count { fillLanes(y + Int(offsets[point]), values[point], lanes) }
    }
}

/// All lanes of a point. Of one image this is a store: a call to fill memory takes longer.
@inline(__always)
func fillLanes(_ point: UnsafeMutablePointer<Float>, _ value: Float, _ lanes: Int) {
    if lanes == 1 {
        point[0] = value
        return
    }
    for lane in stride(from: 0, to: lanes, by: 16) { store16(Sixteen(repeating: value), point + lane) }
}
