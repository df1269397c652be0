/// Keeps the largest values of each column, the others become zero. Of equal ones the earliest stay; what is no number stays before
/// all others, so that it is seen.
package struct LargestColumns: Sendable {
    private let x: Columns
    private let y: Columns
    /// Values that stay in a column.
    private let kept: Int

    package init(x: Columns, y: Columns, kept: Int) {
        (self.x, self.y, self.kept) = (x, y, kept)
    }

    package var count: Int { x.count }
    /// Samples side by side.
    package var lanes: Int { x.lanes }

    /// Of each lane: two for each column.
    package var rememberedFloats: Int { 2 * x.count }

    /// Some samples of some columns.
    /// - Parameter remembered: takes the bits of the smallest key that stays and of the last place of it, for the way back.
    package func forward(
        columns: Range<Int>, samples: Range<Int>, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>,
        remembered: UnsafeMutablePointer<Float>?
    ) {
        let length = self.x.length
        withScratch(of: UInt32.self, capacity: length + 256) { scratch in
            let keys = UnsafeMutableBufferPointer(rebasing: scratch[..<length])
            let counts = UnsafeMutableBufferPointer(rebasing: scratch[length...])
            self.x.withTables { xColumns, xPoints in
                self.y.withTables { yColumns, yPoints in
                    for column in columns {
                        for lane in samples {
                            let from = x + Int(xColumns[column]) + lane, to = y + Int(yColumns[column]) + lane
                            for point in 0..<length { keys[point] = Self.key(from[Int(xPoints[point])]) }
                            var (least, ties) = Self.smallest(keys, counts, kept: kept)
                            var last: UInt32 = 0
                            for point in 0..<length {
                                var stays = keys[point] > least
                                if keys[point] == least, ties > 0 {
                                    ties -= 1
                                    last = UInt32(point)
                                    stays = true
                                }
                                to[Int(yPoints[point])] = stays ? from[Int(xPoints[point])] : 0
                            }
                            guard let remembered else { continue }
                            remembered[2 * column * lanes + lane] = Float(bitPattern: least)
                            remembered[(2 * column + 1) * lanes + lane] = Float(bitPattern: last)
                        }
                    }
                }
            }
        }
    }

    /// dx = dy where a value stayed, else 0; or added to dx.
    /// - Parameters:
    ///   - x: as it was on the way forward.
    ///   - dyTable, dxTable: where the gradients lie.
    package func backward(
        columns: Range<Int>, samples: Range<Int>, x: UnsafePointer<Float>, dy: UnsafePointer<Float>, _ dyTable: Columns,
        to dx: UnsafeMutablePointer<Float>, _ dxTable: Columns, adds: Bool, remembered: UnsafePointer<Float>
    ) {
        let length = self.x.length
        self.x.withTables { xColumns, xPoints in
            dyTable.withTables { dyColumns, dyPoints in
                dxTable.withTables { dxColumns, dxPoints in
                    for column in columns {
                        for lane in samples {
                            let from = x + Int(xColumns[column]) + lane, given = dy + Int(dyColumns[column]) + lane
                            let to = dx + Int(dxColumns[column]) + lane
                            let least = remembered[2 * column * lanes + lane].bitPattern
                            let last = remembered[(2 * column + 1) * lanes + lane].bitPattern
                            for point in 0..<length {
                                let key = Self.key(from[Int(xPoints[point])])
                                let stays = key > least || key == least && UInt32(point) <= last
                                let slope = stays ? given[Int(dyPoints[point])] : 0
                                let place = Int(dxPoints[point])
                                to[place] = adds ? to[place] + slope : slope
                            }
                        }
                    }
                }
            }
        }
    }

    /// A whole number that rises with the value. Both zeros are one; what is no number is above all.
    @inline(__always)
    static func key(_ value: Float) -> UInt32 {
        if value != value { return .max }
        let bits = (value + 0).bitPattern
        return bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    }

    /// The smallest of so many largest keys, and how often it is among them: by one byte after the other, from the highest.
    /// - Parameter counts: room for 256.
    private static func smallest(
        _ keys: UnsafeMutableBufferPointer<UInt32>, _ counts: UnsafeMutableBufferPointer<UInt32>, kept: Int
    ) -> (key: UInt32, ties: Int) {
        var known: UInt32 = 0, mask: UInt32 = 0, left = kept
        for shift in [24, 16, 8, 0] as [UInt32] {
            counts.update(repeating: 0)
            for key in keys where key & mask == known { counts[Int(key >> shift & 0xFF)] += 1 }
            var digit = 255
            while Int(counts[digit]) < left {
                left -= Int(counts[digit])
                digit -= 1
            }
            known |= UInt32(digit) << shift
            mask |= 0xFF << shift
        }
        return (known, left)
    }
}
