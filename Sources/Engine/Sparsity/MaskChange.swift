/// What is to happen to the mask and the weights of one layer, as a value: made by a method, a criterion or a person,
/// carried out in one place.
package struct MaskChange: Sendable, Equatable {
    /// A weight that comes, or gets a value.
    package struct Weight: Sendable, Equatable {
        /// Row-major.
        package let position: Int
        package let value: Float

        package init(_ position: Int, _ value: Float = 0) {
            self.position = position
            self.value = value
        }
    }

    /// Number of the layer in the order of the graph.
    package let layer: Int
    /// Ascending row-major positions of live weights that go.
    package var drop: [Int]
    /// Ascending positions that come, none of which stays live anyway. Their optimizer state and what a method keeps for
    /// them begin at zero.
    package var grow: [Weight]
    /// Values of the live weights that stay, in their order; nil: as they are.
    package var values: [Float]?

    package init(layer: Int, drop: [Int] = [], grow: [Weight] = [], values: [Float]? = nil) {
        self.layer = layer
        self.drop = drop
        self.grow = grow
        self.values = values
    }

    /// A drop of the live weights whose flag is not set; nil where all stay as they are.
    package init?(layer: Int, keep: [Bool], of live: LiveWeights, values: [Float]? = nil) {
        let drop = keep.indices.filter { !keep[$0] }.map(live.position)
        if drop.isEmpty, values == nil { return nil }
        self.init(layer: layer, drop: drop, values: values)
    }

    package var isEmpty: Bool { drop.isEmpty && grow.isEmpty && values == nil }
}
