// What augmentation does to the points of samples in a panel. A sample is a lane, so neighbours in memory belong to samples that
// move differently: points are read one by one.

/// Moves the points of one channel of up to sixteen samples: what comes to (y, x) is what lay at (rows[y], columns[x]).
///
/// - Parameters:
///   - plane: (0, 0) of the channel, lane 0 of the sixteen.
///   - rows: (sample, height): −1 where nothing lay.
///   - columns: (sample, width), likewise.
///   - outside: what comes where nothing lay.
package func movePoints(
    _ plane: UnsafeMutablePointer<Float>, _ layout: ImageLayout, samples: Int, rows: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, outside: Float
) {
    let height = layout.height, width = layout.width, lanes = layout.lanes, pitch = layout.pitch
    withScratch(of: Float.self, capacity: 16 &* height &* width) { held in
        let copy = held.baseAddress!
        for y in 0..<height {
            for x in 0..<width {
                store16(load16(plane + (y &* pitch &+ x) &* lanes), copy + 16 &* (y &* width &+ x))
            }
        }
        for sample in 0..<samples {
            let rows = rows + sample &* height, columns = columns + sample &* width
            for y in 0..<height {
                let target = plane + (y &* pitch &* lanes &+ sample)
                let row = Int(rows[y])
                guard row >= 0 else {
                    for x in 0..<width { target[x &* lanes] = outside }
                    continue
                }
                let source = copy + (16 &* row &* width &+ sample)
                for x in 0..<width {
                    let column = Int(columns[x])
                    target[x &* lanes] = column < 0 ? outside : source[16 &* column]
                }
            }
        }
    }
}

/// Adds noise to the points of one channel of up to sixteen samples: four uniform numbers of 16 bits, summed, whose mean is 0 and
/// whose deviation is `deviation`: near to a normal distribution and at most 3.5 deviations off.
///
/// - Parameters:
///   - random: one a sample; point (channel, y, x) draws number (channel · height + y) · width + x.
///   - deviation: 0 and above.
package func addNoise(
    _ plane: UnsafeMutablePointer<Float>, _ layout: ImageLayout, channel: Int,
    random: UnsafeBufferPointer<CounterRandom>, deviation: Float
) {
    // A uniform number of 0 ..< 2¹⁶ has the variance (2³² − 1) / 12; four of them have 2³² / 3, a deviation of 2¹⁶ / √3.
    let scale = deviation * 0x1p-16 * 1.7320508
    for (sample, random) in random.enumerated() {
        for y in 0..<layout.height {
            let target = plane + (y &* layout.pitch &* layout.lanes &+ sample)
            let first = (channel &* layout.height &+ y) &* layout.width
            for x in 0..<layout.width {
                let bits = random.word(first &+ x)
                let sum = (bits & 0xFFFF) &+ (bits >> 16 & 0xFFFF) &+ (bits >> 32 & 0xFFFF) &+ bits >> 48
                target[x &* layout.lanes] += Float(Int32(truncatingIfNeeded: sum) &- 131_070) * scale
            }
        }
    }
}
