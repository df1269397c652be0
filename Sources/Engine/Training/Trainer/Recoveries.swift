import Descriptors
import Graph
import Kernels
import Sparsity

/// Makes up for a cut without training: by other values of what is left, found on calibration samples.
package protocol Recovery: Choosable {
    func recover(_ network: CutNetwork) throws
}

/// Every recovery, in the order in which those that are asked for are carried out.
package enum Recoveries {
    package static let all: [any Recovery.Type] = [
        Reconstruction.self, VarianceMatching.self, BiasCorrection.self, NormStatistics.self,
    ]

    /// - Throws: `ArgumentError` for a name that is not in the list.
    package static func make(_ names: [String]) throws -> [any Recovery] {
        for name in names { _ = try choose(name, kind: "recover", among: all) { $0.descriptor } }
        return try all.filter { names.contains($0.descriptor.name) }.map {
            try $0.init(Arguments([:], for: $0.descriptor))
        }
    }

    static let samples = Parameter(
        "samples", "Training samples that it looks at", .integer(2...1_000_000), default: .integer(1024))

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

        package func recover(_ network: CutNetwork) throws {
            let solver = try Criteria.make("alps") as! any SolvingCriterion
            let facts = try network.before.facts([.inputGram], keeping: nil, samples: samples)
            for number in network.layers.indices {
                let dense = network.before.layers[number], kept = network.layers[number].arrays
                guard kept.values.count < dense.values.count else { continue }
                let layer = ScoredLayer(
                    LiveWeights(network.plan.layers[number], indices: dense.indices, values: dense.values),
                    facts: facts[number])
                let positions = Set(kept.indices ?? [])
                let stays = dense.values.indices.map { positions.contains(dense.indices?[$0] ?? $0) }
                network.layers[number].arrays.values = solver.values(of: layer, keeping: stays)
            }
        }
    }

    /// Each output gets back the variance that it had before the cut: its weights grow by 1 + s (√(v / v′) − 1), with v the variance
    /// before and v′ after the cut. s = v′ / (v′ + median of the layer's v′) holds back where too little signal is left to be
    /// believed. Means stay as they were before the cut. From the first layer to the last, each with inputs that are mended.
    ///
    /// Reference: Zhan, Chen & Hu 2026, arXiv:2605.21426 (its shrinkage is described there in words; this one is by the median)
    package struct VarianceMatching: Recovery {
        package static let descriptor = Descriptor(
            name: "variance-matching",
            summary: "Scales each output to the variance it had, where enough signal is left",
            citation: "Zhan, Chen & Hu 2026, arXiv:2605.21426", parameters: [Recoveries.samples])
        private let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func recover(_ network: CutNetwork) throws {
            let before = network.before.rowMoments(samples)
            for number in network.layers.indices where !network.isWhole(number) {
                let now = network.calibration().rowMoments(samples, only: number)[number]
                let median = now.map(\.variance).sorted()[now.count / 2]
                var factors = [Float](repeating: 1, count: now.count)
                for row in now.indices {
                    let (old, new) = (before[number][row], now[row])
                    guard new.variance > 0 else { continue }
                    let trust = new.variance / (new.variance + median)
                    let factor = 1 + trust * ((old.variance / new.variance).squareRoot() - 1)
                    factors[row] = Float(factor)
                    let bias = Double(network.layers[number].arrays.bias[row])
                    network.layers[number].arrays.bias[row] = Float(old.mean - factor * (new.mean - bias))
                }
                let columns = network.plan.layers[number].columns
                let positions = network.layers[number].arrays.indices!
                for (live, position) in positions.enumerated() {
                    network.layers[number].arrays.values[live] *= factors[position / columns]
                }
            }
        }
    }

    /// Each output gets back the mean that it had before the cut, by its bias. From the first layer to the last.
    ///
    /// Reference: Nagel et al. 2019, arXiv:1906.04721
    package struct BiasCorrection: Recovery {
        package static let descriptor = Descriptor(
            name: "bias-correction", summary: "Each output gets back its mean, by its bias",
            citation: "Nagel et al. 2019, arXiv:1906.04721", parameters: [Recoveries.samples])
        private let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func recover(_ network: CutNetwork) throws {
            let before = network.before.rowMoments(samples)
            for number in network.layers.indices where !network.isWhole(number) {
                let now = network.calibration().rowMoments(samples, only: number)[number]
                for row in now.indices {
                    network.layers[number].arrays.bias[row] += Float(before[number][row].mean - now[row].mean)
                }
            }
        }
    }

    /// Statistics of batch normalisation, measured again: the mean over batches.
    package struct NormStatistics: Recovery {
        package static let descriptor = Descriptor(
            name: "norm-statistics", summary: "Measures the statistics of batch normalisation again",
            citation: "Li et al. 2020, arXiv:2007.02491", parameters: [Recoveries.samples])
        private let samples: Int

        package init(_ arguments: Arguments) { samples = arguments.integer("samples") }

        package func recover(_ network: CutNetwork) throws {
            network.parameters = network.calibration().normStatistics(samples)
        }
    }
}

/// A network that is cut without being trained.
package final class CutNetwork {
    package let plan: TrainingPlan
    package internal(set) var layers: [LayerState]
    package internal(set) var parameters: [ParameterState]
    /// The network before the cut.
    package let before: Calibration
    private let normalization: Normalization?
    private let team: Team

    /// - Precondition: layers and parameters of the plan's graph.
    package init(
        _ plan: TrainingPlan, layers: [LayerState], parameters: [ParameterState], normalization: Normalization?,
        team: Team
    ) {
        self.plan = plan
        self.layers = layers.map { layer in
            var layer = layer
            layer.arrays.slots = []
            layer.arrays.biasSlots = []
            return layer
        }
        self.parameters = parameters
        self.normalization = normalization
        self.team = team
        before = Calibration(plan, layers: layers, parameters: parameters, normalization: normalization, team: team)
    }

    /// Of the network as it is now.
    package func calibration() -> Calibration {
        Calibration(plan, layers: layers, parameters: parameters, normalization: normalization, team: team)
    }

    package func cut(_ masker: Masker, sparsity: Double) throws {
        let weights = zip(plan.layers, layers).map {
            LiveWeights($0, indices: $1.arrays.indices, values: $1.arrays.values)
        }
        let cut = try masker.cut(
            sparsity: sparsity, layers: weights, seed: plan.recipe.seed, step: 0, pathGuard: PathGuard(plan.graph),
            facts: before)
        layers = layers.applying(
            weights.indices.compactMap {
                MaskChange(layer: $0, keep: cut.keep[$0], of: weights[$0], values: cut.values[$0])
            })
    }

    /// Whether nothing of a layer was cut, or it has no outputs of its own.
    func isWhole(_ number: Int) -> Bool { layers[number].arrays.indices == nil || layers[number].arrays.bias.isEmpty }

    package var normalizes: Bool { plan.graph.nodes.contains { $0.op.traits.contains(.normalizesBatch) } }

    /// To answer with.
    package func network(capacity: Int) -> Network {
        let network = Network(plan.graph, capacity: capacity, team: team, trains: false)
        for (layer, state) in zip(network.layers, layers) { layer.set(state.arrays) }
        for (parameter, state) in zip(network.parameters, parameters) { parameter.set(state) }
        return network
    }
}
