import Devices
import Graph
import Kernels
import Models

/// Answers of a network of 8-bit integers, one image after the other.
final class BenchIntegers {
    private let network: QuantizedNetwork
    private let executor: QuantizedExecutor
    private let memory: IntegerMemory
    private let images: [[Float]]
    private var answer: [Float]

    private init(_ network: QuantizedNetwork, _ images: [[Float]]) {
        self.network = network
        executor = QuantizedExecutor(network)
        memory = executor.memory()
        self.images = images
        answer = [Float](repeating: 0, count: executor.outputs)
    }

    /// With ranges measured on random images.
    /// - Throws: `DeviceProblem` where an operator has no rule.
    convenience init(of network: Network, samples: Int) throws {
        let images = Self.images(samples, features: network.graph.input.features)
        var notes: [String] = []
        let made = try Quantizer(network.graph, ModelArrays(network)).network(
            Array(images.prefix(16)), RangeChoices.make("min-max"), notes: &notes)
        self.init(made, images)
    }

    /// - Throws: `FileProblem`.
    convenience init(_ path: String, samples: Int) throws {
        let network = try QuantizedFile.read(path).network
        self.init(network, Self.images(samples, features: network.tensors[0].count))
    }

    private static func images(_ count: Int, features: Int) -> [[Float]] {
        let random = CounterRandom(seed: 5, purpose: .test)
        return (0..<count).map { image in (0..<features).map { random.uniform(image * features + $0) - 0.5 } }
    }

    var weightBytes: Int { executor.weightBytes }

    func once() {
        for image in images { executor.run(memory, image: image, answer: &answer) }
    }

    /// Of a file, as it is.
    func report(_ options: NetworkOptions) {
        let seconds = timed(runs: options.runs, once), adds = network.multiplyAdds
        printResult(
            [
                ("case", "infer"), ("network", options.network), ("batch", images.count), ("threads", 1), ("bits", 8),
                ("seconds", seconds.median), ("seconds_min", seconds.minimum),
                ("samples_per_second", Double(images.count) / seconds.median), ("weight_bytes", weightBytes),
                ("multiply_adds", adds.sparse), ("dense_multiply_adds", adds.dense),
            ], json: options.json)
    }
}
