// y += W x for rows that have their columns in common: each load of x serves all rows of a group. Registers hold 4 rows ×
// 1 chunk of 16 floats, 2 × 2 or 1 × 4 (with AVX-512 four chunks each): eight sums, as many as hide the latency of the
// multiply-add, with 6 loads for 8 of them where a row alone takes 9.

/// Where the values of an entry's items are: those of its rows stand `step` apart.
private protocol GroupValues {
    associatedtype Place
    func place(_ entry: RowGroups.Entry) -> Place
    func values(_ place: Place, _ item: Int, rows: Int) -> UnsafePointer<Float>
    func step(_ place: Place, _ item: Int) -> Int
}

private struct InPlace: GroupValues {
    let values: UnsafePointer<Float>
    @inline(__always) func place(_ entry: RowGroups.Entry) -> UnsafePointer<Float> { values + entry.firstValue }
    @inline(__always) func values(_ place: UnsafePointer<Float>, _ item: Int, rows: Int) -> UnsafePointer<Float> {
        place + item &* rows
    }
    @inline(__always) func step(_ place: UnsafePointer<Float>, _ item: Int) -> Int { 1 }
}

private struct ByPosition: GroupValues {
    let values: UnsafePointer<Float>
    let positions, steps: UnsafePointer<UInt32>
    @inline(__always) func place(_ entry: RowGroups.Entry) -> Int { entry.firstItem }
    @inline(__always) func values(_ place: Int, _ item: Int, rows: Int) -> UnsafePointer<Float> {
        values + Int(positions[place &+ item])
    }
    @inline(__always) func step(_ place: Int, _ item: Int) -> Int { Int(steps[place &+ item]) }
}

/// y += W x for some blocks of rows and the panels of one unit.
/// - Parameters:
///   - positions: where the values of each item are and the step from row to row of its group, or nil where they lie in
///     the groups' own order.
///   - outputRowFloats: floats from one row of the output to the next.
func groupedAccumulate(
    _ groups: RowGroups, values: UnsafePointer<Float>, positions: (first: IndexBuffer, steps: IndexBuffer)?,
    sweep: Sweep, unit: Int, panels: Int, blocks: Range<Int>, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputRowFloats: Int
) {
    sweep.withUnit(unit, panels: panels) { chunkGroups, inputStart, outputStart in
        for tile in 0..<groups.tiles {
            groups.entries(tile: tile, blocks: blocks).withUnsafeBufferPointer { entries in
                for group in chunkGroups {
                    var chunk = 0
                    while chunk < group.chunks {
                        let walk = Walk(
                            x: input + (inputStart &+ group.input &+ sweep.input(chunk)),
                            y: output + (outputStart &+ group.output &+ sweep.output(chunk)), si: sweep.inputStride,
                            so: sweep.outputStride, rowFloats: outputRowFloats)
                        let taken = min(4, group.chunks &- chunk)
                        if let positions {
                            let values = ByPosition(
                                values: values, positions: positions.first.pointer, steps: positions.steps.pointer)
                            accumulate(groups, values, entries, walk, chunks: taken)
                        } else {
                            accumulate(groups, InPlace(values: values), entries, walk, chunks: taken)
                        }
                        chunk &+= taken
                    }
                }
            }
        }
    }
}

/// Up to four chunks of the run: where the first is, and how far apart they are.
private struct Walk {
    let x: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let si, so, rowFloats: Int

    @inline(__always)
    func from(_ chunk: Int) -> Walk {
        Walk(x: x + chunk &* si, y: y + chunk &* so, si: si, so: so, rowFloats: rowFloats)
    }
}

/// Chunks beside four rows in registers, and beside two.
private let runOfFour = longestRun == 8 ? 4 : 1
private let runOfTwo = longestRun == 8 ? 4 : 2

@inline(__always)
private func accumulate<Values: GroupValues>(
    _ groups: RowGroups, _ values: Values, _ entries: UnsafeBufferPointer<RowGroups.Entry>, _ walk: Walk, chunks: Int
) {
    // Entries of four rows come first, then those of two, then of one; each kind passes over its chunks by itself.
    var first = 0
    while first < entries.count {
        let rowCount = entries[first].rowCount
        var last = first
        while last < entries.count, entries[last].rowCount == rowCount { last &+= 1 }
        let kind = UnsafeBufferPointer(rebasing: entries[first..<last])
        first = last
        let longest = rowCount == 4 ? runOfFour : (rowCount == 2 ? runOfTwo : 4)
        var chunk = 0
        while chunk < chunks {
            let walk = walk.from(chunk)
            let left = min(longest, chunks &- chunk)
            let taken = left == 4 ? 4 : (left >= 2 ? 2 : 1)
            switch (rowCount, taken) {
            case (4, 4): addFour(Run4.self, groups, values, kind, walk)
            case (4, 2): addFour(Run2.self, groups, values, kind, walk)
            case (4, _): addFour(Run1.self, groups, values, kind, walk)
            case (2, 4): addTwo(Run4.self, groups, values, kind, walk)
            case (2, 2): addTwo(Run2.self, groups, values, kind, walk)
            case (2, _): addTwo(Run1.self, groups, values, kind, walk)
            case (_, 4): addOne(Run4.self, groups, values, kind, walk)
            case (_, 2): addOne(Run2.self, groups, values, kind, walk)
            default: addOne(Run1.self, groups, values, kind, walk)
            }
            chunk &+= taken
        }
    }
}

// Not inlined: side by side in one function, the compiler keeps sums of one kernel on the stack of another.

@inline(never)
private func addFour<R: Run, Values: GroupValues>(
    _ run: R.Type, _ groups: RowGroups, _ values: Values, _ entries: UnsafeBufferPointer<RowGroups.Entry>, _ walk: Walk
) {
    let so = walk.so
    for entry in entries {
        let rows = groups.rows.pointer + entry.firstRow
        let offsets = groups.offsets.pointer + entry.list
        let place = values.place(entry)
        func row(_ index: Int) -> UnsafeMutablePointer<Float> { walk.y + Int(rows[index]) &* walk.rowFloats }
        var a0 = R(row(0), so), a1 = R(row(1), so), a2 = R(row(2), so), a3 = R(row(3), so)
        var item = 0
        while item < entry.count {
            let v = R(walk.x + Int(offsets[item]) &* 16, walk.si)
            let w = values.values(place, item, rows: 4)
            let step = values.step(place, item)
            a0.add(w[0], v)
            a1.add(w[step], v)
            a2.add(w[2 &* step], v)
            a3.add(w[3 &* step], v)
            item &+= 1
        }
        a0.store(row(0), so)
        a1.store(row(1), so)
        a2.store(row(2), so)
        a3.store(row(3), so)
    }
}

@inline(never)
private func addTwo<R: Run, Values: GroupValues>(
    _ run: R.Type, _ groups: RowGroups, _ values: Values, _ entries: UnsafeBufferPointer<RowGroups.Entry>, _ walk: Walk
) {
    let so = walk.so
    for entry in entries {
        let rows = groups.rows.pointer + entry.firstRow
        let offsets = groups.offsets.pointer + entry.list
        let place = values.place(entry)
        func row(_ index: Int) -> UnsafeMutablePointer<Float> { walk.y + Int(rows[index]) &* walk.rowFloats }
        var a0 = R(row(0), so), a1 = R(row(1), so)
        var item = 0
        while item < entry.count {
            let v = R(walk.x + Int(offsets[item]) &* 16, walk.si)
            let w = values.values(place, item, rows: 2)
            a0.add(w[0], v)
            a1.add(w[values.step(place, item)], v)
            item &+= 1
        }
        a0.store(row(0), so)
        a1.store(row(1), so)
    }
}

@inline(never)
private func addOne<R: Run, Values: GroupValues>(
    _ run: R.Type, _ groups: RowGroups, _ values: Values, _ entries: UnsafeBufferPointer<RowGroups.Entry>, _ walk: Walk
) {
    for entry in entries {
        let offsets = groups.offsets.pointer + entry.list
        let place = values.place(entry)
        let row = walk.y + Int(groups.rows[entry.firstRow]) &* walk.rowFloats
        var a0 = R(row, walk.so)
        var item = 0
        while item < entry.count {
            let w = values.values(place, item, rows: 1)
            a0.add(w[0], R(walk.x + Int(offsets[item]) &* 16, walk.si))
            item &+= 1
        }
        a0.store(row, walk.so)
    }
}
