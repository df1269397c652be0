// Samples as bytes or floats, one after the other, to panels of floats, where the sample is innermost: a transpose of
// 16 × 16 at a time.

/// Where the features of a sample go in a panel, and what normalises each. All three have an entry a feature, in the order
/// in which a sample has them.
package struct FeaturePlaces {
    /// Floats from lane 0 of the panel's chunk.
    package var offsets: UnsafePointer<Int32>
    package var means: UnsafePointer<Float>
    package var deviations: UnsafePointer<Float>

    package init(
        offsets: UnsafePointer<Int32>, means: UnsafePointer<Float>, deviations: UnsafePointer<Float>
    ) {
        self.offsets = offsets
        self.means = means
        self.deviations = deviations
    }
}

/// Bytes of up to sixteen samples to sixteen lanes of a panel: lane k of feature f = (byte − mean) / deviation, 0 in lanes
/// without a sample.
/// - Parameters:
///   - samples: (count, features); `indices` says which go to the lanes.
///   - features: those to fill, of each sample.
///   - target: lane 0 of the panel's chunk.
package func fillSamples(
    bytes samples: UnsafePointer<UInt8>, featuresPerSample: Int, indices: UnsafeBufferPointer<Int32>,
    features: Range<Int>, places: FeaturePlaces, target: UnsafeMutablePointer<Float>
) {
    var held = SIMD16<Float>.zero
    for lane in 0..<min(16, indices.count) { held[lane] = 1 }
    withScratch(of: SIMD16<UInt8>.self, capacity: 32) { tiles in
        var feature = features.lowerBound
        while feature < features.upperBound {
            let count = min(16, features.upperBound &- feature)
            for row in 0..<16 {
                // Byte 4j + k of a feature is lane 4k + j, so that shifts of words give four lanes in order.
                let lane = (row & 3) &* 4 &+ row >> 2
                guard lane < indices.count else {
                    tiles[row] = .zero
                    continue
                }
                let start = samples + (Int(indices[lane]) &* featuresPerSample &+ feature)
                if count == 16 {
                    tiles[row] = UnsafeRawPointer(start).loadUnaligned(as: SIMD16<UInt8>.self)
                } else {
                    var bytes = SIMD16<UInt8>.zero
                    for index in 0..<count { bytes[index] = start[index] }
                    tiles[row] = bytes
                }
            }
            var from = 0
            for _ in 0..<4 {
                let to = 16 &- from
                for row in 0..<8 {
                    let a = tiles[from &+ row], b = tiles[from &+ row &+ 8]
                    tiles[to &+ 2 &* row] = interleaved(a.lowHalf, b.lowHalf)
                    tiles[to &+ 2 &* row &+ 1] = interleaved(a.highHalf, b.highHalf)
                }
                from = to
            }
            for index in 0..<count {
                store(
                    floats(tiles[from &+ index]), feature &+ index, places, emptyLanes: held .== 0, target)
            }
            feature &+= 16
        }
    }
}

/// The same for floats, which need not be aligned.
package func fillSamples(
    floats samples: UnsafeRawPointer, featuresPerSample: Int, indices: UnsafeBufferPointer<Int32>,
    features: Range<Int>, places: FeaturePlaces, target: UnsafeMutablePointer<Float>
) {
    var held = SIMD16<Float>.zero
    for lane in 0..<min(16, indices.count) { held[lane] = 1 }
    withScratch(of: SIMD16<Float>.self, capacity: 32) { tiles in
        var feature = features.lowerBound
        while feature < features.upperBound {
            let count = min(16, features.upperBound &- feature)
            for lane in 0..<16 {
                guard lane < indices.count else {
                    tiles[lane] = .zero
                    continue
                }
                let start = samples + 4 &* (Int(indices[lane]) &* featuresPerSample &+ feature)
                if count == 16 {
                    tiles[lane] = start.loadUnaligned(as: SIMD16<Float>.self)
                } else {
                    var values = SIMD16<Float>.zero
                    for index in 0..<count {
                        values[index] = start.loadUnaligned(fromByteOffset: 4 &* index, as: Float.self)
                    }
                    tiles[lane] = values
                }
            }
            var from = 0
            for _ in 0..<4 {
                let to = 16 &- from
                for row in 0..<8 {
                    let a = tiles[from &+ row], b = tiles[from &+ row &+ 8]
                    tiles[to &+ 2 &* row] = interleaved(a.lowHalf, b.lowHalf)
                    tiles[to &+ 2 &* row &+ 1] = interleaved(a.highHalf, b.highHalf)
                }
                from = to
            }
            for index in 0..<count {
                store(tiles[from &+ index], feature &+ index, places, emptyLanes: held .== 0, target)
            }
            feature &+= 16
        }
    }
}

@inline(__always)
private func store(
    _ values: SIMD16<Float>, _ feature: Int, _ places: FeaturePlaces, emptyLanes: SIMDMask<SIMD16<Int32>>,
    _ target: UnsafeMutablePointer<Float>
) {
    let value =
        (values - SIMD16(repeating: places.means[feature])) / SIMD16(repeating: places.deviations[feature])
    store16(value.replacing(with: 0, where: emptyLanes), target + Int(places.offsets[feature]))
}

/// a0 b0 a1 b1 …
@inline(__always)
private func interleaved(_ a: SIMD8<UInt8>, _ b: SIMD8<UInt8>) -> SIMD16<UInt8> {
    SIMD16(
        a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3], a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7])
}
@inline(__always)
private func interleaved(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD16<Float> {
    SIMD16(
        a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3], a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7])
}

/// Bytes 4j + k to floats 4k + j: a byte in the low bits of 2²³ is 2²³ + byte.
@inline(__always)
private func floats(_ bytes: SIMD16<UInt8>) -> SIMD16<Float> {
    let words = unsafeBitCast(bytes, to: SIMD4<UInt32>.self)
    let mask = SIMD4<UInt32>(repeating: 0xFF), magic = SIMD4<UInt32>(repeating: 0x4B00_0000)
    let low = SIMD8(lowHalf: (words & mask) | magic, highHalf: ((words &>> SIMD4(repeating: 8)) & mask) | magic)
    let high = SIMD8(
        lowHalf: ((words &>> SIMD4(repeating: 16)) & mask) | magic, highHalf: (words &>> SIMD4(repeating: 24)) | magic)
    return unsafeBitCast(SIMD16(lowHalf: low, highHalf: high), to: SIMD16<Float>.self)
        - SIMD16(repeating: 0x1p23)
}
