/// What an operator promises or asks of the memory and the order of steps. A trait that is missing costs memory or time;
/// one that is claimed wrongly makes wrong results.
package struct OperatorTraits: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// The output is the input's values in their order under another shape: it may be the same memory. Must not change a value.
    package static let reshapes = OperatorTraits(rawValue: 1 << 0)
    /// The output may lie in the memory of the newest input, where all inputs have its shape. Must not read a value of that input
    /// after writing its place.
    package static let overwrites = OperatorTraits(rawValue: 1 << 1)
    /// The gradient of the input may lie in the memory of that of the output. Must not read a gradient after writing its place.
    package static let overwritesGradient = OperatorTraits(rawValue: 1 << 2)
    /// The gradient of the input may lie in the memory of the input. The way back must read each value for the last time where
    /// it writes its gradient.
    package static let replacesInput = OperatorTraits(rawValue: 1 << 3)
    /// The gradient of the output is that of every input that has its shape. Must have two inputs.
    package static let passesGradient = OperatorTraits(rawValue: 1 << 4)
    /// The way back reads the output, which then nobody may overwrite.
    package static let readsOutput = OperatorTraits(rawValue: 1 << 5)
    /// It runs in regions of its own, at its own place in the order, both ways: its step must not be a `BlockStep`. Operators
    /// with weights do without saying so.
    package static let hasOwnRegions = OperatorTraits(rawValue: 1 << 6)
    /// Networks that hold it use panels of 16 lanes instead of 64.
    package static let wantsNarrowPanels = OperatorTraits(rawValue: 1 << 7)
    /// For one image it reads and writes runs of points without regard to where rows end: a convolution.
    package static let walksPlanes = OperatorTraits(rawValue: 1 << 8)
    /// Each value of the output is made of the value of the same number of its one input: what an image was flattened from is
    /// still told. Must not change the order.
    package static let keepsOrder = OperatorTraits(rawValue: 1 << 9)
    /// It makes zeros of values: they are counted as activation sparsity of the weights before it.
    package static let makesZeros = OperatorTraits(rawValue: 1 << 11)
    /// In training it normalises each channel by the values of the whole batch. Must keep shape and order.
    package static let normalizesBatch = OperatorTraits(rawValue: 1 << 12)
    /// It multiplies two matrices of activations; axes before the last two number pairs of matrices, each multiplied apart.
    package static let multipliesMatrices = OperatorTraits(rawValue: 1 << 13)
    /// It has no way back. A network that holds it answers and is not trained.
    package static let hasNoGradient = OperatorTraits(rawValue: 1 << 10)
}
