import Graph

/// What a method sees of a training step.
package struct StepContext {
    /// Completed steps; before a step is made, with that step counted.
    package let step: Int
    /// The same as the schedule counts them: without those in which it was held back.
    package let scheduleStep: Int
    /// Steps of the whole run.
    package let totalSteps: Int
    package let stepsPerEpoch: Int
    package let learningRate: Double
    package let seed: UInt64
    package let schedule: any Schedule
    package let masker: Masker
    /// Without live weights: names, sizes and what may be cut.
    package let layers: [LiveWeights]
    /// Of the network; nil where the layers alone are known.
    package var graph: Graph?
    /// Live weights of each layer.
    package let nnz: [Int]
    /// Of one layer, with values. Gathered when it is called.
    package var weights: (_ layer: Int) -> LiveWeights
    /// Of this step's batch, at the live weights of a layer; empty before the step is made.
    package var gradient: (_ layer: Int) -> [Float] = { _ in [] }
    /// The same at some live weights; nil: to be taken from `gradient`.
    package var gradientOfSome: ((_ layer: Int, _ lives: [Int]) -> [Float])?
    /// What the method keeps for each live weight of a layer.
    package var kept: (_ layer: Int, _ slot: Int) -> [Float] = { _, _ in [] }
    /// Answers to `Need.growth` and `Need.gradients`, by layer: ascending positions with their gradients.
    package var found: [Int: [MaskChange.Weight]] = [:]

    package init(
        step: Int, scheduleStep: Int? = nil, totalSteps: Int, stepsPerEpoch: Int = 1, learningRate: Double = 0,
        seed: UInt64 = 0, schedule: any Schedule, masker: Masker, layers: [LiveWeights], nnz: [Int],
        weights: @escaping (_ layer: Int) -> LiveWeights
    ) {
        self.step = step
        self.scheduleStep = scheduleStep ?? step
        self.totalSteps = totalSteps
        self.stepsPerEpoch = stepsPerEpoch
        self.learningRate = learningRate
        self.seed = seed
        self.schedule = schedule
        self.masker = masker
        self.layers = layers
        self.nnz = nnz
        self.weights = weights
    }

    /// Zeros over all weights.
    package var sparsity: Double {
        1 - Double(nnz.reduce(0, +)) / Double(max(1, layers.reduce(0) { $0 + $1.total }))
    }

    /// Of this step's batch, at some live weights of a layer.
    func gradient(_ layer: Int, of lives: [Int]) -> [Float] {
        if let gradientOfSome { return gradientOfSome(layer, lives) }
        let all = gradient(layer)
        return lives.map { all[$0] }
    }
}
