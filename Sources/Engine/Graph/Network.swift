import Kernels

/// A graph with weights and memory: runs forward and backward over batches of up to `capacity` samples.
///
/// Memory is planned once, here. One thread calls at a time; the team runs the tasks.
package final class Network {
    package let graph: Graph
    package let lanes: Int
    /// Samples that fit at once.
    package let capacity: Int
    package let team: Team
    package let layers: [WeightLayer]
    /// What nodes keep besides weights, in their order.
    package let parameters: [ParameterBuffer]
    /// Those that the optimizer changes.
    package let trained: [ParameterBuffer]
    package let trainedLayers: [WeightLayer]
    private let shared: [SharedWeights]
    package let pass = Pass()
    /// The input, then each node's output.
    package let tensors: [PanelTensor]
    private let steps: [any Step]
    private let fusion: Fusion
    private let links: [Links]

    /// - Parameters:
    ///   - trains: false plans no gradients.
    ///   - slots: arrays that the optimizer keeps for each weight, bias and parameter.
    ///   - weightSlots: further arrays, of prunable weights alone.
    ///   - activationPenalty: λ of the L1 norm of activations in training, for each sample.
    ///   - inputGradient: whether the gradient of the input is wanted, as a benchmark of one layer does.
    ///   - caches: that the kernels' sizes follow from.
    package init(
        _ graph: Graph, capacity: Int, team: Team, trains: Bool, slots: Int = 0, weightSlots: Int = 0,
        activationPenalty: Float = 0, inputGradient: Bool = false,
        caches: Caches = .machine
    ) {
        self.graph = graph
        self.capacity = capacity
        self.team = team
        lanes = graph.lanes(capacity: capacity)
        let panels = (capacity + lanes - 1) / lanes
        let tensors = TensorPlan(graph, lanes: lanes, trains: trains, inputGradient: inputGradient)
            .tensors(panels: panels)
        self.tensors = tensors

        let halfSums = HalfSums()
        var layers: [WeightLayer] = []
        var layerOf = [WeightLayer?](repeating: nil, count: graph.nodes.count)
        var shared: [SharedWeights] = []
        let isRead = graph.isReadByWeights
        for (number, node) in graph.nodes.enumerated() {
            guard let shape = node.op.weightShape(node.inputShapes) else { continue }
            let x = tensors[node.inputs[0] + 1], y = tensors[number + 1]
            let map =
                shape.isTable
                ? WeightMap(tableOf: shape.rows, shape.columns, caches: caches)
                : WeightMap(
                    input: x.layout, output: y.layout, inputGradient: x.gradientLayout,
                    outputGradient: y.gradientLayout, window: shape.window, groups: shape.groups, caches: caches)
            let users = graph.users(ofWeightsOf: number)
            let layer =
                WeightLayer(
                    name: node.name, map: map,
                    isConvolution: node.op.traits.contains(.walksPlanes), isTable: shape.isTable,
                    fold: graph.fold(of: node.inputs[0]),
                    mayVanish: users.allSatisfy(graph.isAvoidable), isOutput: users.contains { !isRead[$0] },
                    isPrunable: node.isPrunable, isFrozen: node.isFrozen,
                    needsInputGradient: trains && x.gradient != nil, slots: node.weightsOf == nil ? slots : 0,
                    weightSlots: node.weightsOf == nil ? weightSlots : 0,
                    halfSums: trains && !shape.isTable && PanelHalves(panels, of: map).count == 2 ? halfSums : nil)
            layerOf[number] = layer
            if let owner = node.weightsOf {
                shared.append(SharedWeights(owner: layerOf[owner]!, user: layer))
            } else {
                layers.append(layer)
            }
        }
        self.layers = layers
        self.shared = shared
        let parameters = graph.nodes.map { node in
            node.op.parameters(node.inputShapes).map {
                ParameterBuffer(node: node.name, shape: $0, slots: slots, isFrozen: node.isFrozen)
            }
        }
        self.parameters = parameters.flatMap { $0 }
        trained = self.parameters.filter { $0.shape.role == .trained && !$0.isFrozen }
        trainedLayers = self.layers.filter { !$0.isFrozen }

        // Backward runs in reverse, so the last reader of a value is the first to write its gradient: it stores,
        // the others add. Values whose gradients share memory share this.
        var written = Set<ObjectIdentifier>()
        var uses = [[GradientUse]](repeating: [], count: graph.nodes.count)
        for (number, node) in graph.nodes.enumerated().reversed() {
            uses[number] = node.inputs.map { input in
                guard trains, let gradient = tensors[input + 1].gradient else { return .none }
                let isFirst = written.insert(ObjectIdentifier(gradient)).inserted
                if gradient === tensors[number + 1].gradient { return .store }
                return isFirst ? .store : .add
            }
        }
        let pass = self.pass
        pass.trains = trains
        pass.activationPenalty = activationPenalty
        let links = graph.nodes.map { Links(inputs: $0.inputs.count) }
        let attention = trains ? nil : AttentionPlan(graph)
        steps = graph.nodes.enumerated().map { number, node in
            func site(_ inputs: [Int], _ uses: [GradientUse]) -> Site {
                Site(
                    inputs: inputs.map { tensors[$0 + 1] }, output: tensors[number + 1],
                    layer: layerOf[number], parameters: parameters[number], number: number,
                    pass: pass,
                    gradients: uses, links: links[number], team: team)
            }
            if attention?.isAbsorbed[number] == true { return AbsorbedStep() }
            if let found = attention?.attentions[number] {
                return found.step(site(found.inputs, found.inputs.map { _ in .none }), graph)
            }
            return node.op.step(site(node.inputs, uses[number]))
        }
        Rectification.link(graph, steps: steps, leavesToReaders: activationPenalty == 0)
        self.links = links
        // A network that trains remembers what is before each operator.
        let tails = trains ? nil : Tails(graph, steps: steps, tensors: tensors)
        tails?.link(graph, steps: steps, tensors: tensors)
        fusion = Fusion(
            graph, steps: steps, links: links,
            isFollower: tails?.isFollower ?? [Bool](repeating: false, count: steps.count))
    }

    package var input: PanelTensor { tensors[0] }
    package var output: PanelTensor { tensors[tensors.count - 1] }
    package func panels(_ samples: Int) -> Int { (samples + lanes - 1) / lanes }

    /// Reads `input`, fills `output`.
    /// - Parameter step: of the training that the pass belongs to; nil where nothing is trained.
    package func forward(samples: Int, step: Int? = nil, seed: UInt64 = 0) {
        precondition(samples <= capacity)
        pass.isTraining = step != nil
        pass.step = step ?? 0
        pass.seed = seed
        pass.samples = samples
        for uses in shared { uses.take() }
        let isAnswering = !pass.isTraining
        if links.first?.isAnswering != isAnswering { for link in links { link.isAnswering = isAnswering } }
        for number in isAnswering ? fusion.answering : fusion.forward {
            part(number) { steps[number].forward(panels: panels(samples)) }
        }
    }

    /// Reads the gradient of `output`, fills the gradients of all weights. Once after a forward pass of training: some gradients
    /// lie where values were.
    package func backward(samples: Int) {
        for number in fusion.backward { part(number) { steps[number].backward(panels: panels(samples)) } }
        for uses in shared { uses.give() }
    }

    private func part(_ number: Int, _ body: () -> Void) {
        guard let profile = team.profile else { return body() }
        profile.part(type(of: graph.nodes[number].op).descriptor.name, body)
    }

    /// Rounds all weights to half precision; biases and what normalization learned stay.
    package func roundToHalf() {
        for layer in layers { layer.roundToHalf() }
    }

    /// Multiply-adds for one sample: with the weights that are there, and with all. Products of activations are in both.
    package func multiplyAdds() -> (sparse: Int, dense: Int) {
        var sparse = 0, dense = 0
        var layer = 0
        for node in graph.nodes {
            let count = node.op.multiplyAdds(node.inputShapes)
            dense += count
            if let shape = node.op.weightShape(node.inputShapes) {
                let owner = node.weightsOf.map { owner in graph.nodes[..<owner].count { $0.ownWeights != nil } }
                sparse += count / shape.weights * layers[owner ?? layer].nnz
                if owner == nil { layer += 1 }
            } else {
                sparse += count
            }
        }
        return (sparse, dense)
    }

    /// By layer: multiplications that each of its weights takes part in, for one sample.
    package var usesOfWeights: [Int] {
        var uses = [Int](repeating: 0, count: layers.count)
        var layer = 0
        for node in graph.nodes {
            guard let shape = node.op.weightShape(node.inputShapes) else { continue }
            let owner = node.weightsOf.map { owner in graph.nodes[..<owner].count { $0.ownWeights != nil } }
            uses[owner ?? layer] += node.op.multiplyAdds(node.inputShapes) / shape.weights
            if owner == nil { layer += 1 }
        }
        return uses
    }
}
