import Graph
import Interchange
import Kernels
import Sparsity

/// What criteria want to know of a network on calibration samples. It is found out on a copy: nothing of the network that is
/// asked about changes. The bytes of an answer depend on the network, the plan and the question alone.
package final class Calibration: FactSource {
    let plan: TrainingPlan
    /// The copy.
    let network: Network
    let filler: PanelFiller
    let targets: TargetFiller
    /// As given.
    let layers: [LayerArrays]
    private let parameters: [ParameterState]
    private let kept: [[String: [Float]]]
    let free: FreeMemory
    let watch: CalibrationWatch?
    /// Of the question at hand.
    private(set) var needsDone = 0
    private(set) var needsAll = 1

    /// - Parameters:
    ///   - kept: what the recipe's method keeps for each live weight, by layer and name.
    ///   - normalization: of a kept network, which may come from other data than the plan's.
    package init(
        _ plan: TrainingPlan, layers: [LayerState], parameters: [ParameterState], kept: [[String: [Float]]] = [],
        normalization: Normalization? = nil, team: Team, free: FreeMemory = .now, watch: CalibrationWatch? = nil
    ) {
        self.watch = watch
        self.plan = plan
        self.kept = kept
        self.free = free
        self.parameters = parameters
        self.layers = layers.map {
            LayerArrays(
                indices: $0.arrays.indices, values: $0.arrays.values, slots: [], bias: $0.arrays.bias, biasSlots: [])
        }
        network = Network(
            plan.graph, capacity: min(plan.recipe.batch, plan.split.train.count), team: team, trains: true)
        filler = PanelFiller(plan.data, network: network, normalization: normalization)
        targets = TargetFiller(network, plan.comparison, scale: plan.data.targetScale)
    }

    package func facts(_ needs: [Need], keeping: [[Bool]]?, samples: Int) throws -> [LayerFacts] {
        place(keeping)
        var facts = layers.map { _ in LayerFacts() }
        (needsDone, needsAll) = (0, needs.count)
        for need in needs {
            reset()
            switch need {
            case .gradient:
                for (layer, gradient) in gradients(samples).enumerated() { facts[layer].gradient = gradient }
            case .squaredGradient:
                for (layer, squares) in squaredGradients(samples).enumerated() {
                    facts[layer].squaredGradient = squares
                }
            case .inputNorms:
                for (layer, norms) in inputNorms(samples).enumerated() { facts[layer].inputNorms = norms }
            case .inputMeans:
                for (layer, means) in inputMeans(samples).enumerated() { facts[layer].inputMeans = means }
            case .inputGram:
                for (layer, gram) in try inputGrams(samples).enumerated() {
                    facts[layer].inputGram = gram.values
                    facts[layer].gramCount = gram.count
                }
            case .activationRates:
                for (layer, rates) in activationRates(samples).enumerated() { facts[layer].activationRates = rates }
            case .normScales:
                for (layer, scales) in normScales().enumerated() { facts[layer].normScales = scales }
            case .hessianGradient:
                for (layer, product) in try hessianGradients(samples).enumerated() {
                    facts[layer].hessianGradient = product
                }
            case .synapticFlow:
                for (layer, flow) in try synapticFlow().enumerated() { facts[layer].synapticFlow = flow }
            case .kept(let name):
                // The plan has made sure that the method keeps it.
                for layer in facts.indices { facts[layer].kept[name] = kept[layer][name]! }
            case .growth, .rowGrowth, .gradients:
                preconditionFailure("a criterion asks for \(need), which belongs to a step")
            }
            try requireWanted()
            needsDone += 1
        }
        return facts
    }

    // MARK: The copy

    private func place(_ keeping: [[Bool]]?) {
        for (number, layer) in network.layers.enumerated() {
            var arrays = layers[number]
            if let keep = keeping?[number] {
                for live in arrays.values.indices where !keep[live] { arrays.values[live] = 0 }
            }
            layer.set(arrays)
        }
    }

    /// Training changes the statistics: each question begins with those of the network.
    func reset() {
        for (parameter, state) in zip(network.parameters, parameters) {
            parameter.set(ParameterState(node: state.node, shape: state.shape, values: state.values))
        }
    }

    // MARK: Samples

    /// The first of all training samples, in an order that the seed alone decides.
    func chosen(_ count: Int) -> [Int32] { plan.calibrationSamples(count) }

    /// Parts of about equal size, so that batch normalisation never sees one sample alone.
    static func parts(_ indices: [Int32], atMost size: Int) -> [ArraySlice<Int32>] {
        let count = (indices.count + size - 1) / size
        return (0..<count).map { indices[$0 * indices.count / count..<($0 + 1) * indices.count / count] }
    }

    /// The network on these samples, as it answers.
    func answer(_ part: ArraySlice<Int32>) {
        filler.fill(from: plan.data.train, indices: part)
        network.forward(samples: part.count)
    }

    /// A pass of training, both ways.
    /// - Returns: what the sum of losses was divided by.
    func differentiate(_ part: ArraySlice<Int32>, number: Int, _ result: inout LossResult) -> Double {
        filler.fill(from: plan.data.train, indices: part)
        targets.fill(from: plan.data.train, indices: part)
        network.forward(samples: part.count, step: number, seed: plan.recipe.seed)
        plan.loss.evaluate(network.output, targets: targets.batch, wantsGradient: true, into: &result)
        network.backward(samples: part.count)
        return result.weight
    }
}

extension Trainer {
    /// Of the network as it is, on a copy of it.
    package func calibration() -> Calibration {
        let first = type(of: plan.parts.optimizer).slots, names = type(of: method).weightSlots
        let state = state(withOptimizer: !names.isEmpty)
        return Calibration(
            plan, layers: state.layers, parameters: state.parameters,
            kept: state.layers.map { layer in
                Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, layer.arrays.slots[first + $0]) })
            }, team: network.team)
    }
}
