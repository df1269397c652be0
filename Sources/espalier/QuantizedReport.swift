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

    func print(isJSON: Bool, time: Bool) {
        let network = kept.network, seconds = time ? AnswerTime(threads: 1).seconds(network) : nil
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
        guard !isJSON else {
            if let seconds { Output.json(["one_image_seconds": JSONValue.number(seconds).inSixDigits]) }
            return
        }
        let bytes = QuantizedFile.weightBytes(network)
        let held = QuantizedExecutor(network).weightBytes
        Output.line("weights and places \(bytes) bytes, as they are read to answer here \(held)")
        let adds = network.multiplyAdds
        Output.line("multiply-adds an image: \(adds.sparse) of \(adds.dense) dense")
        if let seconds { Output.line(String(format: "one image: %.3f ms, measured here, one thread", 1000 * seconds)) }
        Output.line(ModelledEnergy(multiplyAdds: adds.sparse, weightBytes: bytes, isInteger: true).line)
    }
}
