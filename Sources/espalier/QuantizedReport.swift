import Devices
import Foundation
import Interchange
import Text
import Training

/// What is in a file of 8-bit integers, node by node.
struct QuantizedReport {
    private let path: String
    private let kept: QuantizedKept

    init(_ path: String) throws {
        self.path = path
        kept = try QuantizedKept.read(path)
    }

    func print(isJSON: Bool) {
        let network = kept.network
        if !isJSON {
            Output.line("\(path): \(kept.recipe.name), 8-bit integers, step \(kept.step)")
            let input = network.tensors[0]
            Output.line("input  \(input.shape)  scale \(input.scale), zero \(input.zero)")
        }
        for node in network.nodes {
            let output = network.tensors[node.output]
            var kept: Int?, total: Int?
            if case .sums(let sums) = node.rule { (kept, total) = (sums.values.count, sums.weights) }
            if isJSON {
                Output.json(
                    [
                        "kind": .text(node.kind), "layer": .text(node.name), "scale": .number(Double(output.scale)),
                        "shape": .list(output.axes.map { .whole($0) }), "zero": .whole(Int(output.zero)),
                    ].merging(kept.map { ["kept": .whole($0), "weights": .whole(total!)] } ?? [:]) { own, _ in own })
                continue
            }
            let weights = kept.map { "  \($0) of \(total!) weights" } ?? ""
            Output.line(
                "\(node.name.visible) (\(node.kind))  \(output.shape)  scale \(output.scale), zero \(output.zero)"
                    + weights)
        }
        guard !isJSON else { return }
        let bytes = QuantizedFile.weightBytes(network)
        Output.line("weights and places \(bytes) bytes")
        let adds = network.multiplyAdds
        Output.line("multiply-adds an image: \(adds.sparse) of \(adds.dense) dense")
        Output.line(ModelledEnergy(multiplyAdds: adds.sparse, weightBytes: bytes, isInteger: true).line)
    }
}
