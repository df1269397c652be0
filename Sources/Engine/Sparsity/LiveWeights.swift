import Graph

/// The weights of one layer that its mask allows, in row-major order. Criteria score these and nothing else, so
/// what a decision costs follows nnz, never the zeros.
package struct LiveWeights: Sendable {
    package let name: String
    /// Output neurons or output channels.
    package let rows: Int
    /// Inputs × kernel area.
    package let columns: Int
    /// Of a convolution; 1 × 1 for a linear layer.
    package let kernelHeight: Int
    package let kernelWidth: Int
    /// kh·kw
    package var kernelArea: Int { kernelHeight * kernelWidth }
    /// Of a grouped convolution; else 1.
    package let groupCount: Int
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
    /// Its values are never trained, so that a weight that came would stay at zero.
    package let isFrozen: Bool
    /// A kernel of 1 × 1 has sides, too.
    package let isConvolution: Bool
    /// The attention heads that it belongs to, if any; found out when it is asked, which takes time in a large network.
    package var heads: HeadMembers? { findHeads() }
    let findHeads: @Sendable () -> HeadMembers?

    package init(
        name: String, rows: Int, columns: Int, kernelArea: Int = 1,
        kernelWidth: Int? = nil, groupCount: Int = 1, indices: [Int]? = nil, values: [Float],
        mayVanish: Bool = false, isOutput: Bool = false, isProtected: Bool = false, isFrozen: Bool = false,
        isConvolution: Bool? = nil, heads findHeads: @autoclosure @escaping @Sendable () -> HeadMembers? = nil
    ) {
        precondition(indices.map { $0.count == values.count } ?? (values.count == rows * columns))
        self.name = name
        self.rows = rows
        self.columns = columns
        self.kernelWidth = kernelWidth ?? kernelArea
        kernelHeight = kernelArea / max(1, kernelWidth ?? kernelArea)
        self.groupCount = groupCount
        self.indices = indices
        self.values = values
        self.mayVanish = mayVanish
        self.isOutput = isOutput
        self.isProtected = isProtected
        self.isFrozen = isFrozen
        self.isConvolution = isConvolution ?? (kernelArea > 1)
        self.findHeads = findHeads
    }

    /// The same layer with other live weights.
    package init(_ layer: LiveWeights, indices: [Int]?, values: [Float]) {
        // The layer's own arrays are not held.
        let findHeads = layer.findHeads
        self.init(
            name: layer.name, rows: layer.rows, columns: layer.columns, kernelArea: layer.kernelArea,
            kernelWidth: layer.kernelWidth, groupCount: layer.groupCount, indices: indices, values: values,
            mayVanish: layer.mayVanish, isOutput: layer.isOutput, isProtected: layer.isProtected,
            isFrozen: layer.isFrozen, isConvolution: layer.isConvolution, heads: findHeads())
    }

    /// All weights of the layer, live or cut.
    package var total: Int { rows * columns }

    /// Row-major position of a live weight.
    package func position(_ live: Int) -> Int { indices?[live] ?? live }

    /// The layer with fewer live weights.
    func keeping(_ keep: [Bool]) -> LiveWeights {
        let stays = keep.indices.filter { keep[$0] }
        return LiveWeights(self, indices: stays.map(position), values: stays.map { values[$0] })
    }

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
