/// What a criterion or a method wants to know besides the weights. A new need is a case here and a field of `LayerFacts`; it
/// changes no signature.
package enum Need: Sendable, Hashable {
    // Of calibration samples, at the weights as they are: what criteria ask for.

    /// Mean gradient of the loss at each live weight.
    case gradient
    /// Mean of the squared gradient of single batches at each live weight: the diagonal of the empirical Fisher matrix.
    case squaredGradient
    /// Product of the Hessian of the loss with its gradient, at each live weight.
    case hessianGradient
    /// w · ∂R/∂w of the network of absolute weights with an input of ones; R is the sum of its outputs.
    case synapticFlow
    /// ‖X_j‖₂ of each input (channel and tap of a kernel) over samples and points.
    case inputNorms
    /// Mean of each input over samples and points.
    case inputMeans
    /// X Xᵀ over samples and points, between all inputs of a row.
    case inputGram
    /// Share of samples and points at which a unit's activation is not zero.
    case activationRates
    /// |γ| of the batch norm that reads a unit.
    case normScales
    /// The array of this name that the recipe's method keeps for each live weight.
    case kept(String)

    // Of one training step: what methods ask for.

    /// The weights that are not there and have the largest |gradient| of their layer, `count` at most; of equal ones the
    /// earlier. The dense gradient exists one block of rows at a time.
    case growth(layer: Int, count: Int)
    /// Those, and of each row the `each` largest.
    case rowGrowth(layer: Int, count: Int, each: Int)
    /// The gradient at ascending positions that are not there.
    case gradients(layer: Int, at: [Int])
}

/// What was asked for of one layer; nil: not asked for, or the layer has none.
package struct LayerFacts: Sendable {
    /// In the order of the live weights.
    package var gradient: [Float]?
    package var squaredGradient: [Float]?
    package var hessianGradient: [Float]?
    package var synapticFlow: [Float]?
    /// (columns). Of a grouped convolution (groups, columns).
    package var inputNorms: [Float]?
    package var inputMeans: [Float]?
    /// (columns, columns), and the samples times points that it sums. Of a grouped convolution (groups, columns, columns).
    package var inputGram: [Float]?
    package var gramCount = 0
    /// (rows)
    package var activationRates: [Float]?
    package var normScales: [Float]?
    /// What the recipe's method keeps for each live weight, by name.
    package var kept: [String: [Float]] = [:]

    package init() {}

    /// Of fewer live weights.
    func keeping(_ keep: [Bool]) -> LayerFacts {
        func kept(_ array: [Float]?) -> [Float]? { array.map { zip($0, keep).filter(\.1).map(\.0) } }
        var facts = self
        facts.gradient = kept(gradient)
        facts.squaredGradient = kept(squaredGradient)
        facts.hessianGradient = kept(hessianGradient)
        facts.synapticFlow = kept(synapticFlow)
        facts.kept = self.kept.mapValues { kept($0)! }
        return facts
    }
}

/// Answers the needs of a criterion.
package protocol FactSource {
    /// - Parameters:
    ///   - keeping: live weights, by layer, that count as there; those that are left out are taken as zero. nil: all.
    ///   - samples: of the training data, the same ones each time.
    /// - Returns: one entry for each layer.
    func facts(_ needs: [Need], keeping: [[Bool]]?, samples: Int) throws -> [LayerFacts]
}

/// A layer with what a criterion declared that it needs.
package struct ScoredLayer: Sendable {
    package let weights: LiveWeights
    /// In the order of the graph.
    package let number: Int
    package let seed: UInt64
    /// Completed steps.
    package let step: Int
    package let facts: LayerFacts

    package init(
        _ weights: LiveWeights, number: Int = 0, seed: UInt64 = 0, step: Int = 0, facts: LayerFacts = LayerFacts()
    ) {
        self.weights = weights
        self.number = number
        self.seed = seed
        self.step = step
        self.facts = facts
    }
}
