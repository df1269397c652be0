import Graph
import Interchange
import Models

extension Network {
    /// The last layer's weights and biases answer in the data's own units from now on: for files whose readers know of no other.
    ///
    /// - Throws: `FileProblem` where the outputs are not those of a layer with biases of its own.
    package func answerInOwnUnits(_ scale: TargetScale, path: String) throws {
        guard !scale.isNone else { return }
        guard let layer = layers.last, graph.answers(in: scale) else {
            throw FileProblem(
                path: path, place: "node '\(graph.nodes.last!.name)'",
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

extension Graph {
    /// Whether the last node is a layer that can take mean and deviation of each output into its weights and biases.
    func answers(in scale: TargetScale) -> Bool {
        guard let last = nodes.last, let shape = last.ownWeights else { return false }
        return users(ofWeightsOf: nodes.count - 1).count == 1 && shape.biases == scale.means.count
            && shape.rows == scale.means.count
    }
}

extension ModelArrays {
    /// Those of a network that answers in the data's own units.
    /// - Precondition: `graph.answers(in: scale)`.
    func answering(in scale: TargetScale, _ graph: Graph) -> ModelArrays {
        var arrays = self
        let name = graph.nodes.last!.name, columns = graph.nodes.last!.ownWeights!.columns
        for row in scale.means.indices {
            for place in row * columns..<(row + 1) * columns { arrays.weights[name]![place] *= scale.deviations[row] }
            arrays.biases[name]![row] = arrays.biases[name]![row] * scale.deviations[row] + scale.means[row]
        }
        return arrays
    }
}
