import Graph
import Interchange

extension Network {
    /// The last layer's weights and biases answer in the data's own units from now on: for files whose readers know of no other.
    ///
    /// - Throws: `FileProblem` where the outputs are not those of a layer with biases of its own.
    package func answerInOwnUnits(_ scale: TargetScale, path: String) throws {
        guard !scale.isNone else { return }
        let last = graph.nodes.count - 1
        guard graph.nodes[last].ownWeights != nil, graph.users(ofWeightsOf: last).count == 1,
            let layer = layers.last, layer.bias.count == scale.means.count, layer.map.rows == scale.means.count
        else {
            throw FileProblem(
                path: path, place: "node '\(graph.nodes[last].name)'",
                found:
                    "outputs that were learned less a mean and in units of a deviation, and no layer there to take both",
                expected: "a last layer with biases, or a network that is trained with data.scale-targets=no")
        }
        var arrays = layer.live(withSlots: true)
        let columns = layer.map.columns
        for live in arrays.values.indices {
            arrays.values[live] *= scale.deviations[(arrays.indices?[live] ?? live) / columns]
        }
        for row in arrays.bias.indices {
            arrays.bias[row] = arrays.bias[row] * scale.deviations[row] + scale.means[row]
        }
        layer.set(arrays)
    }
}
