extension ScoredLayer {
    /// - Precondition: the layer's facts have its products.
    package var rowGroups: [RowGroup] {
        let rows = weights.rows / weights.groupCount, columns = weights.columns
        var values = [Double](repeating: 0, count: weights.total),
            isLive = [Bool](repeating: false, count: weights.total)
        for live in weights.values.indices {
            values[weights.position(live)] = Double(weights.values[live])
            isLive[weights.position(live)] = true
        }
        let gram = facts.inputGram!
        return (0..<weights.groupCount).map { group in
            let range = group * rows * columns..<(group + 1) * rows * columns
            let square = columns * columns
            return RowGroup(
                rows: rows, columns: columns, weights: Array(values[range]), isLive: Array(isLive[range]),
                products: InputProducts(
                    size: columns, values: gram[group * square..<(group + 1) * square].map(Double.init)),
                means: facts.inputMeans.map { $0[group * columns..<(group + 1) * columns].map(Double.init) } ?? [],
                count: facts.gramCount)
        }
    }

    /// Of each live weight, what arrays of all groups say of its position.
    func ofLive<Element>(_ groups: [[Element]]) -> [Element] {
        let size = weights.total / weights.groupCount
        return weights.values.indices.map { live in
            let position = weights.position(live)
            return groups[position / size][position % size]
        }
    }

    /// The reverse: of each group an array of all positions.
    func byGroup(_ flags: [Bool]) -> [[Bool]] {
        let size = weights.total / weights.groupCount
        var groups = [[Bool]](repeating: [Bool](repeating: false, count: size), count: weights.groupCount)
        for live in flags.indices where flags[live] {
            let position = weights.position(live)
            groups[position / size][position % size] = true
        }
        return groups
    }
}
