/// The sums of rows of dy over panels, positions and lanes, made beside a weight gradient, a few positions at a time
/// while these are in the cache. One chain of 16 lanes a row, then the fixed tree, as `rowSums` has it.
struct RowSums {
    private let chains: UnsafeMutablePointer<Float>
    private let rows: Range<Int>
    private let line: UnsafePointer<Float>
    private let rowFloats: Int
    private let stride: Int

    /// - Parameters:
    ///   - sums: (rows of the layer); those of `rows` are overwritten.
    ///   - body: adds every group of positions, in order.
    @inline(__always)
    static func run(
        _ sums: UnsafeMutablePointer<Float>, map: WeightMap, rows: Range<Int>, outputGradient: UnsafePointer<Float>,
        _ body: (RowSums) -> Void
    ) {
        withScratch(of: Float.self, capacity: rows.count * 16) { chains in
            chains.update(repeating: 0)
            let held = RowSums(
                chains: chains.baseAddress!, rows: rows,
                line: outputGradient + rows.lowerBound &* map.outputGradientRowFloats,
                rowFloats: map.outputGradientRowFloats, stride: map.positions.outputStride)
            body(held)
            for (index, row) in rows.enumerated() { sums[row] = treeSum(load16(held.chains + index &* 16)) }
        }
    }

    @inline(never)
    func add(_ group: ChunkGroup) {
        let one = SIMD16<Float>(repeating: 1)
        var line = line + group.output
        var chain = chains
        for _ in rows {
            var sum = load16(chain)
            var point = line
            for _ in 0..<group.chunks {
                sum = sum.plus(one, times: load16(point))
                point += stride
            }
            store16(sum, chain)
            chain += 16
            line += rowFloats
        }
    }
}
