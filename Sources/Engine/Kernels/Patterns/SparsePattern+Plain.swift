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

    /// - Precondition: `map.isPlain`.
    init(plain map: WeightMap, indices: [Int], needsInputGradient: Bool) {
        let rows = Self.byRow(map, indices)
        let offsets = map.termOffsets.pointer
        let made = TiledRows.ascending(
            rows: map.rows, rowsPerBlock: map.rowsPerBlock, tiling: map.forwardTiling(nonzeros: indices.count),
            starts: rows.starts, inputs: rows.inputs
        ) { offsets[$0] }
        guard needsInputGradient else {
            self.init(map: map, forward: made.pattern, transposed: [])
            return
        }
        let channels = Self.byChannel(map, rows, canonicalOf: made.order)
        let phase = map.phases[0], step = UInt32(map.rowOffsetOfGradient), first = phase.tapOffsets[0]
        let back = TiledRows.ascending(
            rows: map.channels, rowsPerBlock: map.channelsPerStrip,
            tiling: map.gradientTiling(phase, nonzeros: indices.count), starts: channels.lists.starts,
            inputs: channels.lists.inputs
        ) { UInt32($0) * step + first }
        let positions = channels.canonical.withUnsafeBufferPointer { canonical in
            IndexBuffer(back.order.map { canonical[Int($0)] })
        }
        self.init(
            map: map, forward: made.pattern, transposed: [Transposed(rows: back.pattern, positions: positions)])
    }

    private static func byRow(_ map: WeightMap, _ indices: [Int]) -> Lists {
        let columns = map.columns
        var starts: [UInt32] = [0], base = 0
        starts.reserveCapacity(map.rows + 1)
        let inputs = [UInt32](unsafeUninitializedCapacity: indices.count) { inputs, initialized in
            for (place, index) in indices.enumerated() {
                while index >= base &+ columns {
                    starts.append(UInt32(place))
                    base &+= columns
                }
                inputs[place] = UInt32(truncatingIfNeeded: index &- base)
            }
            initialized = indices.count
        }
        while starts.count <= map.rows { starts.append(UInt32(indices.count)) }
        return Lists(starts: starts, inputs: inputs)
    }

    /// - Parameter order: the nonzeros in canonical order.
    private static func byChannel(
        _ map: WeightMap, _ rows: Lists, canonicalOf order: [UInt32]
    ) -> (lists: Lists, canonical: [UInt32]) {
        let count = order.count
        var starts = [UInt32](repeating: 0, count: map.channels + 1)
        var lists = Lists(starts: [], inputs: [UInt32](repeating: 0, count: count))
        var canonical = lists.inputs, places = lists.inputs
        rows.inputs.withUnsafeBufferPointer { inputs in
            order.withUnsafeBufferPointer { order in
                places.withUnsafeMutableBufferPointer { places in
                    for position in 0..<count { places[Int(order[position])] = UInt32(truncatingIfNeeded: position) }
                }
            }
            starts.withUnsafeMutableBufferPointer { starts in
                for input in inputs { starts[Int(input) &+ 1] &+= 1 }
                for channel in 0..<map.channels { starts[channel &+ 1] &+= starts[channel] }
            }
            lists.starts = starts
            starts.withUnsafeMutableBufferPointer { next in
                lists.inputs.withUnsafeMutableBufferPointer { rowOf in
                    canonical.withUnsafeMutableBufferPointer { canonical in
                        for row in 0..<map.rows {
                            for nonzero in Int(rows.starts[row])..<Int(rows.starts[row + 1]) {
                                let channel = Int(inputs[nonzero]), place = Int(next[channel])
                                next[channel] &+= 1
                                rowOf[place] = UInt32(truncatingIfNeeded: row)
                                canonical[place] = places[nonzero]
                            }
                        }
                    }
                }
            }
        }
        return (lists, canonical)
    }
}
