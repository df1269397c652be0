/// A method of which the network computes with weights that are made of what is trained (a soft threshold, a gate, a mask over
/// weights that live on). At every boundary of steps the layer's values are those that the network answers with; the trained
/// ones are the method's first slot, and the optimizer changes them.
///
/// All of it runs on one thread for each layer, in the order of the live weights, so the bytes depend on nothing else.
package protocol LatentMethod: Method {
    /// A layer gets its first latent weights: of what it starts with, or comes back to without them.
    func begin(_ layer: LayerMemory)
    /// Before the forward pass of a training step: fills the values that this step computes with, from the latent ones.
    mutating func prepare(_ layer: LayerMemory, _ context: StepContext)
    /// After the backward pass: turns the gradient of the values into that of the latent weights, in place, and changes what
    /// else the method trains by it.
    mutating func pullBack(_ layer: LayerMemory, _ context: StepContext)
    /// After the optimizer: fills the values that the network answers with.
    mutating func project(_ layer: LayerMemory, _ context: StepContext)
}

/// One layer's arrays in place. A live weight's value is `values[place]` with `place = places[live]`.
package struct LayerMemory {
    package let number: Int
    /// Names and sizes, without live weights.
    package let weights: LiveWeights
    /// Ascending row-major positions of the live weights; nil: all.
    package let positions: [Int]?
    /// In storage, of each live weight in row-major order.
    package let places: [UInt32]
    package let values: UnsafeMutablePointer<Float>
    package let gradient: UnsafeMutablePointer<Float>
    /// The method's own.
    package let slots: [UnsafeMutablePointer<Float>]

    package init(
        number: Int, weights: LiveWeights, positions: [Int]? = nil, places: [UInt32],
        values: UnsafeMutablePointer<Float>,
        gradient: UnsafeMutablePointer<Float>, slots: [UnsafeMutablePointer<Float>]
    ) {
        self.number = number
        self.weights = weights
        self.positions = positions
        self.places = places
        self.values = values
        self.gradient = gradient
        self.slots = slots
    }

    /// The trained weights.
    package var latent: UnsafeMutablePointer<Float> { slots[0] }
}
