import Devices
import Graph
import Kernels
import Models

/// Where a network that is trained under quantisation is rounded: behind the nodes whose values integers round, so that what is
/// trained is what is exported.
///
/// Batch normalisations stay nodes of their own. Integers have them folded into the layers before them; so that a step of
/// training means the same there and here, rows take their slopes when quantisation begins, and those that are left are 1.
package struct QuantizationPlan: Sendable {
    package let choice: QuantizationChoice
    package let beginStep: Int
    /// Of the tensors that have ranges.
    package let tensorNames: [String]
    /// Normalisations that integers fold, each with its layer.
    let folds: [Fold]
    /// The nodes of the plan's graph, each with its tensor; −1 is the input.
    private let places: [(node: Int, tensor: Int)]

    /// - Parameter arrays: of the graph; only constants count.
    /// - Throws: `DeviceProblem` with every node that has no rule.
    init(_ choice: QuantizationChoice, _ graph: Graph, _ arrays: ModelArrays, beginStep: Int) throws {
        self.choice = choice
        self.beginStep = beginStep
        let quantizer = try Quantizer(graph, arrays)
        tensorNames = quantizer.tensorNames
        let folded = quantizer.float.graph
        var folds: [Fold] = []
        let left = Set(folded.nodes.map(\.name))
        var numbers = [Graph.inputName: -1]
        for (number, node) in graph.nodes.enumerated() {
            numbers[node.name] = number
            // What was folded away has the value that its layer has now.
            if !left.contains(node.name), node.op.traits.contains(.normalizesBatch), node.inputs[0] >= 0 {
                let layer = graph.nodes[node.inputs[0]].name
                numbers[layer] = number
                folds.append(Fold(layer: layer, norm: node.name))
            }
        }
        self.folds = folds
        places = quantizer.roundedNodes.map { place in
            (numbers[place.node < 0 ? Graph.inputName : folded.nodes[place.node].name]!, place.tensor)
        }
    }

    struct Fold: Sendable {
        let layer: String
        let norm: String
    }

    /// The graph that is trained.
    package func graph(_ graph: Graph) -> (graph: Graph, roundings: [RoundingSteps]) {
        // A node with a copy of its value behind it makes the same graph.
        try! graph.rounding(places.map(\.node))
    }

    /// What each rounding does, in their order.
    /// - Precondition: `fits(ranges)`.
    func steps(_ ranges: [TensorRange]) -> [ValueSteps] {
        places.map { place in
            let (scale, zero) = ranges[place.tensor].steps
            return ValueSteps(scale: scale, least: Float(-128 - zero), most: Float(127 - zero))
        }
    }

    func fits(_ ranges: [TensorRange]) -> Bool { Quantizer.fit(ranges, tensorNames) }
}
