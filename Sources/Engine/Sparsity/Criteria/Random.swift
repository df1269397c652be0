import Descriptors
import Kernels

extension Criteria {
    /// The control: a criterion earns its cost only where it beats this one.
    package struct Random: Criterion {
        package static let descriptor = Descriptor(
            name: "random", summary: "A random number of each position: the control for every other criterion")

        package static let isRandom = true

        package init(_ arguments: Arguments) {}

        // The step is left out on purpose: a weight keeps its score, so that a later, deeper cut goes on from an
        // earlier one and several cuts end in the same mask as one.
        package func scores(of layer: ScoredLayer) -> [Float] {
            let random = CounterRandom(seed: layer.seed, purpose: .randomCriterion)
            return layer.weights.values.indices.map { random.uniform(layer.number, layer.weights.position($0)) }
        }
    }
}
