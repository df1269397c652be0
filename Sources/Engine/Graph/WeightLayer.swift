import Kernels

/// The weights of one linear or convolution layer: dense (packed) or sparse (pattern and values). What belongs to a
/// weight (value, gradient, optimizer state) exists only where the weight does.
package final class WeightLayer {
    package enum Storage {
        /// Packed, every weight there.
        case dense
        case sparse(SparsePattern)
    }

    package let name: String
    package let map: WeightMap
    package let isConvolution: Bool
    /// How the inputs of a linear layer lie in space, where a flatten tells.
    package let fold: Shape?
    /// False where every path from input to output runs through this layer.
    package let mayVanish: Bool
    package let isOutput: Bool
    package let needsInputGradient: Bool

    package private(set) var storage: Storage = .dense
    /// In storage order: packed where dense (padding rows zero), canonical where sparse.
    package private(set) var values: FloatBuffer
    package private(set) var gradient: FloatBuffer
    /// False from a change of the mask to the next step: the gradient is not known.
    package internal(set) var hasGradient = false
    /// The optimizer's arrays, in the order of `values`.
    package private(set) var slots: [FloatBuffer]
    package let bias: FloatBuffer
    package let biasGradient: FloatBuffer
    package let biasSlots: [FloatBuffer]

    init(
        name: String, map: WeightMap, isConvolution: Bool, fold: Shape?, mayVanish: Bool, isOutput: Bool,
        needsInputGradient: Bool, slots: Int
    ) {
        self.name = name
        self.map = map
        self.isConvolution = isConvolution
        self.fold = fold
        self.mayVanish = mayVanish
        self.isOutput = isOutput
        self.needsInputGradient = needsInputGradient
        // Empty until `set`: a layer that starts sparse must never have had a dense array.
        values = FloatBuffer(count: 0)
        gradient = FloatBuffer(count: 0)
        self.slots = (0..<slots).map { _ in FloatBuffer(count: 0) }
        bias = FloatBuffer(count: map.rows)
        biasGradient = FloatBuffer(count: map.rows)
        biasSlots = (0..<slots).map { _ in FloatBuffer(count: map.rows) }
    }

    /// Whether every weight is there. Grouped convolutions hold theirs as a full pattern: the packed kernels would
    /// multiply the channels of other groups by zero.
    package private(set) var isDense = true
    package var nnz: Int { if case .sparse(let pattern) = storage { pattern.nnz } else { map.weights } }
    /// Values and patterns in memory, gradient and optimizer state not counted.
    package var bytes: Int {
        if case .sparse(let pattern) = storage { pattern.bytes + 4 * pattern.nnz } else { 4 * values.count }
    }

    /// The live weights in row-major order: ascending positions (nil: all), values and optimizer state.
    package func live(withSlots: Bool = true) -> LayerArrays {
        let order = storageOrder()
        return LayerArrays(
            indices: liveIndices(), values: gather(values, order),
            slots: withSlots ? slots.map { gather($0, order) } : [], bias: bias.array,
            biasSlots: withSlots ? biasSlots.map(\.array) : [])
    }

    /// Gradient of the latest step at the live weights, in row-major order.
    package func liveGradient() -> [Float] { gather(gradient, storageOrder()) }

    package func liveIndices() -> [Int]? {
        guard !isDense, case .sparse(let pattern) = storage else { return nil }
        let canonical = pattern.canonicalIndices()
        return pattern.rowMajorOrder().map { canonical[Int($0)] }
    }

    /// Replaces the mask, the values and the optimizer state. The gradient is zero until the next step.
    /// - Complexity: O(nnz).
    package func set(_ arrays: LayerArrays) {
        precondition(arrays.slots.count == slots.count && arrays.bias.count == map.rows)
        let count: Int
        isDense = arrays.indices == nil
        if let indices = arrays.indices ?? (map.groups > 1 ? Array(0..<map.weights) : nil) {
            storage = .sparse(SparsePattern(map: map, indices: indices, needsInputGradient: needsInputGradient))
            count = indices.count
        } else {
            storage = .dense
            count = DensePacking.count(rows: map.rows, columns: map.columns)
        }
        let order = storageOrder()
        values = scatter(arrays.values, order, count)
        slots = arrays.slots.map { scatter($0, order, count) }
        gradient = FloatBuffer(count: count)
        hasGradient = false
        for (index, value) in arrays.bias.enumerated() { bias[index] = value }
        for (slot, given) in zip(biasSlots, arrays.biasSlots) {
            for (index, value) in given.enumerated() { slot[index] = value }
        }
    }

    // Storage position of each live weight in row-major order.
    private func storageOrder() -> [UInt32] {
        if case .sparse(let pattern) = storage { return pattern.rowMajorOrder() }
        var order = [UInt32](repeating: 0, count: map.weights)
        var index = 0
        for row in 0..<map.rows {
            for column in 0..<map.columns {
                order[index] = UInt32(DensePacking.position(row: row, column: column, columns: map.columns))
                index += 1
            }
        }
        return order
    }

    private func gather(_ buffer: FloatBuffer, _ order: [UInt32]) -> [Float] {
        // Before the first `set` there is nothing.
        buffer.count == 0 ? [] : order.map { buffer.pointer[Int($0)] }
    }
    private func scatter(_ array: [Float], _ order: [UInt32], _ count: Int) -> FloatBuffer {
        let buffer = FloatBuffer(count: count)
        for (index, position) in order.enumerated() { buffer.pointer[Int(position)] = array[index] }
        return buffer
    }
}

/// The arrays of a layer in row-major order, free of any storage: what checkpoints, previews and cuts pass around.
package struct LayerArrays: Sendable, Equatable {
    /// Ascending row-major positions, or nil where every weight is live.
    package var indices: [Int]?
    package var values: [Float]
    package var slots: [[Float]]
    package var bias: [Float]
    package var biasSlots: [[Float]]

    package init(indices: [Int]?, values: [Float], slots: [[Float]], bias: [Float], biasSlots: [[Float]]) {
        self.indices = indices
        self.values = values
        self.slots = slots
        self.bias = bias
        self.biasSlots = biasSlots
    }

    /// Keeps the live weights whose flag is set.
    package func keeping(_ keep: [Bool]) -> LayerArrays {
        func kept(_ array: [Float]) -> [Float] {
            var result: [Float] = []
            for (value, stays) in zip(array, keep) where stays { result.append(value) }
            return result
        }
        var indices: [Int] = []
        for (live, stays) in keep.enumerated() where stays { indices.append(self.indices?[live] ?? live) }
        return LayerArrays(
            indices: indices, values: kept(values), slots: slots.map(kept), bias: bias, biasSlots: biasSlots)
    }
}
