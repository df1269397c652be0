/// The dense gradient of a layer, some rows at a time, that is searched for its largest values.
package struct GradientTiles {
    package typealias Found = (largest: LargestValues, rows: [LargestValues.Entry])

    private let map: WeightMap
    /// Blocks of six rows of a tile.
    private let held: Int
    /// Where terms are not columns: the term of a column and the column of a term.
    private let order: (termOf: [Int], columnOf: [Int])?

    /// Bytes of dense gradient that a task holds at once, about.
    private static let tileBytes = 1 << 17

    package init(_ map: WeightMap) {
        self.map = map
        let columns = map.columns
        held = max(1, Self.tileBytes / (4 * tileRows * columns))
        if map.hasPlainTerms {
            order = nil
        } else {
            let termOf = (0..<columns).map(map.term(ofColumn:))
            var columnOf = [Int](repeating: 0, count: columns)
            for (column, term) in termOf.enumerated() { columnOf[term] = column }
            order = (termOf, columnOf)
        }
    }

    /// Of the layer, on all threads. Which task takes which rows and terms, and in which order places are looked at, changes nothing.
    /// - Parameters:
    ///   - each: of each row so many, too.
    ///   - live: positions that are left out, ascending.
    package func largest(
        _ count: Int, each: Int, live: [Int], _ sums: GradientSums, team: Team
    ) -> TaskFindings {
        let blocks = DensePacking.blocks(map.rows)
        // Of few blocks the terms are parted, too, so that no thread waits for another.
        let parts = each == 0 && blocks < 8 * team.size ? min(team.size, denseTermTiles(map)) : 1
        let tasks = min(team.size, blocks * parts)
        let found = TaskFindings(tasks, count: count)
        team.run(tasks: tasks) { task in
            let own = task * blocks * parts / tasks..<(task + 1) * blocks * parts / tasks
            let finding = (largest: LargestValues(count: count), rows: [LargestValues.Entry]())
            found[task] = finding
            for piece in Self.pieces(own, parts: parts) {
                find(count, each: each, piece, live: live, sums, &found[task])
            }
            finding.largest.close()
        }
        return found
    }

    /// Some blocks, and which of the parts of their terms; nil: all.
    typealias Piece = (blocks: Range<Int>, part: (number: Int, of: Int)?)

    /// Parts of blocks, which follow one another, as whole blocks and the parts before and behind.
    static func pieces(_ own: Range<Int>, parts: Int) -> [Piece] {
        var pieces: [Piece] = [], next = own.lowerBound
        while next < own.upperBound {
            let block = next / parts
            if next % parts == 0, own.upperBound - next >= parts {
                let end = own.upperBound / parts
                pieces.append((block..<end, nil))
                next = end * parts
            } else {
                pieces.append((block..<block + 1, (next % parts, parts)))
                next += 1
            }
        }
        return pieces
    }

    private func find(
        _ count: Int, each: Int, _ piece: Piece, live: [Int], _ sums: GradientSums, _ found: inout Found
    ) {
        let own = piece.blocks, blockFloats = map.columns * tileRows
        let tiles = piece.part.map { part in
            let all = denseTermTiles(map)
            return part.number * all / part.of..<(part.number + 1) * all / part.of
        }
        var next = live.firstPlace(notBelow: own.lowerBound * tileRows * map.columns)
        let most = min(held, own.count) * blockFloats
        withScratch(of: Float.self, capacity: most) { tile in
            withScratch(of: Float.self, capacity: most) { second in
                let tile = tile.baseAddress!
                for first in stride(from: own.lowerBound, to: own.upperBound, by: held) {
                    let blocks = first..<min(first + held, own.upperBound)
                    // What is not summed is no number, and so larger than nothing.
                    if tiles != nil { tile.update(repeating: .nan, count: blocks.count * blockFloats) }
                    sums.dense(blocks, tiles: tiles, into: tile, other: second.baseAddress!)
                    for block in blocks {
                        let packed = tile + (block - first) * blockFloats
                        hide(live, &next, block, packed)
                        show(packed, row: block * tileRows, to: found.largest)
                        if each == 0 { continue }
                        for row in block * tileRows..<min((block + 1) * tileRows, map.rows) {
                            found.rows += largest(each, row: row, packed + row - block * tileRows)
                        }
                    }
                }
            }
        }
    }

    /// What is there already is no number, and so larger than nothing; and what lies behind the last row.
    private func hide(_ live: [Int], _ next: inout Int, _ block: Int, _ packed: UnsafeMutablePointer<Float>) {
        for row in block * tileRows..<(block + 1) * tileRows {
            let packed = packed + row - block * tileRows
            guard row < map.rows else {
                for term in 0..<map.columns { packed[term * tileRows] = .nan }
                continue
            }
            let start = row * map.columns
            while next < live.count, live[next] < start + map.columns {
                let column = live[next] - start
                packed[(order?.termOf[column] ?? column) * tileRows] = .nan
                next += 1
            }
        }
    }

    /// Of one row of a block, in rising columns; what is no number is not looked at.
    private func largest(_ count: Int, row: Int, _ packed: UnsafePointer<Float>) -> [LargestValues.Entry] {
        let columns = map.columns
        return withScratch(of: Float.self, capacity: columns) { values in
            if let order {
                for column in 0..<columns { values[column] = packed[order.termOf[column] &* tileRows] }
            } else {
                for column in 0..<columns { values[column] = packed[column &* tileRows] }
            }
            let largest = LargestValues(count: count, of: columns)
            largest.show(atMost: columns) { positions, shown in
                var found = 0
                Magnitudes.forEach(UnsafeBufferPointer(values), above: -1, most: Magnitudes.infinity) { column in
                    positions[found] = row &* columns &+ column
                    shown[found] = values[column]
                    found &+= 1
                }
                return found
            }
            largest.close()
            return largest.entries
        }
    }

    /// One block of six rows.
    private func show(_ packed: UnsafeMutablePointer<Float>, row: Int, to largest: LargestValues) {
        let values = UnsafeBufferPointer(start: packed, count: map.columns * tileRows), columns = map.columns
        withScratch(of: UInt32.self, capacity: values.count + 16) { places in
            let found = Magnitudes.places(
                values, above: largest.limitBits, most: Magnitudes.infinity, to: places.baseAddress!)
            largest.show(atMost: found) { positions, shown in
                for number in 0..<found {
                    let place = Int(places[number])
                    let term = place / tileRows, within = place &- term &* tileRows
                    positions[number] = (row &+ within) &* columns &+ (order?.columnOf[term] ?? term)
                    shown[number] = values[place]
                }
                return found
            }
        }
    }
}

extension LargestValues {
    /// Of one row, in rising columns; what is no number is not looked at.
    package static func largest(
        _ count: Int, from start: Int, columns: Int, _ value: (Int) -> Float
    ) -> [Entry] {
        let largest = LargestValues(count: count, of: columns)
        for column in 0..<columns where abs(value(column)) > largest.limit {
            largest.show(start + column, value(column))
        }
        largest.close()
        return largest.entries
    }
}
