import Kernels

/// The dense gradient of a layer, one tile of some rows and some terms at a time, that is searched for its largest values.
///
/// A layer of plain terms is cut along the terms, too: their inputs stay in the second-level cache while all rows pass, and are read
/// from memory once. Without, each block of six rows would read the inputs of the whole layer.
struct GradientTiles {
    typealias Found = (largest: LargestValues, rows: [LargestValues.Entry])

    private let map: WeightMap
    private let ranges: [Range<Int>]
    /// Blocks of six rows of a tile.
    private let held: Int
    /// Where terms are not columns: the term of a column and the column of a term.
    private let order: (termOf: [Int], columnOf: [Int])?

    /// Bytes of dense gradient that a task holds at once, about.
    private static let tileBytes = 1 << 17

    /// - Parameter wholeRows: whether a tile holds all terms of its rows.
    init(_ map: WeightMap, panels: Int, wholeRows: Bool) {
        self.map = map
        let most = map.termsInSecondCache(panels: panels), columns = map.columns
        if map.hasPlainTerms, !wholeRows, columns > most {
            let pieces = (columns + most - 1) / most
            // Of four terms a register tile is.
            let bounds = (0...pieces).map { $0 == pieces ? columns : $0 * columns / pieces / 4 * 4 }
            ranges = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
        } else {
            ranges = [0..<columns]
        }
        held = max(1, Self.tileBytes / (4 * DensePacking.rows * (ranges.map(\.count).max() ?? 1)))
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
        let widest = ranges.map(\.count).max() ?? 0, floats = held * widest * DensePacking.rows
        let tile = FloatBuffer(count: floats)
        let second = FloatBuffer(count: map.hasPlainTerms ? 0 : floats)
        let bias = FloatBuffer(count: map.hasPlainTerms ? 0 : map.rows)
        let rows = own.lowerBound * DensePacking.rows..<min(map.rows, own.upperBound * DensePacking.rows)
        // The first live weight of each row that lies at the terms to come.
        var next = rows.map { live.firstPlace(notBelow: $0 * map.columns) }
        for terms in ranges {
            for first in stride(from: own.lowerBound, to: own.upperBound, by: held) {
                let blocks = first..<min(first + held, own.upperBound)
                sums.dense(blocks, terms: terms, into: tile.pointer, other: (second.pointer, bias.pointer))
                for block in blocks {
                    let packed = tile.pointer + (block - first) * terms.count * DensePacking.rows
                    let firstRow = block * DensePacking.rows
                    for row in firstRow..<firstRow + DensePacking.rows {
                        if row < rows.upperBound {
                            hide(live, &next[row - rows.lowerBound], row, terms, packed + row - firstRow)
                        } else {
                            for term in 0..<terms.count { packed[term * DensePacking.rows + row - firstRow] = .nan }
                        }
                    }
                    show(packed, terms, row: firstRow, to: &found.largest)
                    if each == 0 { continue }
                    for row in firstRow..<min(firstRow + DensePacking.rows, map.rows) {
                        found.rows += GradientProbe.largest(each, from: row * map.columns, columns: map.columns) {
                            packed[(order?.termOf[$0] ?? $0) * DensePacking.rows + row - firstRow]
                        }
                    }
                }
            }
        }
        found.largest.close()
        return found
    }

    /// What is there already is no number, and so larger than nothing.
    private func hide(
        _ live: [Int], _ next: inout Int, _ row: Int, _ terms: Range<Int>, _ packed: UnsafeMutablePointer<Float>
    ) {
        let start = row * map.columns
        // Terms are cut where they are columns alone; else all columns of the row are here.
        let end = order == nil ? start + terms.upperBound : start + map.columns
        while next < live.count, live[next] < end {
            let column = live[next] - start
            packed[((order?.termOf[column] ?? column) - terms.lowerBound) * DensePacking.rows] = .nan
            next += 1
        }
    }

    /// One block of six rows.
    private func show(
        _ packed: UnsafeMutablePointer<Float>, _ terms: Range<Int>, row: Int, to largest: inout LargestValues
    ) {
        let count = terms.count * DensePacking.rows, whole = count / 64 * 64
        func show(_ place: Int) {
            let value = packed[place]
            guard abs(value) > largest.limit else { return }
            let (term, within) = place.quotientAndRemainder(dividingBy: DensePacking.rows)
            let column = order?.columnOf[term] ?? term + terms.lowerBound
            largest.show(LargestValues.Entry(position: (row + within) * map.columns + column, value: value))
        }
        func isLarger(_ start: Int, _ limit: SIMD16<Float>) -> SIMDMask<SIMD16<Int32>> {
            let values = UnsafeRawPointer(packed + start).loadUnaligned(as: SIMD16<UInt32>.self) & 0x7FFF_FFFF
            return unsafeBitCast(values, to: SIMD16<Float>.self) .> limit
        }
        for start in stride(from: 0, to: whole, by: 64) {
            let limit = SIMD16<Float>(repeating: largest.limit)
            let near = isLarger(start, limit) .| isLarger(start + 16, limit)
            let far = isLarger(start + 32, limit) .| isLarger(start + 48, limit)
            guard any(near .| far) else { continue }
            for place in start..<start + 64 { show(place) }
        }
        for place in whole..<count { show(place) }
    }
}

extension LargestValues {
    /// What is held, by position.
    /// - Complexity: O(entries + rows) where those of each row were shown in rising columns.
    func inRisingPositions(rows: Int, columns: Int) -> [Entry] {
        var next = [Int](repeating: 0, count: rows + 1)
        let rowOf = entries.map { $0.position / columns }
        for row in rowOf { next[row + 1] += 1 }
        for row in 0..<rows { next[row + 1] += next[row] }
        var sorted = entries
        for (entry, row) in zip(entries, rowOf) {
            sorted[next[row]] = entry
            next[row] += 1
        }
        let isSorted = zip(sorted, sorted.dropFirst()).allSatisfy { $0.position < $1.position }
        return isSorted ? sorted : sorted.sorted { $0.position < $1.position }
    }
}

extension [Int] {
    /// The first place whose number is not below `limit`, of ascending numbers.
    fileprivate func firstPlace(notBelow limit: Int) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
