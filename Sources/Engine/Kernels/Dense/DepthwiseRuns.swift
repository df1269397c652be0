// Convolutions whose groups read one channel each: a sum has the taps of one window, or a few, so what counts is the way of x.
// Channel by channel, a plane of x comes to the first-level cache once and serves all its points there; a group by group walk
// over all channels reads each row of an image three times from the second level.
//
// In registers: the sums of up to seven points, with AVX-512 sixteen. The bound is a load for each multiply-add of 16 floats,
// beside the tap's weight and its offset; both units of an AVX2 processor are then at work.

/// The weights of one sum: those of row k of the kernel are `starts[k]` ..< `starts[k + 1]`.
struct PlaneTerms {
    let weights: UnsafePointer<Float>
    /// In chunks of 16 floats.
    let offsets: UnsafePointer<UInt32>
    let starts: UnsafePointer<UInt32>
}

/// Writes sums over the points of one plane: y = start + Σ over terms, ascending: weight · x at the term's offset.
struct DepthwiseRuns {
    let sweep: Sweep
    let groups: UnsafeBufferPointer<ChunkGroup>
    /// What becomes of the sums, and the first float of y of all units.
    var tail: (tail: ForwardTail, output: UnsafeMutablePointer<Float>)?

    /// - Parameters:
    ///   - row: of the tail.
    ///   - start: nil: what y holds.
    ///   - x, y: of the unit, the plane's first float.
    @inline(__always)
    func run(
        _ row: Int, _ start: Float?, _ terms: PlaneTerms, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
    ) {
        let from = AnyDistances(next: sweep.inputStride, high: sweep.inputHigh)
        let to = AnyDistances(next: sweep.outputStride, high: sweep.outputHigh)
        if to.areAdjacent, from.areAdjacent {
            run(row, start, terms, x, y, Adjacent(), Adjacent())
        } else if to.areAdjacent, from.areEverySecond {
            run(row, start, terms, x, y, EverySecond(), Adjacent())
        } else {
            run(row, start, terms, x, y, from, to)
        }
    }

    @inline(__always)
    private func run(
        _ row: Int, _ start: Float?, _ terms: PlaneTerms, _ x: UnsafePointer<Float>,
        _ y: UnsafeMutablePointer<Float>, _ from: some Distances, _ to: some Distances
    ) {
        var first = 0
        while first < groups.count {
            let chunks = groups[first].chunks
            var end = first &+ 1
            while end < groups.count, groups[end].chunks == chunks { end &+= 1 }
            let some = first..<end
            first = end
            switch chunks {
            case 1: pieces(Sums1.self, some, row, start, terms, x, y, from, to)
            case 2: pieces(Sums2.self, some, row, start, terms, x, y, from, to)
            case 3: pieces(Sums3.self, some, row, start, terms, x, y, from, to)
            case 5: pieces(Sums5.self, some, row, start, terms, x, y, from, to)
            case 6: pieces(Sums6.self, some, row, start, terms, x, y, from, to)
            case 7: pieces(Sums7.self, some, row, start, terms, x, y, from, to)
            #if ESPALIER_AVX512
                case 8: pieces(Sums8.self, some, row, start, terms, x, y, from, to)
                case 9: pieces(Sums9.self, some, row, start, terms, x, y, from, to)
                case 10: pieces(Sums10.self, some, row, start, terms, x, y, from, to)
                case 11: pieces(Sums11.self, some, row, start, terms, x, y, from, to)
                case 12: pieces(Sums12.self, some, row, start, terms, x, y, from, to)
                case 13: pieces(Sums13.self, some, row, start, terms, x, y, from, to)
                case 14: pieces(Sums14.self, some, row, start, terms, x, y, from, to)
                case 15: pieces(Sums15.self, some, row, start, terms, x, y, from, to)
                case 16: pieces(Sums16.self, some, row, start, terms, x, y, from, to)
            #endif
            default: pieces(Sums4.self, some, row, start, terms, x, y, from, to)
            }
        }
    }

    /// Groups of as many chunks as the sums have.
    @inline(never)
    private func pieces<S: Sums>(
        _ sums: S.Type, _ some: Range<Int>, _ row: Int, _ start: Float?, _ terms: PlaneTerms,
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ from: some Distances, _ to: some Distances
    ) {
        let offsets = terms.offsets, weights = terms.weights
        for number in some {
            let group = groups[number]
            let x = x + group.input
            let line = y + group.output
            var sums = S(start, line, to)
            var term = Int(terms.starts[group.kernelRows.lowerBound])
            let end = Int(terms.starts[group.kernelRows.upperBound])
            while term < end {
                sums.add(SIMD16(repeating: weights[term]), x + Int(offsets[term]) &* 16, from)
                term &+= 1
            }
            if let (tail, output) = tail {
                if let added = tail.added(at: line - output) {
                    sums.finish(line, tail[row], adding: added, to)
                } else {
                    sums.finish(line, tail[row], to)
                }
            } else {
                sums.store(line, to)
            }
        }
    }
}
