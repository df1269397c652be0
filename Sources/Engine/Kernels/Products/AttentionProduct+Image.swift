extension AttentionProduct {
    /// Up to four chunks of rows of one image, side by side in the lanes.
    func image(
        _ rows: Range<Int>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
        _ c: UnsafeMutablePointer<Float>
    ) {
        let chunks = (rows.count + 15) / 16, width = chunks * 16
        let a = a + rows.lowerBound * scores.a.row, c = c + rows.lowerBound * mixed.c.row
        withScratch(of: Float.self, capacity: (depth + keys + outputs) * width) { scratch in
            let packed = scratch.baseAddress!, held = packed + depth * width, sums = held + keys * width
            forEachChunk(of: rows.count) { lane, count in
                for k in 0..<depth {
                    let from = a + (lane &* scores.a.row &+ k &* scores.a.column)
                    store16(loadPoints(from, scores.a.row, count), packed + (k &* width &+ lane))
                }
            }
            BroadcastProduct(
                w: b, row: scores.b.column, term: scores.b.row, rows: keys, terms: depth, width: width
            ).run(packed, to: held)
            for function in functions { function.forward(held, to: held, count: keys * width) }
            for chunk in 0..<chunks { softmaxInPlace(held + chunk * 16, count: keys, step: width) }
            BroadcastProduct(
                w: v, row: mixed.b.column, term: mixed.b.row, rows: outputs, terms: keys, width: width
            ).run(held, to: sums)
            forEachChunk(of: rows.count) { lane, count in
                for output in 0..<outputs {
                    let to = c + (lane &* mixed.c.row &+ output &* mixed.c.column)
                    storePoints(load16(sums + (output &* width &+ lane)), to, mixed.c.row, count)
                }
            }
        }
    }

    @inline(__always)
    private func forEachChunk(of count: Int, _ body: (_ lane: Int, _ count: Int) -> Void) {
        for lane in stride(from: 0, to: count, by: 16) { body(lane, min(16, count &- lane)) }
    }
}
