/// dW of a flat layer of plain terms at rows and terms that are picked, in any order. The bits are those of the whole gradient.
package struct PickedGradients {
    private let map: WeightMap
    private let groups: UnsafeBufferPointer<ChunkGroup>
    private let input: UnsafePointer<Float>
    private let outputGradient: UnsafePointer<Float>

    /// Rows and terms of a tile.
    package static let rows = tileRows
    package static let terms = 4
    package static let floatsOfTile = rows * terms

    /// - Precondition: `map.hasPlainTerms`.
    package static func with<Result>(
        _ map: WeightMap, panels: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
        _ body: (PickedGradients) -> Result
    ) -> Result {
        precondition(map.hasPlainTerms)
        return map.positions.withAllGroups(panels: panels) {
            body(PickedGradients(map: map, groups: $0, input: input, outputGradient: outputGradient))
        }
    }

    /// Terms, in whole tiles, whose inputs stay in the first-level cache while rows pass.
    package static func termsAtOnce(_ map: WeightMap, panels: Int) -> Int {
        max(1, map.caches.denseTermsBytes / (panels * map.input.lanes * 4) / terms) * terms
    }

    /// Of up to six rows and some tiles of four terms: (tiles, 4, 6).
    /// - Parameters:
    ///   - rows: what lies behind the last one is not looked at, and what is summed there is of no use.
    ///   - offsets: those of the terms, from `map.termOffsets`; the same holds of the last tile.
    package func sums(
        rows: UnsafeBufferPointer<UInt32>, offsets: UnsafeBufferPointer<UInt32>, to sums: UnsafeMutablePointer<Float>
    ) {
        let rowFloats = map.outputGradientRowFloats, first = Int(rows[0])
        withScratch(of: Float.self, capacity: tileFloats) { chains in
            let chains = chains.baseAddress!
            var place = sums
            var term = 0
            while term < offsets.count {
                let inputs = TileInputs(
                    input, offsets.baseAddress! + term, held: min(Self.terms, offsets.count &- term)
                ) { row in row < rows.count ? (Int(rows[row]) &- first) &* rowFloats : 0 }
                dotsOfTile(
                    rows: rows.count, inputs, map.positions, groups, outputGradient + first &* rowFloats, chains,
                    isFirst: true)
                treeSums(chains, to: place)
                treeSums(chains + 8 &* 16, to: place + 8)
                treeSums(chains + 16 &* 16, to: place + 16)
                place += Self.floatsOfTile
                term &+= Self.terms
            }
        }
    }

    /// ‖dy‖ of each row and ‖x‖ of each term, over all that the sums go over: |dW| is at most their product, as it is rounded, too.
    /// What is no finite number is infinity.
    package func norms() -> (rows: [Float], terms: [Float]) {
        let sweep = map.positions
        let chunks = groups.reduce(0) { $0 + $1.chunks }
        // Each of the two sums is rounded in each of its chunks and in the tree, and so is the gradient. What is below the smallest
        // numbers is lost in squares, and that much is added.
        let rounding = 1 + Float(chunks + 32) * 4 * Float.ulpOfOne, lost = Float(chunks) * 16e-44
        func norm(_ start: UnsafePointer<Float>, _ first: (ChunkGroup) -> Int, _ step: (Int) -> Int) -> Float {
            var squares = SIMD16<Float>.zero
            for group in groups {
                for chunk in 0..<group.chunks {
                    let values = load16(start + first(group) + step(chunk))
                    squares = squares.plus(values, times: values)
                }
            }
            let norm = (squares.sum() + lost).squareRoot() * rounding
            return norm.isFinite ? norm : .infinity
        }
        return (
            (0..<map.rows).map {
                norm(outputGradient + $0 * map.outputGradientRowFloats, \.output, { $0 &* sweep.outputStride })
            },
            (0..<map.columns).map { norm(input + Int(map.termOffsets[$0]) * 16, \.input, { $0 &* sweep.inputStride }) }
        )
    }
}
