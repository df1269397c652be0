import Descriptors
import Devices
import Graph
import Kernels
import Models
import Testing

/// A network of one path with random weights, some of them zero, and images for it.
struct Sample {
    let graph: Graph
    var arrays = ModelArrays()
    var images: [[Float]]

    init(_ input: Shape, _ entries: [Graph.Entry], zeros: Float = 0.5, count: Int = 8, seed: UInt64 = 1) throws {
        graph = try Graph(input: input, entries)
        var state = seed
        func random() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24) * 2 - 1
        }
        for node in graph.nodes {
            if let shape = node.ownWeights {
                arrays.weights[node.name] = (0..<shape.weights).map { _ in
                    abs(random()) < zeros ? 0 : random()
                }
                arrays.biases[node.name] = (0..<shape.biases).map { _ in random() / 4 }
            }
            for parameter in node.op.parameters(node.inputShapes) {
                let least: Float = parameter.least == nil ? -1 : 0.3
                arrays.parameters["\(node.name).\(parameter.name)"] = (0..<parameter.count).map { _ in
                    max(least, random() + (parameter.initial == 1 ? 1 : 0))
                }
            }
        }
        images = (0..<count).map { _ in (0..<input.features).map { _ in random() } }
    }

    /// Every operator on its own cases, as the one operator between the input and the answer.
    static func forEachCase(
        _ body: (_ name: String, _ arguments: [String: Value], _ sample: Sample) throws -> Void
    ) throws {
        for type in Operators.all {
            let name = type.descriptor.name
            guard type.inputCount.contains(1) || type.inputCount.contains(2) else { continue }
            for sample in type.cases where !sample.inputs.isEmpty {
                let op = try Operators.make(name, sample.arguments)
                // One input of the network, cut into those of the operator.
                var entries: [Graph.Entry] = [], first = 0, names: [String] = []
                let total = sample.inputs.reduce(0) { $0 + $1.features }
                for (number, shape) in sample.inputs.enumerated() {
                    let arguments: [String: Value] = [
                        "starts": .integers([first]), "ends": .integers([first + shape.features]),
                        "axes": .integers([0]),
                    ]
                    entries.append(
                        Graph.Entry(
                            "cut\(number)", try Operators.make("slice", arguments), inputs: [Graph.inputName]))
                    entries.append(Graph.Entry("in\(number)", Reshape(shape.axes)))
                    names.append("in\(number)")
                    first += shape.features
                }
                entries.append(Graph.Entry("op", op, inputs: names))
                try body(name, sample.arguments, Sample(Shape([total]), entries))
            }
        }
    }

    /// - Parameter count: of the images, what ranges are measured on.
    func quantized(
        _ choice: String = "min-max", images count: Int = .max
    ) throws -> (network: QuantizedNetwork, float: FloatNetwork) {
        let quantizer = try Quantizer(graph, arrays)
        var notes: [String] = []
        return (
            try quantizer.network(Array(images.prefix(count)), RangeChoices.make(choice), notes: &notes),
            quantizer.float
        )
    }

    /// The largest error of the answers, in steps of the answer.
    func worst(_ choice: String = "min-max") throws -> Float {
        let (network, float) = try quantized(choice)
        let reference = QuantizedReference(network), scale = network.tensors[network.output].scale
        var worst: Float = 0
        float.forEachValue(images) { image, values in
            for (found, wanted) in zip(reference.answer(images[image]), values.last!) {
                worst = max(worst, abs(found - wanted) / scale)
            }
        }
        return worst
    }
}

@Suite struct QuantizerTests {
    /// Every operator with a rule, on its own cases, as the one operator between the input and the answer.
    @Test func everyRuleIsNearItsOperator() throws {
        var ruled: Set<String> = []
        try Sample.forEachCase { name, arguments, made in
            do {
                // Division by what may be near 0, and steep functions, lose more than steps of the output.
                let steep = [
                    "reciprocal", "sqrt", "log", "power", "sign", "floor", "ceil", "round", "fat-relu", "embedding",
                    "layer-norm", "rms-norm", "group-norm", "instance-norm",
                ]
                let worst = try made.worst()
                ruled.insert(name)
                if !steep.contains(name) { #expect(worst < 4, "\(name) \(arguments): \(worst) steps") }
            } catch let problem as DeviceProblem {
                #expect(problem.nodes.allSatisfy { $0.name == "op" || $0.kind == "value" }, "\(problem)")
            }
        }
        let expected = [
            "linear", "convolution", "relu", "max-pool", "flatten", "add", "average-pool", "global-average-pool",
            "global-max-pool", "batch-norm", "prelu", "clip", "sigmoid", "tanh", "hard-swish", "gelu", "sub", "mul",
            "min", "max", "reshape", "transpose", "concat", "pad", "spread", "resize", "reduce", "softmax", "matmul",
            "embedding", "layer-norm", "rms-norm", "group-norm", "instance-norm",
        ]
        #expect(expected.filter { !ruled.contains($0) } == [])
    }

    @Test func aNetworkOfManyRulesAnswersAlmostAlike() throws {
        let sample = try Sample(
            Shape([3, 8, 8]),
            [
                Graph.Entry("a", Convolution(channels: 8, kernel: 3, padding: 1)),
                Graph.Entry("n", BatchNorm()), Graph.Entry("r", ReLU()),
                Graph.Entry("b", Convolution(channels: 8, kernel: 3, padding: 1, groups: 8)),
                Graph.Entry("s", Add(), inputs: ["b", "r"]), Graph.Entry("t", ReLU()),
                Graph.Entry("p", GlobalAveragePool(try Arguments([:], for: GlobalAveragePool.descriptor))),
                Graph.Entry("f", Flatten(try Arguments([:], for: Flatten.descriptor))),
                Graph.Entry("l", Linear(outputs: 5)),
            ])
        for choice in RangeChoices.all {
            let worst = try sample.worst(choice.descriptor.name)
            #expect(worst < 8, "\(choice.descriptor.name): \(worst) steps")
        }
        let network = try sample.quantized().network
        // Norm and ReLU are parts of what is before them, and zeros of the weights stay.
        #expect(network.nodes.map(\.name) == ["r", "b", "t", "p", "f", "l"])
        guard case .sums(let sums) = network.nodes[0].rule, let indices = sums.indices else {
            Issue.record("no zeros")
            return
        }
        let weights = sample.arrays.weights["a"]!
        #expect(indices.allSatisfy { weights[$0] != 0 })
        #expect(sums.values.map { abs(Int($0)) }.max() == 127)
    }

    @Test func allThatHasNoRuleIsNamed() throws {
        let sample = try Sample(
            Shape([2, 3]),
            [
                Graph.Entry("first", LogSoftmax(try Arguments([:], for: LogSoftmax.descriptor))),
                Graph.Entry("second", Reduce(.l1)),
                Graph.Entry("r", ReLU()),
            ])
        let problem = #expect(throws: DeviceProblem.self) { try Quantizer(sample.graph, sample.arrays) }
        #expect(problem?.nodes.map(\.name) == ["first", "second"])
    }

    @Test func rulesGiveTheirLiteralValues() {
        // x has zero 1: 3 · 4 − 2 · (−3) + 10 = 28, times ¼ is 7, plus 5.
        let sums = QuantizedSums(
            rows: 1, channels: 2, groups: 1, window: KernelWindow(), height: 1, width: 1, outputHeight: 1,
            outputWidth: 1, indices: nil, values: [3, -2], bias: [10], requantizations: [Requantization(0.25)!],
            weightScales: [1])
        let x = QuantizedTensor(name: "x", axes: [2], scale: 1, zero: 1)
        let y = QuantizedTensor(name: "y", axes: [1], scale: 4, zero: 5)
        let network = QuantizedNetwork(
            tensors: [x, y],
            nodes: [QuantizedNode(name: "y", kind: "linear", inputs: [0], output: 1, rule: .sums(sums))])
        #expect(QuantizedReference(network).values([5, -2]) == [[5, -2], [12]])
        #expect(sums.correctedBias(zero: 1) == [9])
        #expect(sums.bounds == [10 + 255 * 5])
    }
}

@Suite struct RangeChoiceTests {
    private func histogram(_ values: [Float]) -> ValueHistogram {
        var made = ValueHistogram(low: values.min()!, high: values.max()!)
        made.add(values)
        return made
    }

    @Test func outliersAreCutOffWhereThatLosesLess() throws {
        let values = (0..<100_000).map { Float($0 % 1000) / 1000 } + [50]
        #expect(try RangeChoices.make("min-max").range(histogram(values)) == 0...50)
        let percentile = try RangeChoices.make("percentile", ["percent": .number(99.9)]).range(histogram(values))
        #expect(percentile.upperBound < 1.1 && percentile.upperBound > 0.9)
        let least = try RangeChoices.make("mean-squared-error").range(histogram(values))
        #expect(least.upperBound < 50 && least.upperBound >= 12)
        #expect(throws: ArgumentError.self) { try RangeChoices.make("mean") }
    }
}
