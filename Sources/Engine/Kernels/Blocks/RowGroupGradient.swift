// Weight gradient of groups of rows: eight chains side by side, of 4 rows × 2 columns, 2 × 4 or 1 × 8. Each load of dy serves
// all columns, each load of x all rows.

/// The gradient of every weight of some blocks of rows, in the groups' order; overwritten.
/// - Parameter gradientRowFloats: floats from one row of dy to the next.
func groupedDots(
    _ groups: RowGroups, gradient: UnsafeMutablePointer<Float>, sweep: Sweep, panels: Int, blocks: Range<Int>,
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientRowFloats: Int
) {
    sweep.withAllGroups(panels: panels) { walk in
        withScratch(of: Float.self, capacity: 8 * 16) { chains in
            withScratch(of: Float.self, capacity: 8) { sums in
                for tile in 0..<groups.tiles {
                    for entry in groups.entries(tile: tile, blocks: blocks) {
                        let columns = 8 / entry.rowCount
                        var column = 0
                        while column < entry.count {
                            let held = min(columns, entry.count - column)
                            let tile = Tile8(
                                rows: groups.rows.pointer + entry.firstRow, rowCount: entry.rowCount,
                                offsets: groups.offsets.pointer + (entry.list + column), held: held, x: input,
                                dy: outputGradient, rowFloats: gradientRowFloats)
                            switch entry.rowCount {
                            case 4: dots(FourByTwo.self, tile, sweep, walk, chains.baseAddress!)
                            case 2: dots(TwoByFour.self, tile, sweep, walk, chains.baseAddress!)
                            default: dots(OneByEight.self, tile, sweep, walk, chains.baseAddress!)
                            }
                            let place = gradient + (entry.firstValue + column * entry.rowCount)
                            if held == columns {
                                treeSums(chains.baseAddress!, to: place)
                            } else {
                                treeSums(chains.baseAddress!, to: sums.baseAddress!)
                                for index in 0..<held * entry.rowCount { place[index] = sums[index] }
                            }
                            column += columns
                        }
                    }
                }
            }
        }
    }
}

/// The gradients of rows with as many weights each; overwritten.
/// - Parameters:
///   - gradient: (rows, perRow).
///   - numbers: of the weights of a row, those that are wanted.
///   - offsetsOf: writes the offsets of their inputs.
func dotsOfRows(
    _ gradient: UnsafeMutablePointer<Float>, rows: Range<Int>, perRow: Int, numbers: Range<Int>, sweep: Sweep,
    panels: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, gradientRowFloats: Int,
    offsetsOf: (_ row: Int, _ offsets: UnsafeMutablePointer<UInt32>) -> Void
) {
    sweep.withAllGroups(panels: panels) { walk in
        withScratch(of: Float.self, capacity: 8 * 16) { chains in
            withScratch(of: Float.self, capacity: 8) { sums in
                withScratch(of: UInt32.self, capacity: max(1, numbers.count)) { offsets in
                    for row in rows {
                        offsetsOf(row, offsets.baseAddress!)
                        var number = 0
                        while number < numbers.count {
                            let held = min(8, numbers.count &- number)
                            let tile = Tile8(
                                offsets: offsets.baseAddress! + number, held: held, x: input,
                                dy: outputGradient + row &* gradientRowFloats)
                            dots(OneByEight.self, tile, sweep, walk, chains.baseAddress!)
                            let place = gradient + (row &* perRow &+ numbers.lowerBound &+ number)
                            if held == 8 {
                                treeSums(chains.baseAddress!, to: place)
                            } else {
                                treeSums(chains.baseAddress!, to: sums.baseAddress!)
                                for index in 0..<held { place[index] = sums[index] }
                            }
                            number &+= 8
                        }
                    }
                }
            }
        }
    }
}
