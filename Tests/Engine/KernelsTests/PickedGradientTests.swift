import Kernels
import Testing

@Suite struct PickedGradientTests {
    static let layers = [(16, 5, 1, 1), (16, 50, 7, 9), (64, 130, 29, 50), (64, 17, 13, 6)].map {
        LayerFixture(samples: $1, channels: $3, rows: $2, lanes: $0)
    }

    /// Rows and terms in any order: the bits of the whole gradient, and no magnitude above the product of the norms.
    @Test(arguments: layers) func anyRowsAndTermsHaveTheBitsOfTheWhole(_ layer: LayerFixture) {
        let map = layer.map, x = layer.pack(layer.x, map.input), dy = layer.pack(layer.dy, map.outputGradient)
        let pattern = DensePattern(map: map)
        let whole = FloatBuffer(count: pattern.storageCount), bias = FloatBuffer(count: map.rows)
        pattern.weightGradient(
            whole.pointer, bias: bias.pointer, panels: layer.panels, blocks: 0..<map.rowBlocks, input: x.pointer,
            outputGradient: dy.pointer)
        let rows = (0..<map.rows).map { UInt32(($0 * 5 + 2) % map.rows) }
        let terms = (0..<map.columns).map { UInt32(($0 * 7 + 3) % map.columns) }
        let offsets = terms.map { map.termOffsets[Int($0)] }
        let tiles = (terms.count + PickedGradients.terms - 1) / PickedGradients.terms
        let sums = FloatBuffer(count: tiles * PickedGradients.floatsOfTile)
        PickedGradients.with(map, panels: layer.panels, input: x.pointer, outputGradient: dy.pointer) { picked in
            let norms = picked.norms()
            for first in stride(from: 0, to: rows.count, by: PickedGradients.rows) {
                let some = rows[first..<min(first + PickedGradients.rows, rows.count)]
                some.withUnsafeBufferPointer { some in
                    offsets.withUnsafeBufferPointer { picked.sums(rows: some, offsets: $0, to: sums.pointer) }
                }
                for (place, term) in terms.enumerated() {
                    for (within, row) in some.enumerated() {
                        let value = sums[place * PickedGradients.rows + within]
                        let position = DensePacking.position(row: Int(row), term: Int(term), terms: map.columns)
                        #expect(value.bitPattern == whole[position].bitPattern)
                        #expect(abs(value) <= norms.rows[Int(row)] * norms.terms[Int(term)])
                    }
                }
            }
        }
    }

    /// Where dy is a multiple of x the gradient reaches the product; what is tiny, or no number, is not taken for less than it is.
    @Test(arguments: [1, 1e-24, 1e-30, 3e19, .nan] as [Float])
    func normsBoundWhatReachesThem(_ scale: Float) {
        let layer = LayerFixture(samples: 130, channels: 1, rows: 1, lanes: 64), map = layer.map
        let x = layer.pack(layer.x.map { $0 * scale }, map.input)
        let dy = layer.pack(layer.x.map { $0 * 3 }, map.outputGradient)
        let sums = FloatBuffer(count: PickedGradients.floatsOfTile)
        PickedGradients.with(map, panels: layer.panels, input: x.pointer, outputGradient: dy.pointer) { picked in
            [UInt32(0)].withUnsafeBufferPointer { row in
                [map.termOffsets[0]].withUnsafeBufferPointer {
                    picked.sums(rows: row, offsets: $0, to: sums.pointer)
                }
            }
            let norms = picked.norms(), most = norms.rows[0] * norms.terms[0]
            if scale.isNaN || scale > 1 {
                #expect(most == .infinity)
            } else {
                #expect(abs(sums[0]) <= most && abs(sums[0]) > 0.99 * most - 1e-19)
            }
        }
    }

    /// Few passes give the pattern that many give.
    @Test func plainPatternIsTheGeneralOne() {
        for (samples, rows, channels, density) in [
            (64, 37, 1, 0.5), (64, 300, 784, 0.1), (64, 100, 300, 0.9), (64, 7, 9, 0), (16, 64, 260, 0.3),
        ] as [(Int, Int, Int, Float)] {
            let layer = LayerFixture(samples: samples, channels: channels, rows: rows, lanes: samples, density: density)
            let plain = SparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: true)
            let general = SparsePattern(general: layer.map, indices: layer.indices, needsInputGradient: true)
            #expect(Self.lists(plain.forward) == Self.lists(general.forward))
            #expect(Self.lists(plain.transposed[0].rows) == Self.lists(general.transposed[0].rows))
            #expect(Self.array(plain.transposed[0].positions) == Self.array(general.transposed[0].positions))
            #expect(plain.bytes == general.bytes && plain.rowMajorIndices() == layer.indices)
        }
    }

    /// Threads that share the work make the same pattern.
    @Test(arguments: [2, 3]) func patternsOfATeamAreThoseOfOneThread(threads: Int) {
        let team = Team(size: threads)
        for (rows, channels, density) in [(300, 784, 0.2), (7, 5000, 0.9), (5000, 7, 0.9), (64, 64, 0)]
            as [(Int, Int, Float)]
        {
            let layer = LayerFixture(samples: 64, channels: channels, rows: rows, lanes: 64, density: density)
            let alone = SparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: true)
            let shared = SparsePattern(map: layer.map, indices: layer.indices, needsInputGradient: true, team: team)
            #expect(Self.lists(alone.forward) == Self.lists(shared.forward))
            #expect(Self.lists(alone.transposed[0].rows) == Self.lists(shared.transposed[0].rows))
            #expect(Self.array(alone.transposed[0].positions) == Self.array(shared.transposed[0].positions))
        }
    }

    private static func lists(_ rows: TiledRows) -> [[UInt32]] {
        [rows.entryRows, rows.entryStarts, rows.offsets].map(array) + [rows.blockStarts.map { UInt32($0) }]
    }
    private static func array(_ buffer: IndexBuffer) -> [UInt32] { (0..<buffer.count).map { buffer[$0] } }
}
