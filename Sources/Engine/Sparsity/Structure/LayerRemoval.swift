import Graph

/// A network without the layers whose values are the same for every sample: a branch that a mask has cut through.
///
/// What such a branch gives stands in its place as a constant; where zeros are added nothing does. What led to it alone is gone.
package struct LayerRemoval: Sendable {
    package let graph: Graph
    /// Layers with weights that are gone.
    package let gone: [String]
    /// Of what is left: which of the given arrays they are.
    package let layers: [Int]
    private let parameters: [Source]

    private enum Source: Sendable {
        case given(Int)
        case constant(ParameterState)
    }

    /// Nil where there is none. Networks with layers that use the weights of another stay as they are.
    /// - Throws: `GraphError`.
    package init?(_ graph: Graph, _ arrays: GraphArrays) throws {
        guard !graph.nodes.contains(where: { $0.weightsOf != nil }) else { return nil }
        let flow = try UnitFlow(AxisGroups(graph), arrays)
        let last = graph.nodes.count - 1
        var constants = Set<Int>()
        for (number, node) in graph.nodes.enumerated() where flow.varies(value: number) && flow.valueIsRead[number + 1]
        {
            for input in node.inputs
            where input >= 0 && !flow.varies(value: input) && !(graph.nodes[input].op is Constant) {
                constants.insert(input)
            }
        }
        guard !constants.isEmpty else { return nil }
        let values = try ConstantValues(graph, arrays, nodes: constants).values
        var entries = graph.entries
        /// Of nodes that only add zeros: what they add them to.
        var others: [String: String] = [:]
        for (number, node) in graph.nodes.enumerated() {
            entries[number] = Graph.Entry(
                node.name, node.op, inputs: entries[number].inputs.map { others[$0] ?? $0 },
                isPrunable: node.isPrunable, isFrozen: node.isFrozen)
            if constants.contains(number) {
                entries[number] = Graph.Entry(node.name, Constant(shape: node.shape), inputs: [])
            }
            guard number < last, node.op is Add, node.isPointwise else { continue }
            let varying = node.inputs.indices.filter { place in
                values[node.inputs[place]]?.allSatisfy { $0 == 0 } != true
            }
            if varying.count == 1 { others[node.name] = entries[number].inputs[varying[0]] }
        }
        var isNeeded = Set([graph.nodes[last].name])
        for entry in entries.reversed() where isNeeded.contains(entry.name) { isNeeded.formUnion(entry.inputs) }
        self.graph = try Graph(input: graph.input, entries.filter { isNeeded.contains($0.name) })
        var layers: [Int] = [], gone: [String] = [], parameters: [Source] = []
        var layer = 0, parameter = 0
        for (number, node) in graph.nodes.enumerated() {
            let stays = isNeeded.contains(node.name)
            if node.ownWeights != nil {
                if stays, !constants.contains(number) { layers.append(layer) } else { gone.append(node.name) }
                layer += 1
            }
            let count = node.op.parameters(node.inputShapes).count
            if stays, constants.contains(number) {
                let shape = Constant(shape: node.shape).parameters([])[0]
                parameters.append(.constant(ParameterState(node: node.name, shape: shape, values: values[number]!)))
            } else if stays {
                parameters += (parameter..<parameter + count).map { .given($0) }
            }
            parameter += count
        }
        (self.layers, self.gone, self.parameters) = (layers, gone, parameters)
    }

    package func arrays(_ arrays: GraphArrays) -> GraphArrays {
        GraphArrays(
            layers: layers.map { arrays.layers[$0] },
            parameters: parameters.map { source in
                switch source {
                case .given(let number): arrays.parameters[number]
                case .constant(let state): state
                }
            })
    }
}
