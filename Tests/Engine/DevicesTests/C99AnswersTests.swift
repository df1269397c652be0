import Descriptors
import Devices
import Graph
import Interchange
import Kernels
import Models
import Testing

/// Many networks in one C program: their answers beside Espalier's own.
@Suite struct C99AnswersTests {
    /// A few of each: a border, a step between channels, a skip, rows that end anywhere.
    private static func small(_ zeros: Float, count: Int) throws -> Sample {
        try Sample(
            Shape(channels: 2, height: 7, width: 9),
            [
                Graph.Entry("a", Convolution(channels: 6, kernel: 3, padding: 1)), Graph.Entry("r", ReLU()),
                Graph.Entry("b", Convolution(channels: 6, kernel: 3, padding: 1, groups: 6)),
                Graph.Entry("s", Add(), inputs: ["b", "r"]),
                Graph.Entry("c", Convolution(channels: 5, kernel: 3, stride: 2)),
                Graph.Entry("f", Flatten(try Arguments([:], for: Flatten.descriptor))),
                Graph.Entry("l", Linear(outputs: 21)), Graph.Entry("q", ReLU()), Graph.Entry("m", Linear(outputs: 4)),
            ], zeros: zeros, count: count)
    }

    private static func largest(_ values: [Float]) -> Float { values.reduce(0) { max($0, abs($1)) } }

    /// How far apart answers are, as a share of the largest.
    private static func distance(_ found: [Float], _ wanted: [Float]) -> Float {
        guard found.count == wanted.count else { return .infinity }
        var worst: Float = 0
        for (own, other) in zip(found, wanted) {
            let off = own == other || own.isNaN && other.isNaN ? 0 : abs(own - other)
            worst = off <= worst ? worst : off
        }
        return worst / max(largest(wanted.filter { $0.isFinite }), .leastNormalMagnitude)
    }

    private static func options(_ name: String, encoding: String? = nil) -> C99Export.Options {
        var options = C99Export.Options(name: name)
        options.encoding = encoding
        return options
    }

    @Test func tenThousandAnswersAreEspaliers() throws {
        let sample = try Self.small(0.8, count: 10_000)
        let quantizer = try Quantizer(sample.graph, sample.arrays)
        var notes: [String] = []
        let integers = try quantizer.network(
            Array(sample.images.prefix(64)), RangeChoices.make("min-max"), notes: &notes)
        var program = CProgram()
        program.add(try C99Export(integers, options: Self.options("integers")), sample.images)
        program.add(try C99Export(sample.graph, sample.arrays, options: Self.options("floats")), sample.images)
        let answers = try program.answers("-O1")
        let reference = QuantizedReference(integers)
        #expect(answers[0].values == sample.images.flatMap(reference.answer))
        var wanted: [Float] = []
        quantizer.float.forEachValue(sample.images) { wanted += $1.last! }
        #expect(Self.distance(answers[1].values, wanted) < 1e-5)
    }

    /// Every way to write weights is read in C as it is in a file, for one point and for many.
    @Test func everyEncodingIsRead() throws {
        var program = CProgram()
        var wanted: [[Float]] = []
        for zeros: Float in [0.3, 0.9] {
            let sample = try Self.small(zeros, count: 4)
            let (integers, float) = try sample.quantized()
            let right = sample.images.flatMap(QuantizedReference(integers).answer)
            var floats: [Float] = []
            float.forEachValue(sample.images) { floats += $1.last! }
            for encoding in C99Export.encodings {
                let name = "\(encoding)_\(zeros < 0.5 ? 3 : 9)"
                program.add(
                    try C99Export(integers, options: Self.options("i_\(name)", encoding: encoding)), sample.images)
                program.add(
                    try C99Export(sample.graph, sample.arrays, options: Self.options("f_\(name)", encoding: encoding)),
                    sample.images)
                wanted += [right, floats]
            }
        }
        for (number, answer) in try program.answers("-O0 -fsanitize=address").enumerated() {
            let name = C99Export.encodings[number / 2 % C99Export.encodings.count]
            if number % 2 == 0 {
                #expect(answer.values == wanted[number], "\(name)")
            } else {
                #expect(Self.distance(answer.values, wanted[number]) < 1e-5, "\(name)")
            }
        }
    }

    /// Factors above 1, and sums of more than 16 bits in steps of the output.
    @Test func wideSumsAreRight() throws {
        let sample = try Self.small(0.5, count: 50)
        var network = try sample.quantized().network
        for number in network.nodes.indices {
            guard case .sums(var sums) = network.nodes[number].rule else { continue }
            sums.requantizations = sums.requantizations.map {
                Requantization(multiplier: $0.multiplier, shift: $0.shift - 12)
            }
            network.nodes[number].rule = .sums(sums)
        }
        var program = CProgram()
        program.add(try C99Export(network, options: Self.options("wide")), sample.images)
        #expect(try program.answers()[0].values == sample.images.flatMap(QuantizedReference(network).answer))
    }

    /// As `sizeof` counts them, a twentieth more at most than what a file of 8-bit values takes without the scales of rows.
    @Test func tablesAreAsSmallAsTheBestEncoding() throws {
        var program = CProgram()
        var best: [Int] = []
        let values = try ValueEncodings.make("int8")
        for zeros in [50, 70, 80, 90, 95, 99] {
            let sample = try Sample(
                Shape([784]), [Graph.Entry("a", Linear(outputs: 60)), Graph.Entry("b", Linear(outputs: 10))],
                zeros: Float(zeros) / 100, count: 1)
            program.add(
                try C99Export(sample.quantized().network, options: Self.options("z\(zeros)")), sample.images)
            best.append(
                sample.graph.nodes.reduce(0) { sum, node in
                    let shape = node.ownWeights!, weights = sample.arrays.weights[node.name]!
                    let kept = KeptWeights(rows: shape.rows, columns: shape.columns, keep: weights.map { $0 != 0 })
                    return sum + EncodedLayer.smallest(kept, values).bytes(kept)! - 4 * shape.rows
                })
        }
        for (answer, best) in zip(try program.answers(), best) {
            #expect(20 * answer.bytes <= 21 * best && answer.bytes > best * 9 / 10, "\(answer.bytes), the best \(best)")
        }
    }

    /// The cases of every operator that C knows, each the only one of its network.
    @Test func everyOperatorIsNearEspaliers() throws {
        var program = CProgram()
        var wanted: [(name: String, values: [Float])] = []
        var known: Set<String> = []
        for type in Operators.all where type != Constant.self {
            for (number, one) in type.cases.enumerated() where !one.inputs.isEmpty {
                let name = "\(type.descriptor.name)_\(number)".replacing("-", with: "_")
                let graph = try Self.alone(try type.init(Arguments(one.arguments, for: type.descriptor)), one)
                let sample = try Sample(graph.input, graph.entries, count: 1)
                let range = one.values ?? -2...2
                let input = sample.images[0].map {
                    range.lowerBound + ($0 + 1) / 2 * (range.upperBound - range.lowerBound)
                }
                guard let export = try? C99Export(graph, sample.arrays, options: Self.options(name)) else { continue }
                known.insert(type.descriptor.name)
                program.add(export, [input])
                FloatNetwork(graph, sample.arrays).forEachValue([input]) { wanted.append((name, $1.last!)) }
            }
        }
        #expect(wanted.count > 300)
        for type in Operators.all where type != Constant.self && type != TopK.self {
            #expect(known.contains(type.descriptor.name), "no case of '\(type.descriptor.name)' is C")
        }
        for (answer, wanted) in zip(try program.answers(), wanted) {
            let distance = Self.distance(answer.values, wanted.values)
            #expect(distance < 1e-5, "\(wanted.name): \(distance) of the largest")
        }
    }

    /// In 8 bits those without weights of a layer, to the bit.
    @Test func everyRuleIsEspaliers() throws {
        var program = CProgram()
        var wanted: [(name: String, values: [Float])] = []
        try Sample.forEachCase { name, arguments, sample in
            guard let network = try? sample.quantized().network else { return }
            for node in network.nodes { if case .sums = node.rule { return } }
            let export = try C99Export(network, options: Self.options("rule_\(wanted.count)"))
            let images = Array(sample.images.prefix(2))
            program.add(export, images)
            wanted.append(("\(name) \(arguments)", images.flatMap(QuantizedReference(network).answer)))
        }
        #expect(wanted.count > 200)
        for (answer, wanted) in zip(try program.answers(), wanted) {
            #expect(answer.values == wanted.values, "\(wanted.name)")
        }
    }

    /// Constants that rules have in their own numbers, and constants that they read.
    @Test(arguments: ["div", "mul", "add", "max"]) func constantsAreRead(_ name: String) throws {
        let shape = Shape([3, 4, 5])
        let sample = try Sample(
            shape,
            [
                Graph.Entry("a", Convolution(channels: 3, kernel: 1)),
                Graph.Entry("c", Constant(shape: Shape([3, 1, 1]), value: 2.5), inputs: []),
                Graph.Entry("y", try Operators.make(name, [:]), inputs: ["a", "c"]),
            ], count: 3)
        let (integers, float) = try sample.quantized()
        var program = CProgram()
        program.add(try C99Export(integers, options: Self.options("integers")), sample.images)
        program.add(try C99Export(sample.graph, sample.arrays, options: Self.options("floats")), sample.images)
        let answers = try program.answers()
        #expect(answers[0].values == sample.images.flatMap(QuantizedReference(integers).answer))
        var wanted: [Float] = []
        float.forEachValue(sample.images) { wanted += $1.last! }
        #expect(Self.distance(answers[1].values, wanted) < 1e-5)
    }

    /// One input of the network, cut into those of the operator.
    private static func alone(_ op: any Operator, _ one: OperatorCase) throws -> Graph {
        if one.inputs.count == 1 { return try Graph(input: one.inputs[0], [Graph.Entry("op", op)]) }
        var entries: [Graph.Entry] = [], names: [String] = [], first = 0
        for (number, shape) in one.inputs.enumerated() {
            let part = try Slice(starts: [first], ends: [first + shape.features])
            entries.append(Graph.Entry("part\(number)", part, inputs: [Graph.inputName]))
            entries.append(Graph.Entry("in\(number)", Reshape(shape.axes)))
            names.append("in\(number)")
            first += shape.features
        }
        entries.append(Graph.Entry("op", op, inputs: names))
        return try Graph(input: Shape([first]), entries)
    }
}
