/// What a pass over the network is for: operators that behave otherwise in training look here.
package final class Pass {
    /// Whether the network is ever trained.
    package var trains = false
    package var isTraining = false
    package var samples = 0
    /// Whether sparse linear layers may round their weights to half precision for a batch of one.
    package var usesHalf = false
    /// λ of Σ|y| over the activations that make zeros, for each sample; the loss is the mean over samples.
    package var activationPenalty: Float = 0
    /// For random numbers.
    package var seed: UInt64 = 0
    package var step = 0
}
