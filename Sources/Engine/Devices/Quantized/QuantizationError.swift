import Foundation
import Graph

/// What a node loses by 8 bits, as decibels of signal over noise: 6 dB are one bit.
package struct QuantizationError: Sendable, Equatable {
    package let node: String
    package let kind: String
    /// By this node alone: its inputs are those of the float network, rounded to their steps.
    package let own: Double
    /// By it and all before it.
    package let total: Double

    /// Of each node that computes, on some images.
    package static func all(_ quantizer: Quantizer, _ network: QuantizedNetwork, _ images: [[Float]])
        -> [QuantizationError]
    {
        let reference = QuantizedReference(network), graph = quantizer.float.graph
        var numbers: [String: Int] = [Graph.inputName: 0]
        for (number, node) in graph.nodes.enumerated() { numbers[node.name] = number + 1 }
        // Tensors that no node of the graph has are made of others.
        let nodes = network.nodes.filter { node in
            if case .reshape = node.rule { return false }
            if case .move = node.rule { return false }
            return numbers[network.tensors[node.output].name] != nil
                && node.inputs.allSatisfy { numbers[network.tensors[$0].name] != nil }
        }
        var signal = [Double](repeating: 0, count: nodes.count)
        var own = signal, total = signal
        quantizer.float.forEachValue(images) { image, values in
            let found = reference.values(images[image].map(network.tensors[0].quantized))
            for (place, node) in nodes.enumerated() {
                let output = network.tensors[node.output], wanted = values[numbers[output.name]!]
                let inputs = node.inputs.map { number in
                    let tensor = network.tensors[number]
                    return tensor.constant ?? values[numbers[tensor.name]!].map(tensor.quantized)
                }
                let alone = reference.value(of: node, inputs)
                for (index, value) in wanted.enumerated() {
                    let ownError = Double(output.number(alone[index]) - value)
                    let totalError = Double(output.number(found[node.output][index]) - value)
                    signal[place] += Double(value) * Double(value)
                    own[place] += ownError * ownError
                    total[place] += totalError * totalError
                }
            }
        }
        // Nothing lost at all: more decibels than doubles tell apart.
        func decibels(_ signal: Double, _ noise: Double) -> Double {
            signal == 0 ? 0 : min(10 * log10(signal / max(noise, 1e-30)), 200)
        }
        return nodes.indices.map {
            QuantizationError(
                node: nodes[$0].name, kind: nodes[$0].kind, own: decibels(signal[$0], own[$0]),
                total: decibels(signal[$0], total[$0]))
        }
    }
}
