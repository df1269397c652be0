import Graph
import Kernels
import Models

extension C99Export {
    /// What a network of floats answers to inputs: for the self-test.
    package static func golden(_ network: Network, _ inputs: [[Float]]) -> [(input: [Float], output: [Float])] {
        let planes = PlaneNetwork(
            network.graph, layers: network.layers.map { $0.live(withSlots: false) },
            parameters: network.parameters.map { $0.state(withSlots: false) })
        return inputs.map { ($0, planes.answer($0, outputs: network.graph.output.features)) }
    }

    /// The same for a network of integers.
    package static func golden(
        _ network: QuantizedNetwork, _ inputs: [[Float]]
    ) -> [(input: [Float], output: [Float])] {
        let reference = QuantizedReference(network)
        return inputs.map { ($0, reference.answer($0)) }
    }

    /// Inputs where no data is at hand: numbers between −1 and 1 in no order.
    package static func inputs(_ count: Int) -> [Float] { (0..<count).map { Float($0 * 37 % 101) / 50 - 1 } }
}
