import Kernels

/// The weights of one linear or convolution layer: dense (packed) or sparse (pattern and values). What belongs to a
/// weight (value, gradient, optimizer state) exists only where the weight does.
package final class WeightLayer {
    package let name: String
    package let map: WeightMap
    package let isConvolution: Bool
    /// Whether its rows are looked up by number, as an embedding does.
    package let isTable: Bool
    /// How the inputs of a linear layer lie in space, where a flatten tells.
    package let fold: Shape?
    /// False where every path from input to output runs through this layer.
    package let mayVanish: Bool
    /// True where no other weights read its outputs: they are the network's answer.
    package let isOutput: Bool
    /// False: its weights are never cut.
    package let isPrunable: Bool
    /// True: neither its weights nor its biases are trained.
    package let isFrozen: Bool
    package let needsInputGradient: Bool
    /// Where a gradient is made of two halves of the panels.
    let halfSums: HalfSums?

    /// Where the weights are; nil before the first `set`.
    package private(set) var pattern: (any WeightPattern)?
    /// What the kernels cost here, where that was measured: `set` chooses by it. Without, a mask runs by sparse kernels.
    package var costs: KernelCosts?
    /// Times the layer in every step while it is there.
    package var clock: LayerClock?
    /// Asked in the next backward pass, and in each while it is there.
    package var probe: GradientProbe?
    /// What the largest gradients outside the mask will exceed, by a guess that changes no answer; -1: no guess.
    var growthLimit: Float = -1
    /// Whether the pattern's copy of the values, if it has one, is up to date.
    var isPrepared = false
    /// In the pattern's storage order.
    package private(set) var values: FloatBuffer
    package private(set) var gradient: FloatBuffer
    /// Whether `select` or `selectAll` was called since the pattern was made.
    package private(set) var isSelected = false
    /// False from a change of the mask to the next step: the gradient is not known.
    package internal(set) var hasGradient = false
    /// The optimizer's arrays, then the method's, in the order of `values`.
    package private(set) var slots: [FloatBuffer]
    /// Positions and places of the live weights in row-major order; nil: to be asked of the pattern. Several ask in one update.
    private var held: (indices: [Int]?, order: [UInt32])?
    package let bias: FloatBuffer
    package let biasGradient: FloatBuffer
    package let biasSlots: [FloatBuffer]

    init(
        name: String, map: WeightMap, isConvolution: Bool, isTable: Bool = false, fold: Shape?, mayVanish: Bool,
        isOutput: Bool, isPrunable: Bool, isFrozen: Bool, needsInputGradient: Bool, slots: Int, weightSlots: Int = 0,
        halfSums: HalfSums?
    ) {
        self.name = name
        self.map = map
        self.isConvolution = isConvolution
        self.isTable = isTable
        self.fold = fold
        self.mayVanish = mayVanish
        self.isOutput = isOutput
        self.isPrunable = isPrunable
        self.isFrozen = isFrozen
        self.needsInputGradient = needsInputGradient
        // Empty until `set`: a layer that starts sparse must never have had a dense array.
        values = FloatBuffer(count: 0)
        gradient = FloatBuffer(count: 0)
        self.halfSums = halfSums
        self.slots = (0..<slots + weightSlots).map { _ in FloatBuffer(count: 0) }
        let biases = isTable ? 0 : map.rows
        bias = FloatBuffer(count: biases)
        biasGradient = FloatBuffer(count: biases)
        biasSlots = (0..<slots).map { _ in FloatBuffer(count: biases) }
    }

    /// Whether every weight is there. Grouped convolutions hold theirs as a full pattern: the packed kernels would
    /// multiply the channels of other groups by zero.
    package private(set) var isDense = true
    package var nnz: Int { pattern?.nnz ?? map.weights }
    /// Values and patterns in memory, gradient and optimizer state not counted.
    package var bytes: Int { 4 * values.count + (pattern?.bytes ?? 0) }

    /// The live weights in row-major order: ascending positions (nil: all), values and optimizer state.
    package func live(withSlots: Bool = true) -> LayerArrays {
        let order = rowMajorOrder()
        return LayerArrays(
            indices: liveIndices(), values: gather(values, order),
            slots: withSlots ? slots.map { gather($0, order) } : [], bias: bias.array,
            biasSlots: withSlots ? biasSlots.map(\.array) : [])
    }

    /// To be called by who writes `values` in place, but for the optimizer: every training pass prepares anew.
    package func valuesChanged() { isPrepared = false }

    /// Rounds the weights to half precision: 11 bits, 65,520 and above become infinite, below 2⁻²⁵ zero.
    func roundToHalf() {
        for index in 0..<values.count { values[index] = Float(Float16(values[index])) }
        valuesChanged()
    }

    /// Room for so many arrays of a method, all zero, in place of those that stood behind the optimizer's.
    /// - Parameter own: arrays of the optimizer, which stay.
    package func restartWeightSlots(_ count: Int, after own: Int) {
        slots = slots[..<own] + (0..<count).map { _ in FloatBuffer(count: values.count) }
    }

    /// Gradient of the latest step at the live weights, in row-major order.
    package func liveGradient() -> [Float] { gather(gradient, rowMajorOrder()) }

    /// The same of some live weights, by number.
    package func liveGradient(of lives: [Int]) -> [Float] {
        let order = rowMajorOrder(), gradient = gradient.pointer
        return order.withUnsafeBufferPointer { order in lives.map { gradient[Int(order[$0])] } }
    }

    package func liveIndices() -> [Int]? {
        if isDense { return nil }
        if let indices = held?.indices { return indices }
        let indices = pattern?.rowMajorIndices()
        held = (indices, rowMajorOrder())
        return indices
    }

    /// Storage position of each live weight in row-major order.
    package func rowMajorOrder() -> [UInt32] {
        if let held { return held.order }
        let order = pattern?.rowMajorOrder() ?? []
        held = (nil, order)
        return order
    }

    /// Lets go of what `liveIndices` and `rowMajorOrder` keep where that is much: twelve bytes a weight, made again when asked for.
    package func forgetOrder() {
        if nnz > Self.mostHeld { held = nil }
    }
    private static let mostHeld = 1 << 16

    /// Replaces the mask, the values and the optimizer state. The gradient is zero until the next step.
    /// - Complexity: O(nnz).
    package func set(_ arrays: LayerArrays) {
        precondition(arrays.slots.count == slots.count && arrays.bias.count == bias.count)
        let (order, count) = begin(arrays.indices)
        values = scatter(arrays.values, order, count)
        slots = arrays.slots.map { scatter($0, order, count) }
        for (index, value) in arrays.bias.enumerated() { bias[index] = value }
        for (slot, given) in zip(biasSlots, arrays.biasSlots) {
            for (index, value) in given.enumerated() { slot[index] = value }
        }
    }

    /// Some weights go and others come, with a value and nothing in the slots; what stays keeps all that belongs to it. The gradient is
    /// zero until the next step.
    /// - Parameters:
    ///   - drop: ascending positions.
    ///   - grow: ascending positions, each with its value.
    ///   - team: that the work is shared among.
    /// - Complexity: O(nnz).
    package func change(drop: [Int], grow: [Int], values grown: [Float], team: Team? = nil) {
        let from = rowMajorOrder()
        let merge = PositionMerge(liveIndices() ?? Array(0..<map.weights), drop: drop, grow: grow, team: team)
        let (order, count) = begin(merge.positions.count == map.weights ? nil : merge.positions, team: team)
        let old = [values] + slots, new = old.map { _ in FloatBuffer(count: count) }
        order.withUnsafeBufferPointer { order in
            from.withUnsafeBufferPointer { from in
                merge.origins.withUnsafeBufferPointer { origins in
                    let arrays = zip(old, new).map { ($0.pointer, $1.pointer) }
                    func move(_ weights: Range<Int>) {
                        for (old, new) in arrays where !from.isEmpty {
                            // A place of none is read for what comes, and written over below.
                            for weight in weights {
                                new[Int(order[weight])] = old[Int(from[max(0, Int(origins[weight]))])]
                            }
                        }
                    }
                    let stretch = 4096, stretches = (order.count + stretch - 1) / stretch
                    func run(_ number: Int) { move(number * stretch..<min((number + 1) * stretch, order.count)) }
                    if let team { team.run(tasks: stretches, run) } else { for number in 0..<stretches { run(number) } }
                    for (number, weight) in merge.places.enumerated() {
                        let place = Int(order[Int(weight)])
                        for (_, new) in arrays { new[place] = 0 }
                        arrays[0].1[place] = grown[number]
                    }
                }
            }
        }
        values = new[0]
        slots = Array(new.dropFirst())
    }

    /// The pattern of a mask, and a gradient of zero.
    /// - Returns: storage position of each live weight in row-major order, and floats of an array.
    private func begin(_ indices: [Int]?, team: Team? = nil) -> (order: [UInt32], count: Int) {
        isDense = indices == nil
        let pattern: any WeightPattern
        if isTable {
            pattern = TablePattern(map: map, indices: indices)
        } else if let indices = indices ?? (map.groups > 1 ? Array(0..<map.weights) : nil) {
            pattern = chosenPattern(indices, team: team)
        } else {
            pattern = DensePattern(map: map)
        }
        self.pattern = pattern
        let order = pattern.rowMajorOrder()
        held = (indices, order)
        gradient = FloatBuffer(count: pattern.storageCount)
        halfSums?.reserve(weights: pattern.storageCount, rows: map.rows)
        hasGradient = false
        isPrepared = false
        isSelected = false
        return (order, pattern.storageCount)
    }

    /// The least magnitude of the weights; infinity where there are none.
    package func leastMagnitude() -> Float {
        // Behind the weights of a packed row there are zeros.
        if let pattern, pattern.storageCount == pattern.nnz {
            return Magnitudes.least(values.pointer, count: values.count)
        }
        var least = Float.infinity
        for place in rowMajorOrder() { least = min(least, abs(values.pointer[Int(place)])) }
        return least
    }

    /// Other kernels for the same mask, between two steps: values, gradient and optimizer state stay where they are.
    package func exchange(_ pattern: any WeightPattern) {
        precondition(pattern.storageCount == values.count && !isDense)
        isSelected = false
        self.pattern = pattern
        isPrepared = false
    }

    /// The network computes with some of the weights and makes the gradients of some, by number in row-major order, ascending, until
    /// the mask changes or it is told otherwise. The other values must be zero; gradients that are not made are zero. Which kernels
    /// run changes no bit.
    package func select(computing: [Int], learning: [Int]) {
        selectAll()
        guard !isTable, map.groups == 1, let pattern else { return }
        self.pattern = SelectedPattern(
            pattern, computing: computing, learning: learning, needsInputGradient: needsInputGradient)
        gradient.zero()
    }

    package func selectAll() {
        if let selected = pattern as? SelectedPattern { pattern = selected.whole }
        isPrepared = false
        isSelected = true
    }

    private func gather(_ buffer: FloatBuffer, _ order: [UInt32]) -> [Float] {
        // Before the first `set` there is nothing.
        if buffer.count == 0 { return [] }
        let pointer = buffer.pointer
        return order.map { pointer[Int($0)] }
    }
    private func scatter(_ array: [Float], _ order: [UInt32], _ count: Int) -> FloatBuffer {
        let buffer = FloatBuffer(count: count), pointer = buffer.pointer
        for (position, value) in zip(order, array) { pointer[Int(position)] = value }
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
