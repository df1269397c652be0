import Graph

/// The weights of one layer that its mask allows, in row-major order. Criteria score these and nothing else, so
/// what a decision costs follows nnz, never the zeros.
package struct LiveWeights: Sendable {
    package let name: String
    /// Output neurons or output channels.
    package let rows: Int
    /// Inputs × kernel area.
    package let columns: Int
    /// kh·kw of a convolution, 1 for a linear layer.
    package let kernelArea: Int
    /// Ascending row-major positions, one per value; `nil` where every weight is live.
    package let indices: [Int]?
    package let values: [Float]
    /// False where every path from input to output runs through this layer: cut whole, the network is dead, so
    /// the layer-collapse guard keeps at least one group of it.
    package let mayVanish: Bool
    /// The layer that gives the network's answer: its neurons are the classes and are never cut as units.
    package let isOutput: Bool
    /// Never cut, as the recipe says.
    package let isProtected: Bool
    /// The attention heads that it belongs to, if any.
    package let heads: HeadMembers?

    package init(
        name: String, rows: Int, columns: Int, kernelArea: Int = 1, indices: [Int]? = nil, values: [Float],
        mayVanish: Bool = false, isOutput: Bool = false, isProtected: Bool = false,
        heads: HeadMembers? = nil
    ) {
        precondition(indices.map { $0.count == values.count } ?? (values.count == rows * columns))
        self.name = name
        self.rows = rows
        self.columns = columns
        self.kernelArea = kernelArea
        self.indices = indices
        self.values = values
        self.mayVanish = mayVanish
        self.isOutput = isOutput
        self.isProtected = isProtected
        self.heads = heads
    }

    /// All weights of the layer, live or cut.
    package var total: Int { rows * columns }

    /// Row-major position of a live weight.
    package func position(_ live: Int) -> Int { indices?[live] ?? live }

    /// Groups of `rows` × `columns` weights, numbered in ascending order of their first live weight.
    func groups(ofRows height: Int, columns width: Int) -> [Int32] {
        var numbers = [Int32](repeating: -1, count: (columns + width - 1) / width)
        var band = -1
        var next: Int32 = 0
        return values.indices.map { live in
            let (row, column) = position(live).quotientAndRemainder(dividingBy: columns)
            if row / height != band {
                band = row / height
                for index in numbers.indices { numbers[index] = -1 }
            }
            if numbers[column / width] < 0 {
                numbers[column / width] = next
                next += 1
            }
            return numbers[column / width]
        }
    }
}
