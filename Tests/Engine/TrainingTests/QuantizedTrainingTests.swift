import Devices
import Foundation
import Graph
import Interchange
import Kernels
import Models
import Testing
import Training

/// Training under the rounding of 8 bits.
@Suite struct QuantizedTrainingTests {
    private static let image = """
        [{name: a, operator: convolution, channels: 4, kernel: 3, padding: 1}, {name: n, operator: batch-norm},
         {name: r, operator: relu}, {operator: max-pool}, {name: b, operator: convolution, channels: 4, kernel: 3,
         padding: 1, groups: 4}, {operator: batch-norm}, {name: p, operator: average-pool, kernel: 3, stride: 1, padding: 1},
         {name: c, operator: convolution, channels: 4, kernel: 1, input: b},
         {name: s, operator: add, input: [p, c]}, {operator: leaky-relu}, {operator: flatten},
         {name: out, operator: linear, outputs: 10}]
        """

    private func trained(_ lines: String, steps: Int, network: String, threads: Int = 1) throws -> Trainer {
        let trainer = Trainer(try plan(lines, network: network), team: Team(size: threads))
        for _ in 0..<steps { _ = try trainer.step() }
        return trainer
    }

    private func fill(_ network: Network, _ images: [[Float]]) {
        for (sample, image) in images.enumerated() { put(image, network.input, network.input.values, sample) }
    }

    private func put(_ row: [Float], _ tensor: PanelTensor, _ buffer: FloatBuffer, _ sample: Int) {
        forEachPlace(tensor, sample) { buffer[$1] = row[$0] }
    }

    private func row(_ tensor: PanelTensor, _ sample: Int) -> [Float] {
        var row = [Float](repeating: 0, count: tensor.shape.features)
        forEachPlace(tensor, sample) { row[$0] = tensor.values[$1] }
        return row
    }

    private func forEachPlace(_ tensor: PanelTensor, _ sample: Int, _ body: (_ number: Int, _ place: Int) -> Void) {
        let layout = tensor.layout, first = sample / layout.lanes * layout.panelFloats + sample % layout.lanes
        var number = 0
        for channel in 0..<layout.channels {
            for y in 0..<layout.height {
                for x in 0..<layout.width {
                    body(number, first + layout.offset(channel, y, x))
                    number += 1
                }
            }
        }
    }

    /// What is trained is what is exported: the network in training answers what its integers do.
    @Test func theForwardPassIsThatOfTheIntegers() throws {
        let trainer = try trained("quantize: {bits: 8, begin: 0.3, samples: 100}", steps: 25, network: Self.image)
        let ranges = try #require(trainer.progress.ranges), network = trainer.network
        let images = try trainer.plan.calibrationImages(60, shape: trainer.plan.graph.input, normalization: nil)
        fill(network, images)
        trainer.answering { network.forward(samples: 60) }
        var notes: [String] = []
        let integers = try Quantizer(trainer.plan.graph, ModelArrays(network)).network(ranges, notes: &notes)
        let reference = QuantizedReference(integers), step = integers.tensors[integers.output].scale
        var apart = 0
        for (sample, image) in images.enumerated() {
            for (found, wanted) in zip(row(network.output, sample), reference.answer(image)) {
                // A sum halfway between two steps may be rounded to either, and all answers of the image follow.
                #expect(abs(found - wanted) < 2.5 * step)
                if abs(found - wanted) > step / 100 { apart += 1 }
            }
        }
        #expect(apart <= 60, "\(apart) of 600")
        #expect(try abs(trainer.plan.measure(integers, onTest: false).value - figure(trainer)) < 1)
    }

    private func figure(_ trainer: Trainer) throws -> Double {
        try trainer.answering { try trainer.plan.measure(trainer.network, onTest: false).value }
    }

    /// Before it begins floats are floats; then ranges are measured once, and statistics stay.
    @Test func itBeginsWhereTheRecipeSays() throws {
        let line = "quantize: {bits: 8, begin: 0.5, calibrate: percentile, percent: 99, samples: 60}"
        let trainer = Trainer(try plan(line, network: Self.image), team: Team(size: 1))
        let plain = Trainer(try plan(network: Self.image), team: Team(size: 1))
        for _ in 0..<30 { #expect(try trainer.step().loss == plain.step().loss) }
        #expect(trainer.progress.ranges == nil && trainer.state().layers == plain.state().layers)
        func statistics() -> [[Float]] {
            trainer.network.parameters.filter { $0.shape.role == .statistic }.map(\.values.array)
        }
        #expect(try trainer.step().loss != plain.step().loss)
        let ranges = trainer.progress.ranges, held = statistics()
        _ = try trainer.step()
        #expect(ranges != nil && trainer.progress.ranges == ranges && statistics() == held)
        #expect(trainer.state().layers != plain.state().layers)
        let slopes = trainer.network.parameters.filter { $0.shape.role == .trained }.map(\.values.array)
        #expect(slopes != plain.network.parameters.filter { $0.shape.role == .trained }.map(\.values.array))
    }

    /// Rows take the slopes of normalisations, whose variances are 1 from then on, and the network answers as before.
    @Test func foldingChangesNoAnswer() throws {
        let still = "quantize: {begin: 0.5, samples: 60}\nlearning-rate: {name: constant, rate: 0}"
        let trainer = try trained(still, steps: 30, network: Self.image)
        let images = try trainer.plan.calibrationImages(16, shape: trainer.plan.graph.input, normalization: nil)
        func answers() -> [[Float]] {
            let network = trainer.answeringCopy(capacity: 16)
            fill(network, images)
            network.forward(samples: 16)
            return (0..<16).map { row(network.output, $0) }
        }
        let before = answers(), weights = trainer.state().layers
        _ = try trainer.step()
        #expect(relativeError(answers().flatMap { $0 }, before.flatMap { $0.map(Double.init) }) < 1e-5)
        // The normalisation behind 'b' stays: what it reads is read by 'c', too.
        let folded = trainer.state().layers
        #expect(folded[0].arrays.values != weights[0].arrays.values)
        for layer in [1, 2, 3] { #expect(folded[layer].arrays.values == weights[layer].arrays.values) }
        let variance = try #require(
            trainer.network.parameters.first { $0.node == "n" && $0.shape.name == "running_var" })
        #expect(variance.values.array.allSatisfy { abs($0 - 1) < 1e-4 })
    }

    private static let recipes = [
        "cuts": """
        quantize: {bits: 8, begin: 0.4, samples: 64}
        method: gradual-magnitude
        schedule: {name: cubic, final: 0.8, begin: 10, end: 45, every: 5}
        """,
        "latent": """
        quantize: {begin: 0.5, samples: 64, calibrate: min-max}
        method: {name: str, strength: 0.05, initial: -4, begin: 4, end: 48}
        """,
    ]

    @Test(arguments: ["cuts", "latent"]) func sameBytesHoweverItIsRun(_ name: String) throws {
        let folder = TemporaryFolder(), points = [20, 26, 46]
        let recipe = try digits(Self.recipes[name]!, network: Self.image)
        let whole = try Play(
            recipe, in: folder("whole"), interactive: false, copies: points.map { ($0, folder("killed \($0)")) })
        guard case .finished = try whole.end() else {
            Issue.record("\(name): it failed: \(whole.messages)")
            return
        }
        try Play(recipe, in: folder("threads"), threads: 2, interactive: false).end()
        expectSame(folder("whole"), folder("threads"), "\(name), threads")
        for point in points {
            try Play(in: folder("killed \(point)"), threads: 2, interactive: false).end()
            expectSame(folder("whole"), folder("killed \(point)"), "\(name), killed at \(point)")
        }
        try Play(recipe, in: folder("stopped"), interactive: false, [.init(30, .stop)]).end()
        try Play(in: folder("stopped"), interactive: false).end()
        expectSame(folder("whole"), folder("stopped"), "\(name), stopped")
        // Zeros are zeros, floats are floats, and ranges are there for the integers.
        let kept = try KeptNetwork.read(folder("whole") + "/final.safetensors")
        #expect(kept.ranges?.isEmpty == false)
        #expect(kept.layers.contains { ($0.arrays.indices?.count ?? $0.total) < $0.total })
        #expect(Set(kept.layers[0].arrays.values.map { abs($0) }).count > 8)
    }

    /// Masks stay to the weight, and the network of it is what the integers are.
    @Test func fineTuningKeepsTheMask() throws {
        let trainer = try trained("", steps: 40, network: Self.image)
        let state = trainer.state()
        let layers = state.layers.map { layer in
            var layer = layer
            layer.arrays = layer.arrays.keeping(layer.arrays.values.indices.map { $0 % 3 != 1 })
            return layer
        }
        let network = AnalysedNetwork(
            plan: trainer.plan, graph: trainer.plan.graph, layers: layers, parameters: state.parameters, step: 40)
        let tuning = try QuantizedFineTuning(
            network, QuantizationChoice(calibrate: nil, samples: 64), rate: 0.01, team: Team(size: 1))
        try tuning.train(steps: 10)
        let tuned = tuning.network(capacity: 64)
        #expect(tuned.layers.map { $0.live().indices } == layers.map(\.arrays.indices))
        #expect(tuned.layers[0].live().values != layers[0].arrays.values)
        #expect(tuning.ranges?.count == tuning.plan.quantization?.tensorNames.count)
    }

    @Test func whatIsWrongIsSaid() throws {
        for (line, words) in [
            ("quantize: 4", ["'bits' of 'quantize' is 4; accepted: 8"]),
            ("quantize: {bits: 16}", ["'bits' of 'quantize' is 16; accepted: 8"]),
            ("quantize: [8]", ["'quantize' must be a mapping"]),
            ("quantize: {begin: 1}", ["'begin'", "0.99"]),
            ("quantize: {calibrate: mean}", ["mean-squared-error, min-max, percentile"]),
            ("quantize: {percent: 99}", ["'percent'", "percentile"]),
            ("quantize: {bit: 8}", ["'bit'", "bits, begin"]),
        ] as [(String, [String])] {
            let error = #expect(throws: RecipeError.self) { try digits(line) }
            for word in words { #expect("\(error!)".contains(word), "\(error!)") }
            #expect("\(error!)".contains("digits:10"), "\(error!)")
        }
        let early = #expect(throws: FitError.self) { try plan("quantize: 8").requireTrainable() }
        #expect("\(early!)".contains("random weights"), "\(early!)")
        let none = #expect(throws: DeviceProblem.self) {
            try plan(
                "quantize: {begin: 0.5}",
                network: "[{operator: flatten}, {operator: linear, outputs: 10}, {name: w, operator: log-softmax}, "
                    + "{operator: relu}]")
        }
        #expect("\(none!)".contains("'w' (log-softmax)"), "\(none!)")
        let recipe = try digits("quantize: {begin: 0.25, calibrate: percentile, percent: 99.5}")
        #expect(try RecipeReader.read(recipe.yaml, file: "", name: "").quantization == recipe.quantization)
        let words = "quantize: {bits: 8, begin: 0.25, calibrate: percentile, percent: 99.5, samples: 512}"
        #expect(recipe.yaml.contains(words))
        #expect(try !digits().yaml.contains("quantize"))
    }

    // MARK: The rule, in NumPy

    private static let python: String? = {
        guard let named = ProcessInfo.processInfo.environment["ESPALIER_TEST_PYTHON"],
            FileManager.default.isExecutableFile(atPath: named)
        else { return nil }
        return named
    }()

    private static let formulas = """
        import numpy as np
        d = dict(np.load("in.npz"))
        def weights(w):
            s = np.maximum(np.abs(w).max(1, keepdims=True).astype(np.float64) / 127, 1e-30).astype(np.float32)
            r = w / s
            return (np.clip(np.sign(r) * np.floor(np.abs(r) + np.float32(0.5)), -127, 127) * s).astype(np.float64)
        def steps(x, low, high):
            low, high = min(float(low), 0), max(float(high), 0)
            s = np.float32((high - low) / 255)
            z = np.clip(np.floor(-128 - low / float(s) + 0.5), -128, 127)
            q = np.floor(x.astype(np.float32) / s + np.float32(0.5)) + z
            return (np.clip(q, -128, 127) - z) * float(s), (q >= -128) & (q <= 127)
        r, h, kept = d["ranges"], d["x"], []
        x, _ = steps(h, *r[0])
        for i in range(3):
            w = weights(d[f"w{i}"])
            before = x @ w.T + d[f"b{i}"]
            after = np.maximum(before, 0) if i < 2 else before
            y, inside = steps(after, *r[i + 1])
            kept.append((x, w, inside & ((before > 0) | (i == 2))))
            x = y
        out, g = {"y": x}, d["dy"]
        for i in (2, 1, 0):
            x, w, passes = kept[i]
            g = g * passes
            out[f"g{i}"], out[f"c{i}"] = g.T @ x, g.sum(0)
            g = g @ w
        np.savez("out.npz", **{n: v.astype(np.float32) for n, v in out.items()})
        """

    @Test(.enabled(if: python != nil)) func forwardAndGradientAreThoseOfTheFormulas() throws {
        let trainer = try trained("quantize: {begin: 0.1, samples: 60}", steps: 9, network: "mlp-64-24-16-10")
        let network = trainer.network, plan = trainer.plan, samples = 40
        let images = try plan.calibrationImages(samples, shape: plan.graph.input, normalization: nil)
        let ranges = try #require(trainer.progress.ranges)
        let names = plan.graph.nodes.filter { $0.ownWeights != nil }.map(\.name)
        // Behind each ReLU, and of the last layer.
        let rounded = [ranges[0]] + ranges.filter { $0.name == names[2] || $0.name.contains("relu") }
        try #require(rounded.count == 4, "\(ranges)")
        var tensors = [
            Tensor("x", images.flatMap { $0 }, shape: [samples, 64]),
            Tensor("ranges", rounded.flatMap { [$0.low, $0.high] }, shape: [4, 2]),
        ]
        for (number, layer) in trainer.state().layers.enumerated() {
            tensors.append(Tensor("w\(number)", layer.arrays.values, shape: [layer.rows, layer.total / layer.rows]))
            tensors.append(Tensor("b\(number)", layer.arrays.bias))
        }
        let pulls = (0..<samples * 10).map { Float(($0 * 7919) % 13 - 6) / 64 }
        tensors.append(Tensor("dy", pulls, shape: [samples, 10]))
        var answers: [Float] = []
        fill(network, images)
        trainer.answering {
            network.forward(samples: samples, step: 0)
            for sample in 0..<samples { answers += row(network.output, sample) }
            // Lanes without a sample pull at nothing.
            network.output.gradient!.zero()
            for sample in 0..<samples {
                put(Array(pulls[sample * 10..<sample * 10 + 10]), network.output, network.output.gradient!, sample)
            }
            network.backward(samples: samples)
        }
        let folder = TemporaryFolder()
        try Npz.write(tensors, to: folder("in.npz"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = ["-c", Self.formulas]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let found = try Npz.read(folder("out.npz"))
        func expected(_ name: String) throws -> [Double] {
            try #require(found.first { $0.name == name }, "\(name)").floats().map(Double.init)
        }
        #expect(relativeError(answers, try expected("y")) < 1e-5)
        for (number, layer) in network.layers.enumerated() {
            #expect(relativeError(layer.liveGradient(), try expected("g\(number)")) < 1e-5)
            #expect(relativeError(layer.biasGradient.array, try expected("c\(number)")) < 1e-5)
        }
    }
}
