import Descriptors
import Devices
import Graph
import Kernels
import Models
import Testing

/// The executor gives the reference's bits: each tensor of the network is compared, not the answers alone.
func expectAlike(_ network: QuantizedNetwork, _ images: [[Float]], _ title: String) {
    let executor = QuantizedExecutor(network), reference = QuantizedReference(network)
    let memory = executor.memory(), input = network.tensors[0]
    var answer = [Float](repeating: 0, count: executor.outputs)
    for image in images {
        executor.run(memory, image: image, answer: &answer)
        let wanted = reference.values(image.map(input.quantized)), found = executor.values(memory)
        for (number, tensor) in network.tensors.enumerated() where found[number] != wanted[number] {
            Issue.record("\(title): tensor '\(tensor.name)' differs")
            return
        }
        #expect(answer == wanted[network.output].map(network.tensors[network.output].number))
    }
}

@Suite struct QuantizedExecutorTests {
    @Test func everyOperatorIsAsItsFormula() throws {
        var count = 0
        try Sample.forEachCase { name, arguments, sample in
            guard let network = try? sample.quantized().network else { return }
            count += 1
            expectAlike(network, Array(sample.images.prefix(2)), "\(name) \(arguments)")
        }
        #expect(count > 200)
    }

    /// Windows of all kinds, over images that end before, at and behind a vector of points; whole and cut weights.
    @Test(arguments: [(7, 7), (9, 5), (13, 12), (24, 23), (1, 40)]) func convolutionsAreAsTheirFormula(
        _ height: Int, _ width: Int
    ) throws {
        for (number, zeros) in [Float(0), 0.6, 0.97].enumerated() {
            let sample = try Sample(
                Shape([3, height, width]),
                [
                    Graph.Entry("a", Convolution(channels: 6, kernel: 3, padding: 1)), Graph.Entry("r", ReLU()),
                    Graph.Entry("b", Convolution(channels: 6, kernel: 3, stride: 2, padding: 1, groups: 6)),
                    Graph.Entry("c", Convolution(channels: 9, kernel: 1, groups: 3)),
                    Graph.Entry("d", Convolution(channels: 9, kernel: 5, stride: 3, padding: 4)),
                    Graph.Entry("e", Convolution(channels: 300, kernel: 1)),
                    Graph.Entry("f", Convolution(channels: 9, kernel: 3, padding: 1)),
                    Graph.Entry("s", Add(), inputs: ["d", "f"]), Graph.Entry("t", ReLU()),
                    Graph.Entry("l", Flatten(try Arguments([:], for: Flatten.descriptor))),
                    Graph.Entry("m", Linear(outputs: 21)), Graph.Entry("n", Linear(outputs: 3)),
                ], zeros: zeros, count: 2, seed: UInt64(number + 3))
            expectAlike(try sample.quantized().network, sample.images, "\(height)×\(width), \(zeros) zeros")
        }
    }

    /// Lines of neighbours and lines that lie apart, in planes and in features side by side.
    @Test(arguments: [[70, 3], [6, 40], [5, 3, 7], [2, 9, 1]]) func linesAreAsTheirFormula(_ axes: [Int]) throws {
        for axis in axes.indices {
            let norm = try Operators.make("layer-norm", ["axes": .integers([axis])])
            let shares = try Operators.make("softmax", ["axis": .integer(axis)])
            let sample = try Sample(
                Shape(axes), [Graph.Entry("n", norm), Graph.Entry("s", shares)], zeros: 0, count: 3,
                seed: UInt64(axis + 5))
            expectAlike(try sample.quantized().network, sample.images, "\(axes), along \(axis)")
        }
    }

    /// Rows and columns of whole vectors and of others, of an even and an odd number of terms, transposed and not, alone and several.
    @Test(arguments: [[3, 32, 16], [1, 33, 5], [2, 7, 64], [6, 1, 31], [2, 9, 1], [40, 12]])
    func productsAreAsTheirFormula(_ axes: [Int]) throws {
        var across = Array(axes.indices)
        across.swapAt(axes.count - 1, axes.count - 2)
        let sample = try Sample(
            Shape(axes),
            [
                Graph.Entry("t", try Operators.make("transpose", ["perm": .integers(across)])),
                Graph.Entry("p", try Operators.make("matmul", [:]), inputs: [Graph.inputName, "t"]),
                Graph.Entry("q", try Operators.make("matmul", [:]), inputs: ["t", "p"]),
                Graph.Entry("r", try Operators.make("matmul", [:]), inputs: ["p", Graph.inputName]),
                Graph.Entry("u", try Operators.make("transpose", ["perm": .integers(across)]), inputs: ["q"]),
                Graph.Entry("v", Add(), inputs: ["r", "u"]), Graph.Entry("s", try Operators.make("sigmoid", [:])),
            ], zeros: 0, count: 3)
        expectAlike(try sample.quantized().network, sample.images, "\(axes)")
    }

    /// A linear layer with gaps of more than 255 columns, rows without a weight, and pools of all windows.
    @Test func rowsOfFewWeightsAreAsTheirFormula() throws {
        let sample = try Sample(
            Shape([2, 30, 31]),
            [
                Graph.Entry("p", MaxPool(kernel: 2, stride: 2)),
                Graph.Entry("f", Flatten(try Arguments([:], for: Flatten.descriptor))),
                Graph.Entry("l", Linear(outputs: 37)),
                Graph.Entry("r", ReLU()), Graph.Entry("m", Linear(outputs: 5)),
            ], zeros: 0.994, count: 3)
        expectAlike(try sample.quantized().network, sample.images, "few weights")
    }

    /// Factors that are no upper half of a product, and sums that nearly fill 32 bits.
    @Test func allFactorsAreAsTheirFormula() {
        let axes = [4, 5, 5]
        for (shift, bias) in [(31, 5), (33, 1 << 30), (20, 7), (32, 1 << 29), (45, -(1 << 30)), (62, 3), (1, 1)] {
            let values = (0..<144).map { Int8($0 * 89 % 255 - 127) }
            let sums = QuantizedSums(
                rows: 4, channels: 4, groups: 1, window: KernelWindow(kernel: 3, padding: 1), height: 5, width: 5,
                outputHeight: 5, outputWidth: 5, indices: nil, values: values,
                bias: [Int32](repeating: Int32(bias), count: 4),
                requantizations: (0..<4).map { Requantization(multiplier: 1 << 30 + $0, shift: Int32(shift)) },
                weightScales: [1, 1, 1, 1])
            let pairs = QuantizedPairs(axes: axes, aStrides: [25, 5, 1], bStrides: [25, 5, 1])
            let addition = QuantizedAddition(
                pairs: pairs, aMultiplier: shift == 33 ? .max : 1 << 30, bMultiplier: -(1 << 30) + 12_345,
                shift: Int32(min(shift, 62)))
            let tensors = [("x", -7), ("y", 12), ("s", -128)].map {
                QuantizedTensor(name: $0.0, axes: axes, scale: 0.01, zero: Int32($0.1))
            }
            let network = QuantizedNetwork(
                tensors: tensors,
                nodes: [
                    QuantizedNode(name: "y", kind: "convolution", inputs: [0], output: 1, low: -90, rule: .sums(sums)),
                    QuantizedNode(
                        name: "s", kind: "add", inputs: [0, 1], output: 2, high: 100, rule: .addition(addition)),
                ])
            #expect(network.fault == nil)
            func value(_ place: Int) -> Float { Float(place * 37 % 256) / 100 - 1.3 }
            let images = (0..<3).map { image in (0..<100).map { value($0 + 5 * image) } }
            expectAlike(network, images, "shift \(shift)")
        }
    }

    @Test func tenThousandAnswersAreTheReferences() throws {
        let sample = try Sample(
            Shape([1, 6, 6]),
            [
                Graph.Entry("a", Convolution(channels: 3, kernel: 3, padding: 1)), Graph.Entry("r", ReLU()),
                Graph.Entry("p", MaxPool(kernel: 2, stride: 2)),
                Graph.Entry("f", Flatten(try Arguments([:], for: Flatten.descriptor))),
                Graph.Entry("l", Linear(outputs: 4)),
            ], count: 10_000)
        let network = try sample.quantized(images: 20).network
        let executor = QuantizedExecutor(network), reference = QuantizedReference(network)
        let found = executor.answers(sample.images, team: nil)
        #expect(found == executor.answers(sample.images, team: Team(size: 2)))
        #expect(found == sample.images.map(reference.answer))
    }

    /// Each node alone, of values that its inputs were given, behind one another in one memory: as they are of the formulas.
    @Test func nodesAloneAreAsTheirFormula() throws {
        let sample = try Sample(
            Shape([3, 9, 8]),
            [
                Graph.Entry("a", Convolution(channels: 6, kernel: 3, padding: 1)), Graph.Entry("r", ReLU()),
                Graph.Entry("b", Convolution(channels: 6, kernel: 3, stride: 2, padding: 1, groups: 6)),
                Graph.Entry("c", Convolution(channels: 6, kernel: 1)),
                Graph.Entry("s", Add(), inputs: ["b", "c"]), Graph.Entry("p", MaxPool(kernel: 2, stride: 2)),
                Graph.Entry("f", Flatten(try Arguments([:], for: Flatten.descriptor))),
                Graph.Entry("l", Linear(outputs: 5)), Graph.Entry("m", try Operators.make("softmax", [:])),
            ], count: 2)
        let network = try sample.quantized().network
        let executor = QuantizedExecutor(network), reference = QuantizedReference(network), memory = executor.memory()
        for round in 0..<2 {
            let given = network.tensors.enumerated().map { number, tensor in
                (0..<tensor.count).map { Int8(truncatingIfNeeded: $0 &* 37 &+ number &* 11 &+ round &* 5) }
            }
            for (number, values) in given.enumerated() { executor.put(values, in: number, memory) }
            for (number, node) in network.nodes.enumerated() {
                executor.run(node: number, memory)
                let found = executor.value(of: node.output, memory)
                #expect(found == reference.value(of: node, node.inputs.map { given[$0] }), "\(node.name)")
                executor.put(given[node.output], in: node.output, memory)
            }
        }
    }

    @Test func weightsAreHeldInFewBytes() throws {
        let sample = try Sample(
            Shape([16, 8, 8]),
            [
                Graph.Entry("a", Convolution(channels: 16, kernel: 3)),
                Graph.Entry("f", Flatten(try Arguments([:], for: Flatten.descriptor))),
                Graph.Entry("l", Linear(outputs: 40)),
            ], zeros: 0.9, count: 2)
        let network = try sample.quantized().network
        var kept = 0
        for case .sums(let sums) in network.nodes.map(\.rule) { kept += sums.values.count }
        let bytes = QuantizedExecutor(network).weightBytes
        // A value and a step each; the start of each row, and of the convolution where each of 144 terms is.
        #expect(bytes == 2 * kept + 4 * (17 + 41) + 2 * 144)
    }
}
