import Kernels

/// The dense gradient of a layer, some rows at a time, that is searched for its largest values.
struct GradientTiles {
    typealias Found = (largest: LargestValues, rows: [LargestValues.Entry])

    private let map: WeightMap
    /// Blocks of six rows of a tile.
    private let held: Int
    /// Where terms are not columns: the term of a column and the column of a term.
    private let order: (termOf: [Int], columnOf: [Int])?

    /// Bytes of dense gradient that a task holds at once, about.
    private static let tileBytes = 1 << 17

    init(_ map: WeightMap) {
        self.map = map
        let columns = map.columns
        held = max(1, Self.tileBytes / (4 * DensePacking.rows * columns))
        if map.hasPlainTerms {
            order = nil
        } else {
            let termOf = (0..<columns).map(map.term(ofColumn:))
            var columnOf = [Int](repeating: 0, count: columns)
            for (column, term) in termOf.enumerated() { columnOf[term] = column }
            order = (termOf, columnOf)
        }
    }

    /// Of some blocks of six rows.
    /// - Parameter live: positions that are left out, ascending.
    func largest(_ count: Int, each: Int, blocks own: Range<Int>, live: [Int], _ sums: GradientSums) -> Found {
        var found: Found = (LargestValues(count: count), [])
        let blockFloats = map.columns * DensePacking.rows
        let tile = FloatBuffer(count: held * blockFloats), second = FloatBuffer(count: held * blockFloats)
        let bias = FloatBuffer(count: map.rows)
        var next = live.firstPlace(notBelow: own.lowerBound * DensePacking.rows * map.columns)
        for first in stride(from: own.lowerBound, to: own.upperBound, by: held) {
            let blocks = first..<min(first + held, own.upperBound)
            sums.dense(blocks, into: tile.pointer, other: (second.pointer, bias.pointer))
            for block in blocks {
                let packed = tile.pointer + (block - first) * blockFloats
                let firstRow = block * DensePacking.rows
                for row in firstRow..<firstRow + DensePacking.rows {
                    if row < map.rows {
                        hide(live, &next, row, packed + row - firstRow)
                    } else {
                        for term in 0..<map.columns { packed[term * DensePacking.rows + row - firstRow] = .nan }
                    }
                }
                show(packed, row: firstRow, to: &found.largest)
                if each == 0 { continue }
                for row in firstRow..<min(firstRow + DensePacking.rows, map.rows) {
                    found.rows += GradientProbe.largest(each, from: row * map.columns, columns: map.columns) {
                        packed[(order?.termOf[$0] ?? $0) * DensePacking.rows + row - firstRow]
                    }
                }
            }
        }
        found.largest.close()
        return found
    }

    /// What is there already is no number, and so larger than nothing.
    private func hide(_ live: [Int], _ next: inout Int, _ row: Int, _ packed: UnsafeMutablePointer<Float>) {
        let start = row * map.columns
        while next < live.count, live[next] < start + map.columns {
            let column = live[next] - start
            packed[(order?.termOf[column] ?? column) * DensePacking.rows] = .nan
            next += 1
        }
    }

    /// One block of six rows.
    private func show(_ packed: UnsafeMutablePointer<Float>, row: Int, to largest: inout LargestValues) {
        let values = UnsafeBufferPointer(start: packed, count: map.columns * DensePacking.rows), columns = map.columns
        withScratch(of: UInt32.self, capacity: values.count + 16) { places in
            let found = Magnitudes.places(
                values, above: largest.limitBits, most: Magnitudes.infinity, to: places.baseAddress!)
            for number in 0..<found {
                let value = values[Int(places[number])]
                guard abs(value) > largest.limit else { continue }
                let (term, within) = Int(places[number]).quotientAndRemainder(dividingBy: DensePacking.rows)
                largest.show((row + within) * columns + (order?.columnOf[term] ?? term), value)
            }
        }
    }
}
