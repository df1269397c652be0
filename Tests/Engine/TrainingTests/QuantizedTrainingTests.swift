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

    /// Two numbers of six features, of other sizes and far from 0.
    private static let numbers: DataSet = {
        let random = CounterRandom(seed: 21, purpose: .test)
        func samples(_ count: Int, _ half: Int) -> Samples {
            var elements: [Float] = [], targets: [Float] = []
            for sample in 0..<count {
                let x = (0..<6).map { random.uniform(half, sample, $0) * 2 - 1 }
                elements += x
                targets += [40 + 20 * (x[0] + 0.5 * x[1] * x[2]), 3 * max(x[3], x[4]) - 3 * x[5]]
            }
            return Samples(
                shape: Shape(channels: 6), elements: Elements(elements), targets: .numbers(targets, each: 2))
        }
        return DataSet(name: "sums", train: samples(400, 1), test: samples(100, 2))
    }()

    /// Integers answer in the data's own units, in which nothing is trained: the rounding is theirs all the same.
    @Test func outputsAreRoundedInTheirOwnUnits() throws {
        let recipe = try RecipeReader.read(
            """
            network: mlp-6-16-12-2
            data: digits
            validation: 80
            batch: 32
            epochs: 4
            loss: mean-squared-error
            optimizer: {name: adam}
            learning-rate: {name: constant, rate: 0.01}
            method: none
            quantize: {begin: 0.5, samples: 100}
            """, file: "values", name: "values")
        let plan = try TrainingPlan(recipe, data: Self.numbers), scale = plan.data.targetScale
        #expect(scale.means.count == 2)
        let trainer = Trainer(plan, team: Team(size: 1))
        for _ in 0..<40 { _ = try trainer.step() }
        let ranges = try #require(trainer.progress.ranges), network = trainer.network
        #expect(ranges.last?.isInOwnUnits == true && ranges.dropLast().allSatisfy { $0.isInOwnUnits == nil })
        let images = try plan.calibrationImages(32, shape: plan.graph.input, normalization: nil)
        fill(network, images)
        trainer.answering { network.forward(samples: 32) }
        let copy = trainer.answeringCopy(capacity: 32)
        try copy.answerInOwnUnits(scale, path: "")
        var notes: [String] = []
        let integers = try Quantizer(plan.graph, ModelArrays(copy)).network(ranges, notes: &notes)
        let reference = QuantizedReference(integers), step = integers.tensors[integers.output].scale
        var apart = 0
        for (sample, image) in images.enumerated() {
            var found = row(network.output, sample)
            scale.restore(&found)
            for (found, wanted) in zip(found, reference.answer(image)) {
                #expect(abs(found - wanted) < 2.5 * step)
                if abs(found - wanted) > step / 100 { apart += 1 }
            }
        }
        #expect(apart <= 4, "\(apart) of 64")
    }

    /// A row whose bias is far beyond its weights gets wider steps, behind a normalisation too.
    @Test func widenedRowsAreThoseOfTheIntegers() throws {
        let trainer = try trained("quantize: {bits: 8, begin: 0.3, samples: 100}", steps: 25, network: Self.image)
        let ranges = try #require(trainer.progress.ranges), network = trainer.network
        for number in [0, network.layers.count - 1] {
            let layer = network.layers[number], columns = layer.map.columns
            var arrays = layer.live()
            for place in 0..<columns { arrays.values[columns + place] *= 1e-8 }
            arrays.bias[1] = 0.5
            layer.set(arrays)
        }
        var notes: [String] = []
        let integers = try Quantizer(trainer.plan.graph, ModelArrays(network)).network(ranges, notes: &notes)
        #expect(notes.filter { $0.contains("1 rows have wider steps") }.count == 2, "\(notes)")
        let scales = try integers.nodes.filter { ["r", "out"].contains($0.name) }.map { node in
            guard case .sums(let sums) = node.rule else { throw DeviceProblem(node.name, node.kind, "no sums") }
            return sums.weightScales[1]
        }
        try #require(scales.count == 2)
        let norm = try #require(network.graph.nodes.first { $0.name == "n" })
        let slopes = norm.op.planeScale(
            network.parameters.filter { $0.node == "n" }.map { $0.state(withSlots: false) })?.slopes
        let slope = abs(try #require(slopes)[1])
        trainer.answering {
            for (number, scale) in [(0, scales[0] / slope), (network.layers.count - 1, scales[1])] {
                let layer = network.layers[number], columns = layer.map.columns
                let row = layer.live().values[columns..<2 * columns]
                // Whole steps, of which the largest is not 127.
                #expect(row.allSatisfy { abs($0 / scale - ($0 / scale).rounded()) < 1e-3 })
                #expect(row.allSatisfy { abs($0) < 120 * scale })
            }
        }
    }

    private func figure(_ trainer: Trainer) throws -> Double {
        try trainer.answering { try trainer.plan.measure(trainer.network, onTest: false).value }
    }

    /// Before it begins floats are floats; then ranges are measured, and follow what lies outside of them.
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
        let ranges = try #require(trainer.progress.ranges), held = statistics()
        _ = try trainer.step()
        let later = try #require(trainer.progress.ranges)
        #expect(ranges != later && ranges.map(\.name) == later.map(\.name) && statistics() != held)
        #expect(trainer.state().layers != plain.state().layers)
        let slopes = trainer.network.parameters.filter { $0.shape.role == .trained }.map(\.values.array)
        #expect(slopes != plain.network.parameters.filter { $0.shape.role == .trained }.map(\.values.array))
    }

    /// Statistics are those of values that are clipped, from the step on with which they are.
    @Test func statisticsAreOfRoundedValues() throws {
        let still = "quantize: {begin: 0.5, calibrate: percentile, percent: 60, samples: 240}"
        let trainer = try trained(
            still + "\nlearning-rate: {name: constant, rate: 0}", steps: 30, network: Self.image)
        let weights = trainer.state(withOptimizer: false).layers
        // Of the one behind 'b', which reads rounded values.
        func variance() throws -> Float {
            let found = trainer.network.parameters.filter { $0.shape.name == "running_var" }
            return try #require(found.last).values.array.reduce(0, +)
        }
        let before = try variance()
        _ = try trainer.step()
        #expect(trainer.state(withOptimizer: false).layers == weights)
        // Clipped values differ less from each other.
        #expect(try variance() < 0.9 * before)
    }

    /// All that lies beyond an end pulls at it; tensors that share a range move together, and no end crosses 0.
    @Test func rangesMoveAgainstThePull() throws {
        let plan = try plan("quantize: {begin: 0.5}", network: Self.image)
        let quantization = try #require(plan.quantization), count = quantization.graph(plan.graph).roundings.count
        let ranges = quantization.tensorNames.map { TensorRange(name: $0, low: -1, high: 4) }
        func moved(low: Double, high: Double, share: Double) -> [TensorRange] {
            quantization.moved(ranges, Array(repeating: (low, high), count: count), share: share)
        }
        for range in moved(low: 0, high: -1, share: 0.5) { #expect(range.low == -1 && range.high == 6.5) }
        for range in moved(low: 0.5, high: 1, share: 0.5) { #expect(range.low == -2.25 && range.high == 1.5) }
        for range in moved(low: -1, high: 0, share: 0.5) { #expect(range.low == 0 && range.high == 4) }
        #expect(moved(low: 0, high: 0, share: 1) == ranges)
    }

    /// Where nearly half of all values are moved to the ends, training under that wins back what is lost, and the same training in
    /// floats does not.
    @Test func fineTuningWinsBackWhatIsLost() throws {
        let trainer = try trained(
            "learning-rate: {name: cosine, rate: 0.1}\nretrain-rate: 0.2", steps: 60, network: Self.image)
        let plan = trainer.plan, state = trainer.state(), steps = 60
        let choice = try QuantizationChoice(
            calibrate: Recipe.Choice("percentile", ["percent": .number(50)]), samples: 400)
        let images = try plan.calibrationImages(400, shape: plan.graph.input, normalization: nil)
        var notes: [String] = []
        func figure(_ network: Network, _ ranges: [TensorRange]?) throws -> Double {
            let quantizer = try Quantizer(plan.graph, ModelArrays(network))
            let integers = try quantizer.network(
                ranges ?? quantizer.ranges(images, choice.range), notes: &notes)
            return try plan.measure(integers, onTest: false).value
        }
        let floats = try plan.measure(trainer.network, onTest: false).value, before = try figure(trainer.network, nil)
        let network = AnalysedNetwork(
            plan: plan, graph: plan.graph, layers: state.layers, parameters: state.parameters, step: 60)
        let tuning = try QuantizedFineTuning(network, choice, rate: 0.02, team: Team(size: 1))
        try tuning.train(steps: steps)
        let tuned = try figure(tuning.network(capacity: 64), tuning.ranges)
        trainer.restartRate(steps: steps)
        for _ in 0..<steps { _ = try trainer.step() }
        let control = try figure(trainer.network, nil)
        let all = "floats \(floats), 8 bits \(before), tuned \(tuned), control \(control)"
        #expect(before < floats - 10, "\(all)")
        #expect(tuned > before + 0.6 * (floats - before) && tuned > control + 5, "\(all)")
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
