/// The weights of a mask by row, in a row by term: the order in which sums are made. By number of the nonzero:
struct Nonzeros {
    let rows: [UInt32]
    let terms: [UInt32]
    /// Of the input, the row's group counted in.
    let channels: [UInt32]
    let table: TermTable

    var count: Int { rows.count }

    /// - Parameter indices: ascending row-major positions.
    /// - Complexity: O(nnz + columns + rows · kernel rows).
    init(_ map: WeightMap, _ indices: [Int]) {
        let table = TermTable(map)
        let columns = map.columns
        if map.kernelHeight == 1 {
            (rows, terms, channels) = Self.inOrder(indices, map, table)
            self.table = table
            return
        }
        var rows = [UInt32](repeating: 0, count: indices.count)
        var terms = rows, channels = rows
        // Where the next nonzero of each row of the kernel goes.
        var next = [Int](repeating: 0, count: map.kernelHeight)
        var row = 0, first = 0
        while first < indices.count {
            while indices[first] >= (row + 1) * columns { row = max(row + 1, indices[first] / columns) }
            let base = row * columns, firstChannel = map.firstChannel(ofRow: row)
            var end = first
            for kernelRow in next.indices { next[kernelRow] = 0 }
            while end < indices.count, indices[end] < base + columns {
                next[table.kernelRow(ofColumn: indices[end] - base)] += 1
                end += 1
            }
            var place = first
            for kernelRow in next.indices { (next[kernelRow], place) = (place, place + next[kernelRow]) }
            // Channels ascend in each row of the kernel already.
            for index in first..<end {
                let term = table.termOfColumn[indices[index] - base]
                let kernelRow = Int(table.kernelRow[Int(term)])
                let place = next[kernelRow]
                next[kernelRow] += 1
                rows[place] = UInt32(row)
                terms[place] = term
                channels[place] = UInt32(firstChannel) + table.channel[Int(term)]
            }
            first = end
        }
        (self.rows, self.terms, self.channels, self.table) = (rows, terms, channels, table)
    }

    /// Of a kernel of one row, where terms ascend with the columns.
    private static func inOrder(
        _ indices: [Int], _ map: WeightMap, _ table: TermTable
    ) -> (rows: [UInt32], terms: [UInt32], channels: [UInt32]) {
        let columns = map.columns
        var row = 0, end = columns, firstChannel = 0
        let rows = indices.map { index in
            while index >= end {
                row += 1
                end += columns
            }
            return UInt32(row)
        }
        (row, end) = (0, columns)
        let terms = indices.map { index in
            while index >= end { end += columns }
            return table.termOfColumn[index - end + columns]
        }
        if map.groups == 1 { return (rows, terms, terms.map { table.channel[Int($0)] }) }
        row = -1
        let channels = zip(rows, terms).map { of, term in
            if Int(of) != row {
                row = Int(of)
                firstChannel = map.firstChannel(ofRow: row)
            }
            return UInt32(firstChannel) + table.channel[Int(term)]
        }
        return (rows, terms, channels)
    }
}

/// What each term is, to be looked up for each nonzero: the divisions would take longer than the rest of making a pattern.
struct TermTable {
    let termOfColumn: [UInt32]
    let kernelRow: [UInt32]
    /// In the group.
    let channel: [UInt32]
    let tap: [UInt32]

    init(_ map: WeightMap) {
        let terms = 0..<map.columns
        termOfColumn = terms.map { UInt32(map.term(ofColumn: $0)) }
        kernelRow = terms.map { UInt32(map.kernelRow(ofTerm: $0)) }
        channel = terms.map { UInt32(map.channel(ofTerm: $0)) }
        tap = terms.map { UInt32(map.tap(ofTerm: $0)) }
    }

    func kernelRow(ofColumn column: Int) -> Int { Int(kernelRow[Int(termOfColumn[column])]) }
}
