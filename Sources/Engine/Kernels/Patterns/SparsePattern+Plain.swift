// A layer of plain terms has its patterns made in few passes: a method that exchanges weights makes them anew every hundred steps.
extension WeightMap {
    /// Whether channels read rows of dy as plainly as rows read channels of x.
    var isPlain: Bool { hasPlainTerms && phases.count == 1 && phases[0].taps == [0] }
}

extension SparsePattern {
    /// Nonzeros by row or by channel: where those of each begin, and what they read.
    private struct Lists {
        var starts: [UInt32]
        var inputs: [UInt32]
    }

    /// Nonzeros of a thread at least.
    private static let leastShare = 4096

    /// - Precondition: `map.isPlain`.
    init(plain map: WeightMap, indices: [Int], needsInputGradient: Bool, team: Team? = nil) {
        let rows = Self.byRow(map, indices, team)
        let offsets = map.termOffsets.pointer
        let made = TiledRows.ascending(
            rows: map.rows, rowsPerBlock: map.rowsPerBlock, tiling: map.forwardTiling(nonzeros: indices.count),
            starts: rows.starts, inputs: rows.inputs, team: team
        ) { offsets[$0] }
        guard needsInputGradient else {
            self.init(map: map, forward: made.pattern, transposed: [])
            return
        }
        let channels = Self.byChannel(map, rows, canonicalOf: made.order, team)
        let phase = map.phases[0], step = UInt32(map.rowOffsetOfGradient), first = phase.tapOffsets[0]
        let back = TiledRows.ascending(
            rows: map.channels, rowsPerBlock: map.channelsPerStrip,
            tiling: map.gradientTiling(phase, nonzeros: indices.count), starts: channels.lists.starts,
            inputs: channels.lists.inputs, team: team
        ) { UInt32($0) * step + first }
        let positions = IndexBuffer(count: back.order.count) { positions in
            channels.canonical.withUnsafeBufferPointer { canonical in
                back.order.withUnsafeBufferPointer { order in
                    share(order.count, atLeast: Self.leastShare, among: team) { places in
                        for place in places { positions[place] = canonical[Int(order[place])] }
                    }
                }
            }
        }
        self.init(
            map: map, forward: made.pattern, transposed: [Transposed(rows: back.pattern, positions: positions)])
    }

    private static func byRow(_ map: WeightMap, _ indices: [Int], _ team: Team?) -> Lists {
        let columns = map.columns
        var lists = Lists(starts: [], inputs: [])
        lists.starts = [UInt32](unsafeUninitializedCapacity: map.rows + 1) { starts, initialized in
            let starts = starts.baseAddress!
            lists.inputs = [UInt32](unsafeUninitializedCapacity: max(1, indices.count)) { inputs, initialized in
                let inputs = inputs.baseAddress!
                let least = max(1, map.rows * leastShare / max(1, indices.count))
                indices.withUnsafeBufferPointer { list in
                    share(map.rows, atLeast: least, among: team) { rows in
                        var place = list.place(notBelow: rows.lowerBound &* columns, in: 0..<list.count)
                        for row in rows {
                            starts[row] = UInt32(truncatingIfNeeded: place)
                            let base = row &* columns, end = base &+ columns
                            while place < list.count, list[place] < end {
                                inputs[place] = UInt32(truncatingIfNeeded: list[place] &- base)
                                place &+= 1
                            }
                        }
                    }
                }
                initialized = indices.count
            }
            starts[map.rows] = UInt32(indices.count)
            initialized = map.rows + 1
        }
        return lists
    }

    /// - Parameter order: the nonzeros in canonical order.
    private static func byChannel(
        _ map: WeightMap, _ rows: Lists, canonicalOf order: [UInt32], _ team: Team?
    ) -> (lists: Lists, canonical: [UInt32]) {
        let count = order.count
        var lists = Lists(starts: [], inputs: []), canonical: [UInt32] = []
        lists.starts = [UInt32](unsafeUninitializedCapacity: map.channels + 1) { starts, initialized in
            lists.inputs = [UInt32](unsafeUninitializedCapacity: max(1, count)) { rowOf, initialized in
                canonical = [UInt32](unsafeUninitializedCapacity: max(1, count)) { canonical, initialized in
                    let places = [UInt32](unsafeUninitializedCapacity: max(1, count)) { places, initialized in
                        let places = places.baseAddress!
                        order.withUnsafeBufferPointer { order in
                            share(count, atLeast: leastShare, among: team) {
                                for position in $0 {
                                    places[Int(order[position])] = UInt32(truncatingIfNeeded: position)
                                }
                            }
                        }
                        initialized = count
                    }
                    let filled = Columns(
                        starts: starts.baseAddress!, rowOf: rowOf.baseAddress!, canonical: canonical.baseAddress!)
                    let least = max(1, map.channels * leastShare / max(1, count))
                    rows.starts.withUnsafeBufferPointer { starts in
                        rows.inputs.withUnsafeBufferPointer { inputs in
                            places.withUnsafeBufferPointer { places in
                                share(map.channels, atLeast: least, among: team) {
                                    filled.fill($0, starts, inputs, places)
                                }
                            }
                        }
                    }
                    initialized = count
                }
                initialized = count
            }
            starts[map.channels] = UInt32(count)
            initialized = map.channels + 1
        }
        return (lists, canonical)
    }

    /// What is made of nonzeros by channel.
    private struct Columns {
        let starts: UnsafeMutablePointer<UInt32>
        let rowOf: UnsafeMutablePointer<UInt32>
        let canonical: UnsafeMutablePointer<UInt32>

        /// Of some channels. In a row inputs ascend, so theirs follow one another.
        /// - Parameters:
        ///   - rowStarts: where each row begins among the inputs, and their count.
        ///   - places: of each nonzero.
        func fill(
            _ channels: Range<Int>, _ rowStarts: UnsafeBufferPointer<UInt32>, _ inputs: UnsafeBufferPointer<UInt32>,
            _ places: UnsafeBufferPointer<UInt32>
        ) {
            let rows = rowStarts.count - 1
            withScratch(of: UInt32.self, capacity: 2 * rows) { bounds in
                // Before the channels lie as many nonzeros as before theirs in all rows.
                var before = 0
                for channel in channels { starts[channel] = 0 }
                for row in 0..<rows {
                    let start = Int(rowStarts[row]), end = Int(rowStarts[row + 1])
                    let first = inputs.place(notBelow: UInt32(channels.lowerBound), in: start..<end)
                    let last = inputs.place(notBelow: UInt32(channels.upperBound), in: first..<end)
                    before &+= first &- start
                    bounds[2 &* row] = UInt32(truncatingIfNeeded: first)
                    bounds[2 &* row &+ 1] = UInt32(truncatingIfNeeded: last)
                    for nonzero in first..<last { starts[Int(inputs[nonzero])] &+= 1 }
                }
                withScratch(of: UInt32.self, capacity: channels.count) { next in
                    for channel in channels {
                        let own = starts[channel]
                        starts[channel] = UInt32(truncatingIfNeeded: before)
                        next[channel &- channels.lowerBound] = starts[channel]
                        before &+= Int(own)
                    }
                    for row in 0..<rows {
                        for nonzero in Int(bounds[2 &* row])..<Int(bounds[2 &* row &+ 1]) {
                            let channel = Int(inputs[nonzero]) &- channels.lowerBound, place = Int(next[channel])
                            next[channel] &+= 1
                            rowOf[place] = UInt32(truncatingIfNeeded: row)
                            canonical[place] = places[nonzero]
                        }
                    }
                }
            }
        }
    }
}

extension UnsafeBufferPointer where Element: Comparable {
    /// The first place of a range, ascending in it, with a number not below another.
    @inline(__always)
    fileprivate func place(notBelow limit: Element, in range: Range<Int>) -> Int {
        var low = range.lowerBound, high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
