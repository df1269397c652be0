import Graph
import Sparsity

/// A network after a cut, as a recovery sees it: what it may change, and what it may ask of the network before the cut and as it is
/// now. A recovery knows neither plan nor trainer.
package protocol Recoverable: AnyObject {
    /// Values of live weights and biases may be changed; masks must stay.
    var layers: [LayerState] { get set }
    var parameters: [ParameterState] { get set }
    /// The live weights of each layer before the cut.
    var weightsBefore: [LiveWeights] { get }

    /// Whether nothing of a layer was cut, or it has no outputs of its own.
    func isWhole(_ layer: Int) -> Bool
    /// Of each output of each layer, before the cut.
    func momentsBefore(_ samples: Int) -> [[OutputMoments]]
    /// Of each output of one layer, with all that was recovered so far.
    func moments(_ samples: Int, of layer: Int) -> [OutputMoments]
    /// X Xᵀ of the inputs of each layer before the cut.
    /// - Throws: `MemoryError` where they do not fit.
    func inputGramsBefore(_ samples: Int) throws -> [LayerFacts]
    /// All parameters, with statistics of batch normalisation that are those of the samples.
    func normStatistics(_ samples: Int) -> [ParameterState]
    /// Trains on the labels and on what the network answered before the cut.
    /// - Throws: `FitError` where this network or its data is not one to do that with.
    func distil(steps: Int, temperature: Double, share: Double) throws
}

/// Of an output over samples and points.
package struct OutputMoments: Sendable, Equatable {
    package var mean = 0.0
    package var variance = 0.0

    package init(mean: Double = 0, variance: Double = 0) {
        self.mean = mean
        self.variance = variance
    }
}
