import Descriptors
import Graph
import Sparsity

extension Recoveries {
    /// Values of the weights that stay that keep a layer's outputs for its inputs before the cut as nearly as they can: least squares
    /// row by row, damped by one percent.
    ///
    /// Reference: He et al. 2017, arXiv:1707.06168
    package struct Reconstruction: Recovery {
        package static let descriptor = Descriptor(
            name: "reconstruction", summary: "Least squares on the weights that stay, layer by layer",
            citation: "He et al. 2017, arXiv:1707.06168", parameters: [Recoveries.samples])
        private let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func recover(_ network: any Recoverable) throws {
            let solver = try Criteria.ALPS(Arguments([:], for: Criteria.ALPS.descriptor))
            let facts = try network.inputGramsBefore(samples)
            for (number, dense) in network.weightsBefore.enumerated() {
                let kept = network.layers[number].arrays
                guard kept.values.count < dense.values.count else { continue }
                let layer = ScoredLayer(dense, facts: facts[number])
                let positions = Set(kept.indices ?? [])
                let stays = dense.values.indices.map { positions.contains(dense.indices?[$0] ?? $0) }
                network.layers[number].arrays.values = solver.values(of: layer, keeping: stays)
            }
        }
    }
}
