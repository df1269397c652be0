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
        let graph = quantizer.float.graph
        var numbers: [String: Int] = [Graph.inputName: 0]
        for (number, node) in graph.nodes.enumerated() { numbers[node.name] = number + 1 }
        // By tensor, the value of the float network; nil: no node of the graph has it, it is made of others.
        let valueOf = network.tensors.map { numbers[$0.name] }
        let nodes = network.nodes.indices.filter { number in
            let node = network.nodes[number]
            if case .reshape = node.rule { return false }
            if case .move = node.rule { return false }
            return valueOf[node.output] != nil && node.inputs.allSatisfy { valueOf[$0] != nil }
        }
        var signal = [Double](repeating: 0, count: nodes.count)
        var own = signal, total = signal
        let executor = QuantizedExecutor(network)
        let whole = executor.memory(), alone = executor.memory()
        var answer = [Float](repeating: 0, count: executor.outputs)
        quantizer.float.forEachValue(images) { image, values in
            executor.run(whole, image: images[image], answer: &answer)
            for (tensor, value) in zip(network.tensors.indices, valueOf) where network.tensors[tensor].constant == nil {
                if let value { executor.put(values[value].map(network.tensors[tensor].quantized), in: tensor, alone) }
            }
            for (place, number) in nodes.enumerated() {
                let tensor = network.nodes[number].output, output = network.tensors[tensor]
                let wanted = values[valueOf[tensor]!]
                executor.run(node: number, alone)
                let ownValues = executor.value(of: tensor, alone), totalValues = executor.value(of: tensor, whole)
                // What is behind reads the float network's value again.
                executor.put(wanted.map(output.quantized), in: tensor, alone)
                for (index, value) in wanted.enumerated() {
                    let ownError = Double(output.number(ownValues[index]) - value)
                    let totalError = Double(output.number(totalValues[index]) - value)
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
                node: network.nodes[nodes[$0]].name, kind: network.nodes[nodes[$0]].kind,
                own: decibels(signal[$0], own[$0]),
                total: decibels(signal[$0], total[$0]))
        }
    }
}
