// dW and db of convolutions whose groups read one channel each. A plane of x and one of dy stay in the first-level cache while
// the chains of the taps run over them. All nine taps of the usual kernel share each load of dy, and db is a tenth chain that
// needs none: ten loads for ten multiply-adds. Others go eight at a time, as those of a linear layer, and what is left of some
// rows four at a time, for one chain alone would wait for itself.

/// dW (nnz) and db (rows) of some rows, all panels; overwritten.
/// - Parameters:
///   - starts: the nonzeros of row r are `starts[r]` ..< `starts[r + 1]`.
///   - offsets: of nonzeros, from the first point that their row's tap (0, 0) reads, in chunks.
func depthwiseWeightGradient(
    _ gradient: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, map: WeightMap, panels: Int,
    rows: Range<Int>, starts: (_ row: Int) -> Int, offsets: UnsafePointer<UInt32>, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>
) {
    let sweep = map.positions
    let planeFloats = map.input.plane * map.input.lanes, rowFloats = map.outputGradientRowFloats
    let mayBeNine = map.window.height == 3 && map.window.width == 3
    if !mayBeNine || starts(rows.upperBound) - starts(rows.lowerBound) < 9 * rows.count {
        rowSums(
            bias, sweep: sweep, panels: panels, rows: rows, outputGradient: outputGradient, gradientRowFloats: rowFloats
        )
    }
    sweep.withAllGroups(panels: panels) { groups in
        withScratch(of: Float.self, capacity: 16 * 16 + 16) { scratch in
            let chains = scratch.baseAddress!
            let sums = chains + 256
            var left = Leftovers()
            func finishFour() {
                let held = left.count
                guard held > 0 else { return }
                let four = Tile8(x: input) {
                    left.offset[min($0, held &- 1)]
                } row: {
                    outputGradient + left.row[min($0, held &- 1)] &* rowFloats
                }
                dots(FourSingles.self, four, sweep, groups, chains)
                treeSums(chains, to: sums)
                for index in 0..<held { gradient[left.nonzero[index]] = sums[index] }
                left.count = 0
            }
            for row in rows {
                let plane = map.firstChannel(ofRow: row) &* planeFloats
                let x = input + plane, dy = outputGradient + row &* rowFloats
                var nonzero = starts(row)
                let end = starts(row &+ 1)
                if mayBeNine, end &- nonzero == 9 {
                    NineTaps(x: x, dy: dy, offsets: offsets + nonzero).run(sweep, groups, chains)
                    treeSums(chains, to: gradient + nonzero)
                    treeSums(chains + 128, to: sums)
                    gradient[nonzero &+ 8] = sums[0]
                    bias[row] = sums[1]
                    continue
                }
                while end &- nonzero > 4 {
                    let held = min(8, end &- nonzero)
                    let tile = Tile8(offsets: offsets + nonzero, held: held, x: x, dy: dy)
                    dots(OneByEight.self, tile, sweep, groups, chains)
                    treeSums(chains, to: sums)
                    for index in 0..<held { gradient[nonzero &+ index] = sums[index] }
                    nonzero &+= held
                }
                while nonzero < end {
                    left.add(nonzero, offsets[nonzero] &+ UInt32(plane / 16), row)
                    nonzero &+= 1
                    if left.count == 4 { finishFour() }
                }
            }
            finishFour()
        }
    }
}

/// Up to four nonzeros of whatever rows.
private struct Leftovers {
    var count = 0
    var nonzero = SIMD4<Int>()
    var offset = SIMD4<UInt32>()
    var row = SIMD4<Int>()

    mutating func add(_ number: Int, _ offset: UInt32, _ row: Int) {
        nonzero[count] = number
        self.offset[count] = offset
        self.row[count] = row
        count += 1
    }
}

/// The nine chains of a kernel of 3 × 3 and that of the bias.
private struct NineTaps {
    let dy: UnsafePointer<Float>
    /// The first tap of each row of the kernel.
    let x0, x1, x2: UnsafePointer<Float>
    /// Floats from a tap to the next.
    let step: Int

    @inline(__always)
    init(x: UnsafePointer<Float>, dy: UnsafePointer<Float>, offsets: UnsafePointer<UInt32>) {
        self.dy = dy
        x0 = x + Int(offsets[0]) &* 16
        x1 = x + Int(offsets[3]) &* 16
        x2 = x + Int(offsets[6]) &* 16
        step = Int(offsets[1] &- offsets[0]) &* 16
    }

    /// Sixteen lanes a chain: the taps in their order, then the bias.
    @inline(__always)
    func run(_ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>, _ chains: UnsafeMutablePointer<Float>) {
        var first = 0
        while first < groups.count {
            // Where a chain is two registers, its halves take turns over groups that stay in the first-level cache.
            let last = ChainLanes.scalarCount == 16 ? groups.count : min(groups.count, first &+ sweep.groupsPerPart)
            var lane = 0
            while lane < 16 {
                add(sweep, UnsafeBufferPointer(rebasing: groups[first..<last]), chains + lane, lane, begins: first == 0)
                lane &+= ChainLanes.scalarCount
            }
            first = last
        }
    }

    @inline(never)
    private func add(
        _ sweep: Sweep, _ groups: UnsafeBufferPointer<ChunkGroup>, _ chains: UnsafeMutablePointer<Float>, _ lane: Int,
        begins: Bool
    ) {
        func begin(_ chain: Int) -> ChainLanes { begins ? .zero : loadChain(chains + chain &* 16) }
        var c0 = begin(0), c1 = begin(1), c2 = begin(2), c3 = begin(3), c4 = begin(4)
        var c5 = begin(5), c6 = begin(6), c7 = begin(7), c8 = begin(8), sum = begin(9)
        let one = ChainLanes(repeating: 1)
        let step = step, twice = 2 &* step
        let si = sweep.inputStride, so = sweep.outputStride
        for group in groups {
            let t = group.input &+ lane
            var p0 = x0 + t, p1 = x1 + t, p2 = x2 + t
            var point = dy + (group.output &+ lane)
            var left = group.chunks
            repeat {
                let d = loadChain(point)
                sum = sum.plus(one, times: d)
                c0 = c0.plus(d, times: loadChain(p0))
                c1 = c1.plus(d, times: loadChain(p0 + step))
                c2 = c2.plus(d, times: loadChain(p0 + twice))
                c3 = c3.plus(d, times: loadChain(p1))
                c4 = c4.plus(d, times: loadChain(p1 + step))
                c5 = c5.plus(d, times: loadChain(p1 + twice))
                c6 = c6.plus(d, times: loadChain(p2))
                c7 = c7.plus(d, times: loadChain(p2 + step))
                c8 = c8.plus(d, times: loadChain(p2 + twice))
                p0 += si
                p1 += si
                p2 += si
                point += so
                left &-= 1
            } while left > 0
        }
        storeChain(c0, chains)
        storeChain(c1, chains + 16)
        storeChain(c2, chains + 32)
        storeChain(c3, chains + 48)
        storeChain(c4, chains + 64)
        storeChain(c5, chains + 80)
        storeChain(c6, chains + 96)
        storeChain(c7, chains + 112)
        storeChain(c8, chains + 128)
        storeChain(sum, chains + 144)
    }
}
