/// All weights of a convolution for one image, [row block][term][row of the block], with the offset of each term in floats.
package struct PlanePacking: Sendable {
    let rows: Int
    /// Six; with AVX-512 eight, where that leaves no more rows of a last block empty than three at a time do.
    package let rowsPerBlock: Int
    package let terms: Int
    let weights: FloatBuffer
    let offsets: IndexBuffer

    package var bytes: Int { 4 * (weights.count + offsets.count) }

    /// - Parameters:
    ///   - value: of (row, term); zero where there is no weight.
    ///   - offsets: of each term, floats from the first point that tap (0, 0) reads.
    package init(rows: Int, offsets: [UInt32], value: (_ row: Int, _ term: Int) -> Float) {
        self.rows = rows
        terms = offsets.count
        self.offsets = IndexBuffer(offsets)
        let byThree = (rows + 2) / 3 * 3, byEight = (rows + 7) / 8 * 8
        let block = longestRun == 8 && byEight <= byThree ? 8 : 6
        rowsPerBlock = block
        weights = FloatBuffer(count: (rows + block - 1) / block * block * terms)
        for row in 0..<rows {
            for term in 0..<terms {
                weights[(row / block * terms + term) * block + row % block] = value(row, term)
            }
        }
    }
}

/// Chunks beside the rows of a block in registers, of some that are left: 24 registers of 32 with AVX-512, twelve of 16 with
/// AVX2.
private func denseChunks(_ left: Int, rowsPerBlock: Int) -> Int {
    if longestRun < 8 { return 1 }
    // Four of six rows, three of eight.
    return rowsPerBlock == 8 ? min(left, 3) : left >= 4 ? 4 : left >= 2 ? 2 : 1
}

/// As `planeSparse`, with every weight: some rows × a run of chunks in registers, which share the loads of x.
/// - Precondition: `rows` begins a block.
package func planeDense(
    _ packing: PlanePacking, bias: UnsafePointer<Float>, rows: Range<Int>, count: Int, x: UnsafePointer<Float>,
    y: UnsafeMutablePointer<Float>, plane: Int, tail: PlaneTail, added: UnsafePointer<Float>?
) {
    func kernel(_ chunk: Int) -> PlaneBlock {
        PlaneBlock(
            packing: packing, bias: bias, x: x + chunk &* 16, y: y + chunk &* 16, plane: plane, tail: tail,
            added: added.map { $0 + chunk &* 16 }, rows: rows)
    }
    let hasHalf = (1...8).contains(count % 16)
    let chunks = hasHalf ? count / 16 : (count + 15) / 16
    var chunk = 0
    while chunk < chunks {
        let run = denseChunks(chunks &- chunk, rowsPerBlock: packing.rowsPerBlock)
        let kernel = kernel(chunk)
        switch (run, packing.rowsPerBlock) {
        #if ESPALIER_AVX512
            case (3, 8): kernel.runEights(Sums3.self)
            case (2, 8): kernel.runEights(Sums2.self)
            case (1, 8): kernel.runEights(Sums1.self)
        #endif
        case (4, _): kernel.run(Sums4.self)
        case (2, _): kernel.run(Sums2.self)
        default: kernel.run(Sums1.self)
        }
        chunk &+= run
    }
    guard hasHalf else { return }
    switch packing.rowsPerBlock {
    #if ESPALIER_AVX512
        case 8: kernel(chunks).runEights(SumsHalf.self)
    #endif
    default: kernel(chunks).run(SumsHalf.self)
    }
}

private struct PlaneBlock {
    let packing: PlanePacking
    let bias: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let plane: Int
    let tail: PlaneTail
    let added: UnsafePointer<Float>?
    let rows: Range<Int>

    @inline(never)
    func run<S: Sums>(_ sums: S.Type) {
        var first = rows.lowerBound
        while first < rows.upperBound {
            let held = min(6, rows.upperBound &- first)
            if held > 3 { block(S.self, first, held) } else { small(S.self, first, held) }
            first &+= 6
        }
    }

    #if ESPALIER_AVX512
        @inline(never)
        func runEights<S: Sums>(_ sums: S.Type) {
            for first in stride(from: rows.lowerBound, to: rows.upperBound, by: 8) {
                eight(S.self, first, min(8, rows.upperBound &- first))
            }
        }

        @inline(__always)
        private func eight<S: Sums>(_ sums: S.Type, _ first: Int, _ held: Int) {
            var a0 = begin(S.self, 0, held, first), a1 = begin(S.self, 1, held, first)
            var a2 = begin(S.self, 2, held, first), a3 = begin(S.self, 3, held, first)
            var a4 = begin(S.self, 4, held, first), a5 = begin(S.self, 5, held, first)
            var a6 = begin(S.self, 6, held, first), a7 = begin(S.self, 7, held, first)
            let offsets = packing.offsets.pointer
            var w = UnsafePointer(packing.weights.pointer) + first &* packing.terms
            for term in 0..<packing.terms {
                let x = x + Int(offsets[term])
                a0.add(SIMD16(repeating: w[0]), x, Adjacent())
                a1.add(SIMD16(repeating: w[1]), x, Adjacent())
                a2.add(SIMD16(repeating: w[2]), x, Adjacent())
                a3.add(SIMD16(repeating: w[3]), x, Adjacent())
                a4.add(SIMD16(repeating: w[4]), x, Adjacent())
                a5.add(SIMD16(repeating: w[5]), x, Adjacent())
                a6.add(SIMD16(repeating: w[6]), x, Adjacent())
                a7.add(SIMD16(repeating: w[7]), x, Adjacent())
                w += 8
            }
            end(a0, first)
            if held > 1 { end(a1, first &+ 1) }
            if held > 2 { end(a2, first &+ 2) }
            if held > 3 { end(a3, first &+ 3) }
            if held > 4 { end(a4, first &+ 4) }
            if held > 5 { end(a5, first &+ 5) }
            if held > 6 { end(a6, first &+ 6) }
            if held > 7 { end(a7, first &+ 7) }
        }
    #endif

    @inline(__always)
    private func begin<S: Sums>(_ sums: S.Type, _ row: Int, _ held: Int, _ first: Int) -> S {
        S(bias[first &+ min(row, held &- 1)], y, Adjacent())
    }

    @inline(__always)
    private func end<S: Sums>(_ sums: S, _ row: Int) {
        let line = y + row &* plane
        if let added {
            sums.finish(line, tail.row(row), adding: added + row &* plane, Adjacent())
        } else {
            sums.finish(line, tail.row(row), Adjacent())
        }
    }

    @inline(__always)
    private func block<S: Sums>(_ sums: S.Type, _ first: Int, _ held: Int) {
        var a0 = begin(S.self, 0, held, first), a1 = begin(S.self, 1, held, first), a2 = begin(S.self, 2, held, first)
        var a3 = begin(S.self, 3, held, first), a4 = begin(S.self, 4, held, first), a5 = begin(S.self, 5, held, first)
        let offsets = packing.offsets.pointer
        var w = UnsafePointer(packing.weights.pointer) + first &* packing.terms
        for term in 0..<packing.terms {
            let x = x + Int(offsets[term])
            a0.add(SIMD16(repeating: w[0]), x, Adjacent())
            a1.add(SIMD16(repeating: w[1]), x, Adjacent())
            a2.add(SIMD16(repeating: w[2]), x, Adjacent())
            a3.add(SIMD16(repeating: w[3]), x, Adjacent())
            a4.add(SIMD16(repeating: w[4]), x, Adjacent())
            a5.add(SIMD16(repeating: w[5]), x, Adjacent())
            w += 6
        }
        end(a0, first)
        end(a1, first &+ 1)
        end(a2, first &+ 2)
        end(a3, first &+ 3)
        if held > 4 { end(a4, first &+ 4) }
        if held > 5 { end(a5, first &+ 5) }
    }

    @inline(__always)
    private func small<S: Sums>(_ sums: S.Type, _ first: Int, _ held: Int) {
        var a0 = begin(S.self, 0, held, first), a1 = begin(S.self, 1, held, first), a2 = begin(S.self, 2, held, first)
        let offsets = packing.offsets.pointer
        var w = UnsafePointer(packing.weights.pointer) + first &* packing.terms
        for term in 0..<packing.terms {
            let x = x + Int(offsets[term])
            a0.add(SIMD16(repeating: w[0]), x, Adjacent())
            a1.add(SIMD16(repeating: w[1]), x, Adjacent())
            a2.add(SIMD16(repeating: w[2]), x, Adjacent())
            w += 6
        }
        end(a0, first)
        if held > 1 { end(a1, first &+ 1) }
        if held > 2 { end(a2, first &+ 2) }
    }
}
