import ArgumentParser
import Devices
import Graph
import Interchange
import Kernels
import Models
import Training

/// The C of a network in 8 bits: instructions of one image, sparse and dense, and bytes of the tables of weights.
struct BenchDevice: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Instructions of the exported C in 8 bits, sparse over dense, and bytes of its tables.",
        discussion:
            "'cc -O2' compiles it and valgrind's callgrind counts one call of it; without either there are bytes alone."
    )
    static let cases = [["--network", "lenet-300-100"]]

    @OptionGroup var options: NetworkOptions
    @Flag(help: "Cut the smallest of all layers together, so that layers of few inputs keep more.") var globally = false
    @Flag(help: "The encodings of the fewest instructions, instead of few bytes.") var speed = false

    @Flag(help: "Count no instructions: bytes alone.") var uncounted = false

    func run() throws {
        do {
            let network = try options.trainer().network
            let arrays = try cut(network)
            let quantizer = try Quantizer(network.graph, arrays)
            let random = CounterRandom(seed: 5, purpose: .test)
            let images = (0..<16).map { image in
                (0..<network.graph.input.features).map { 2 * random.uniform(image, $0) - 1 }
            }
            var notes: [String] = []
            let made = try quantizer.network(images, RangeChoices.make("min-max"), notes: &notes)
            func export(dense: Bool) throws -> C99Export {
                var options = C99Export.Options(name: "network")
                options.isForSpeed = speed
                if dense { options.encoding = "dense" }
                return try C99Export(made, options: options)
            }
            let (sparse, dense) = (try export(dense: false), try export(dense: true))
            let best = best(made)
            var fields: [(String, Any)] = [
                ("case", "device"), ("network", options.network), ("sparsity", options.sparsity),
                ("globally", globally), ("for_speed", speed), ("nnz", sparse.layers.reduce(0) { $0 + $1.live }),
                ("multiply_adds", sparse.liveMultiplyAdds), ("dense_multiply_adds", dense.multiplyAdds),
                ("bytes", sparse.weightBytes), ("dense_bytes", dense.weightBytes), ("best_encoding_bytes", best),
                ("bytes_ratio", Double(best) / Double(max(sparse.weightBytes, 1))),
            ]
            if !uncounted, let few = try CompiledExport.instructions(sparse, images[0]),
                let many = try CompiledExport.instructions(dense, images[0])
            {
                fields += [
                    ("instructions", few), ("dense_instructions", many), ("ratio", Double(many) / Double(few)),
                ]
            } else if !uncounted {
                fields.append(("skipped", "instructions are counted by 'cc' and 'valgrind', of Debian's packages"))
            }
            printResult(fields, json: options.json)
        } catch {
            throw Exit.report(error)
        }
    }

    /// Random weights, each layer to the same share of zeros, or the smallest of all.
    private func cut(_ network: Network) throws -> ModelArrays {
        var arrays = try ModelArrays(network)
        var least: Float = 0
        if globally {
            let all = network.layers.flatMap { arrays.weights[$0.name, default: []].map(abs) }.sorted()
            least = all.isEmpty ? 0 : all[min(all.count - 1, Int(Double(all.count) * options.sparsity))]
        }
        let random = CounterRandom(seed: 4, purpose: .test)
        for (number, layer) in network.layers.enumerated() {
            let weights = arrays.weights[layer.name, default: []]
            arrays.weights[layer.name] = weights.enumerated().map { place, weight in
                let stays = globally ? abs(weight) >= least : Double(random.uniform(number, place)) >= options.sparsity
                return stays ? weight : 0
            }
        }
        return arrays
    }

    /// Of values of 8 bits and their places in the smallest encoding of each layer; the scales of rows are in neither figure.
    private func best(_ network: QuantizedNetwork) -> Int {
        network.nodes.reduce(0) { sum, node in
            guard case .sums(let sums) = node.rule, let values = try? ValueEncodings.make("int8") else { return sum }
            let kept = KeptWeights(
                rows: sums.rows, columns: sums.columns, indices: sums.indices ?? Array(0..<sums.weights))
            return sum + (EncodedLayer.smallest(kept, values).bytes(kept) ?? 0) - 4 * sums.rows
        }
    }
}
