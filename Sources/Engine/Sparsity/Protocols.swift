import Descriptors

/// Scores the live weights of a layer; the smallest scores are cut first, ties by row-major position.
package protocol Criterion: Choosable {
    /// What it wants to know besides the weights. It must not ask for the needs of a training step.
    var needs: [Need] { get }
    /// Training samples that the needs are answered from.
    var samples: Int { get }
    /// Rounds of scoring and cutting on the way to a target; each sees what the one before left.
    var rounds: Int { get }
    /// One score per live weight, in their order. It must depend on the layer given alone.
    func scores(of layer: ScoredLayer) -> [Float]
    /// Whether the scores are random numbers, whatever the weights are.
    static var isRandom: Bool { get }
    /// Which weights its scores can be compared with.
    static var scope: RankingScope { get }
    /// Whether a score below zero is less than zero; else the scores of a group are pooled by magnitude.
    static var isSigned: Bool { get }
}

/// Among which weights a criterion's scores are ranked, where the granularity is that of single weights.
package enum RankingScope: Sendable {
    /// As the distribution says.
    case asDistributed
    /// All layers in one ranking and nothing else: apart, it would be another method.
    case network
    /// One ranking a layer: a target for the network is that of each layer.
    case layer
    /// One ranking an output row, each of which loses the same share.
    case row
}

extension Criterion {
    package static var isRandom: Bool { false }
    package static var scope: RankingScope { .asDistributed }
    package static var isSigned: Bool { false }
    package var needs: [Need] { [] }
    package var samples: Int { 0 }
    package var rounds: Int { 1 }
}

/// Groups live weights that are kept or cut together.
package protocol Granularity: Choosable {
    /// The group of each live weight, numbered from 0 in ascending order of first position; -1 for a weight that
    /// this granularity never cuts (the classes of the output layer, for whole neurons).
    func groups(of layer: LiveWeights) -> [Int32]
    /// The same once the weights are scored, for a granularity that keeps the best of each neighbourhood.
    func groups(of layer: LiveWeights, scores: [Float]) -> [Int32]
    /// The score of each group from the scores of its weights.
    func groupScores(_ scores: [Float], groups: [Int32]) -> [Float]
    /// For groups that reach over layers: a number for each group, which is that of its parts in other layers; nil: each group
    /// lies in one layer. The groups of one number are cut together wherever their layers stand in one ranking.
    func sharedNumbers(of layer: LiveWeights) -> [Int32]?
    /// What it never cuts, for messages: "… is never cut: it is …".
    static var neverCuts: String { get }
    /// Whether each weight is a group of its own.
    static var isSingleWeights: Bool { get }
    /// Whether what stands in a ranking is single weights, though perhaps not all of them.
    static var ranksWeights: Bool { get }
    /// Whether it could ever cut something of a layer, whatever the weights are. Only name, sizes, `mayVanish`, `isOutput` and
    /// `heads` of the layer may be read: it is asked before there are weights.
    func canCut(_ layer: LiveWeights) -> Bool
}

extension Granularity {
    package func sharedNumbers(of layer: LiveWeights) -> [Int32]? { nil }
    package static var neverCuts: String { "the output layer or lies on every path from input to output" }
    package static var isSingleWeights: Bool { false }
    package static var ranksWeights: Bool { isSingleWeights }
    package func canCut(_ layer: LiveWeights) -> Bool { true }
}

extension Granularity {
    package func groups(of layer: LiveWeights, scores: [Float]) -> [Int32] { groups(of: layer) }
}

/// Splits a target sparsity over layers.
package protocol Distribution: Choosable {
    /// - Parameters:
    ///   - target: what the schedule asks for now.
    ///   - final: what it asks for at its end.
    /// - Throws: `SparsityError` where a named layer does not exist.
    func allocate(target: Double, final: Double, layers: [LiveWeights]) throws -> Allocation
    /// Layers that are given a sparsity above zero by name.
    var namedLayers: [String] { get }
}

extension Distribution {
    package var namedLayers: [String] { [] }
}

extension Schedule {
    /// The target at the end.
    package var final: Double { sparsity(at: Int.max / 2) }
}

package enum Allocation: Sendable, Equatable {
    /// One ranking over all layers.
    case together(Double)
    /// One ranking and one target sparsity a layer.
    case perLayer([Double])
}

/// The target sparsity at a step. Steps count completed optimizer steps.
package protocol Schedule: Choosable {
    /// Target sparsity in [0, 1) once `step` steps are done.
    func sparsity(at step: Int) -> Double
    /// The first step after `step` at which masks change, or nil when the schedule is done.
    func nextUpdate(after step: Int) -> Int?
    /// The step of the last update.
    var lastUpdate: Int { get }
}

package enum SparsityError: Error, Equatable, CustomStringConvertible {
    case noSuchLayer(String, layers: [String])
    /// The granularity finds nothing it may cut.
    case nothingToCut(granularity: String, reason: String)
    /// A layer that is given a sparsity is of a kind that the granularity never cuts.
    case neverCut(layer: String, granularity: String, reason: String)
    /// A criterion of one ranking over all layers, with a distribution that splits the target.
    case needsOneRanking(criterion: String, distribution: String)
    /// A criterion that reads what no method but one keeps.
    case needsMethod(criterion: String, method: String, found: String)
    /// A distribution by bytes is given fewer than a network with its last weights takes.
    case tooFewBytes(Int, least: Int)

    package var description: String {
        switch self {
        case .noSuchLayer(let name, let layers):
            "no layer '\(name)'; the layers are \(layers.joined(separator: ", "))" + didYouMean(name, among: layers)
        case .needsOneRanking(let criterion, let distribution):
            "criterion '\(criterion)' ranks the weights of all layers together, and distribution '\(distribution)' splits the "
                + "target over layers; accepted: distribution 'global'"
        case .needsMethod(let criterion, let method, let found):
            "criterion '\(criterion)' reads what method '\(method)' keeps for each weight; the method is '\(found)'"
        case .nothingToCut(let granularity, let reason): "granularity '\(granularity)' can cut nothing: \(reason)"
        case .tooFewBytes(let budget, let least):
            "'budget' is \(budget) bytes; bitmasks and biases of this network with a weight a layer take \(least)"
        case .neverCut(let layer, let granularity, let reason):
            "layer '\(layer)' is given a sparsity, and granularity '\(granularity)' never cuts it: it is \(reason)"
        }
    }
}
