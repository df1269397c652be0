import Descriptors
import Graph
import Kernels
import Testing

/// What operators make of small tensors, written out.
@Suite struct OperatorValueTests {
    struct Example: Sendable {
        let name: String
        let arguments: [String: Value]
        let shapes: [[Int]]
        let values: [[Float]]
        let shape: [Int]
        let wanted: [Float]

        init(
            _ name: String, _ arguments: [String: Value] = [:], _ shapes: [[Int]], _ values: [[Float]]? = nil,
            gives shape: [Int], _ wanted: [Float]
        ) {
            self.name = name
            self.arguments = arguments
            self.shapes = shapes
            // Without others the values are 0, 1, 2, …
            self.values = values ?? shapes.map { (0..<$0.reduce(1, *)).map(Float.init) }
            self.shape = shape
            self.wanted = wanted
        }
    }

    static let examples = [
        Example("reshape", ["shape": .integers([3, -1])], [[2, 3]], gives: [3, 2], [0, 1, 2, 3, 4, 5]),
        Example("reshape", ["shape": .integers([])], [[1, 1]], gives: [], [0]),
        Example("squeeze", [:], [[1, 2, 1]], gives: [2], [0, 1]),
        Example("squeeze", ["axes": .integers([-1])], [[1, 2, 1]], gives: [1, 2], [0, 1]),
        Example("unsqueeze", ["axes": .integers([-1, 0])], [[2]], gives: [1, 2, 1], [0, 1]),
        Example("identity", [:], [[2]], gives: [2], [0, 1]),
        Example("transpose", ["perm": .integers([1, 0])], [[2, 3]], gives: [3, 2], [0, 3, 1, 4, 2, 5]),
        Example(
            "slice", ["starts": .integers([1]), "ends": .integers([1000])], [[3, 2]], gives: [2, 2], [2, 3, 4, 5]),
        Example(
            "slice",
            [
                "starts": .integers([-1]), "ends": .integers([Int.min]), "axes": .integers([-1]),
                "steps": .integers([-2]),
            ], [[2, 4]], gives: [2, 2], [3, 1, 7, 5]),
        // Of equal ones the first.
        Example("top-k", ["keep": .number(0.4)], [[5]], [[3, 1, 3, 3, -1]], gives: [5], [3, 0, 3, 0, 0]),
        Example("top-k", ["keep": .number(0.5)], [[2, 2]], [[-3, -1, -2, -5]], gives: [2, 2], [0, -1, -2, 0]),
        Example(
            "top-k", ["keep": .number(0.1), "over": .text("channel")], [[2, 3]], gives: [2, 3], [0, 0, 2, 0, 0, 5]),
        Example("concat", ["axis": .integer(1)], [[2, 2], [2, 1]], gives: [2, 3], [0, 1, 0, 2, 3, 1]),
        Example(
            "pad", ["pads": .integers([0, 2, 1, 1]), "value": .number(9)], [[1, 2]], gives: [2, 5],
            [9, 9, 0, 1, 9, 9, 9, 9, 9, 9]),
        Example(
            "pad", ["pads": .integers([5, 3]), "mode": .text("reflect")], [[3]], gives: [11],
            [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1]),
        Example("pad", ["pads": .integers([2, 1]), "mode": .text("edge")], [[2]], gives: [5], [0, 0, 0, 1, 1]),
        Example(
            "pad", ["pads": .integers([2, 3]), "mode": .text("wrap")], [[3]], gives: [8], [1, 2, 0, 1, 2, 0, 1, 2]),
        Example("pad", ["pads": .integers([-1, -1])], [[4]], gives: [2], [1, 2]),
        Example("expand", ["shape": .integers([2, 1, 2])], [[2, 1]], gives: [2, 2, 2], [0, 0, 1, 1, 0, 0, 1, 1]),
        Example("gather", ["indices": .integers([2, -1, 0])], [[3]], gives: [3], [2, 2, 0]),
        Example(
            "gather", ["indices": .integers([1]), "axis": .integer(-1)], [[2, 3]], gives: [2, 1], [1, 4]),
        Example("tile", ["repeats": .integers([2, 2])], [[1, 2]], gives: [2, 4], [0, 1, 0, 1, 0, 1, 0, 1]),
        Example("spread", ["strides": .integers([1, 3])], [[1, 2]], gives: [1, 4], [0, 0, 0, 1]),
        Example(
            "resize",
            ["scales": .numbers([2]), "coordinates": .text("asymmetric"), "nearest": .text("floor")], [[3]],
            gives: [6], [0, 0, 1, 1, 2, 2]),
        Example("resize", ["sizes": .integers([5])], [[2]], gives: [5], [0, 0, 0, 1, 1]),
        Example(
            "resize", ["sizes": .integers([4]), "mode": .text("linear")], [[2]], gives: [4], [0, 0.25, 0.75, 1]),
        Example(
            "resize", ["sizes": .integers([4]), "mode": .text("linear"), "coordinates": .text("align-corners")],
            [[2]], [[0, 3]], gives: [4], [0, 1, 2, 3]),
        Example(
            "resize", ["scales": .numbers([0.6]), "mode": .text("linear")], [[4]], [[1, 2, 3, 4]], gives: [2],
            [1.3333333, 3]),
        Example(
            "resize", ["scales": .numbers([2]), "mode": .text("cubic")], [[4]], [[1, 2, 3, 4]], gives: [8],
            [0.89453125, 1.19140625, 1.66796875, 2.296875, 2.703125, 3.33203125, 3.80859375, 4.10546875]),
        Example("add", [:], [[2, 2], [2]], gives: [2, 2], [0, 2, 2, 4]),
        Example("sub", [:], [[2, 1], [2]], gives: [2, 2], [0, -1, 1, 0]),
        Example("mul", [:], [[2, 2], [2, 1]], gives: [2, 2], [0, 0, 2, 3]),
        Example("div", [:], [[2], [1]], [[1, 3], [2]], gives: [2], [0.5, 1.5]),
        Example("pow", [:], [[3], [1]], [[2, -3, 4], [3]], gives: [3], [8, -27, 64]),
        Example("min", [:], [[3], [1]], [[1, 2, 3], [2]], gives: [3], [1, 2, 2]),
        Example("max", [:], [[3], [1]], [[1, 2, 3], [2]], gives: [3], [2, 2, 3]),
        Example("less", [:], [[3], [1]], [[1, 2, 3], [2]], gives: [3], [1, 0, 0]),
        Example("greater-or-equal", [:], [[3], [1]], [[1, 2, 3], [2]], gives: [3], [0, 1, 1]),
        Example("equal", [:], [[3], [1]], [[1, 2, 3], [2]], gives: [3], [0, 1, 0]),
        Example(
            "where", [:], [[2], [2, 2], [1]], [[1, 0], [1, 2, 3, 4], [9]], gives: [2, 2], [1, 9, 3, 9]),
        Example("reduce", ["axes": .integers([0])], [[2, 2]], gives: [1, 2], [1, 2]),
        Example("reduce", ["kind": .text("sum"), "keep": .boolean(false)], [[2, 2]], gives: [], [6]),
        Example("reduce", ["kind": .text("l2"), "axes": .integers([1])], [[1, 2]], [[3, 4]], gives: [1, 1], [5]),
        Example("softmax", [:], [[2]], [[1, 1]], gives: [2], [0.5, 0.5]),
        Example("log-softmax", [:], [[2]], [[1, 1]], gives: [2], [-0.6931472, -0.6931472]),
        Example("layer-norm", ["epsilon": .number(0)], [[2, 2]], [[1, 3, 5, 9]], gives: [2, 2], [-1, 1, -1, 1]),
        Example("rms-norm", ["epsilon": .number(0)], [[2]], [[3, 4]], gives: [2], [0.84852815, 1.1313709]),
        Example(
            "group-norm", ["groups": .integer(2), "epsilon": .number(0)], [[4]], [[1, 3, 5, 9]], gives: [4],
            [-1, 1, -1, 1]),
        Example(
            "instance-norm", ["epsilon": .number(0)], [[2, 2]], [[1, 3, 5, 9]], gives: [2, 2], [-1, 1, -1, 1]),
        Example("arg-max", ["keep": .boolean(false)], [[3]], [[1, 5, 5]], gives: [], [1]),
        Example("arg-max", ["last": .boolean(true)], [[3]], [[1, 5, 5]], gives: [1], [2]),
        Example("arg-min", ["axis": .integer(-1)], [[1, 3]], [[1, 5, 0]], gives: [1, 1], [2]),
        Example("matmul", [:], [[2, 2], [2, 1]], gives: [2, 1], [1, 3]),
        Example("matmul", ["transpose-b": .boolean(true)], [[1, 2], [3, 2]], gives: [1, 3], [1, 3, 5]),
        Example("matmul", [:], [[2], [2]], gives: [], [1]),
        Example("prelu", [:], [[2, 2]], [[-4, 1, 8, -2]], gives: [2, 2], [-1, 1, 8, -0.5]),
        Example("power", ["exponent": .number(2)], [[2]], [[-3, 4]], gives: [2], [9, 16]),
        Example("affine", ["scale": .number(2), "shift": .number(1)], [[2]], gives: [2], [1, 3]),
        Example("hard-swish", [:], [[4]], [[-4, -3, 3, 4]], gives: [4], [0, 0, 3, 4]),
        Example("clip", ["min": .number(0), "max": .number(6)], [[3]], [[-1, 2, 7]], gives: [3], [0, 2, 6]),
        Example("hard-sigmoid", [:], [[3]], [[-9, 0, 9]], gives: [3], [0, 0.5, 1]),
        // From the threshold on, not above it.
        Example(
            "fat-relu", ["threshold": .number(0.5)], [[5]], [[-1, 0.49999997, 0.5, 0, 2]], gives: [5],
            [0, 0, 0.5, 0, 2]),
        Example("leaky-relu", [:], [[2]], [[-100, 1]], gives: [2], [-1, 1]),
    ]

    @Test(arguments: examples.indices) func valuesAreThese(_ number: Int) throws {
        let example = Self.examples[number]
        let op = try Operators.make(example.name, example.arguments)
        #expect(try op.outputShape(example.shapes.map { Shape($0) }).axes == example.shape, "\(example.name)")
        // All inputs lie in the network's one after the other.
        let count = example.values.reduce(0) { $0 + $1.count }
        var entries: [Graph.Entry] = [], names: [String] = [], first = 0
        for (number, shape) in example.shapes.enumerated() {
            let size = shape.reduce(1, *)
            entries.append(
                .init(
                    "part\(number)", try Slice(starts: [first], ends: [first + size]), inputs: [Graph.inputName]))
            entries.append(.init("input\(number)", Reshape(shape)))
            names.append("input\(number)")
            first += size
        }
        entries.append(.init("op", op, inputs: names))
        let network = Network(
            try Graph(input: Shape([count]), entries), capacity: 3, team: Team(size: 1), trains: false)
        let values = example.values.flatMap { $0 }
        forEachPoint(network.input.shape, network.input.layout, 3) { network.input.values[$2] = values[$1] }
        network.forward(samples: 3)
        forEachPoint(network.output.shape, network.output.layout, 3) { _, feature, place in
            let found = network.output.values[place]
            #expect(
                abs(found - example.wanted[feature]) <= 1e-6 * max(1, abs(found)),
                "\(example.name) \(number) \(feature)")
        }
    }

    @Test(arguments: Operators.all.map { $0.descriptor.name }) func argumentsMakeTheOperatorAgain(name: String) throws {
        let type = try #require(Operators.all.first { $0.descriptor.name == name })
        for example in type.cases {
            let op = try Operators.make(name, example.arguments)
            let again = try Operators.make(name, op.arguments)
            #expect(again.arguments == op.arguments)
            #expect(try again.outputShape(example.inputs) == op.outputShape(example.inputs))
            #expect(example.arguments.isEmpty || !op.arguments.isEmpty)
        }
    }

    @Test func embeddingsBeginAtRandom() throws {
        let graph = try Graph(input: Shape([2]), [.init("rows", Embedding(vocabulary: 50, features: 12))])
        func values(_ seed: UInt64) -> [Float] {
            let network = Network(graph, capacity: 1, team: Team(size: 1), trains: true)
            network.initialize(seed: seed)
            return network.layers[0].live().values
        }
        let first = values(1)
        #expect(first == values(1) && first != values(2))
        #expect(first.allSatisfy { abs($0) <= 0.501 } && first.contains { $0 > 0.4 } && first.contains { $0 < -0.4 })
    }

    static let refusals: [(String, [String: Value], [[Int]])] = [
        ("reshape", ["shape": .integers([4])], [[3]]), ("reshape", ["shape": .integers([-1, -1])], [[4]]),
        ("reshape", ["shape": .integers([-1, 0])], [[4]]),
        ("reshape", ["shape": .integers([1 << 30, 1 << 30])], [[4]]),
        ("transpose", ["perm": .integers([1, 0])], [[3]]), ("squeeze", ["axes": .integers([0])], [[3]]),
        ("squeeze", ["axes": .integers([3])], [[3]]), ("unsqueeze", ["axes": .integers([0, 0])], [[3]]),
        ("slice", ["starts": .integers([2]), "ends": .integers([2])], [[3]]),
        ("slice", ["starts": .integers([0]), "ends": .integers([2]), "axes": .integers([4])], [[3]]),
        ("concat", ["axis": .integer(0)], [[2, 3], [2, 4]]), ("concat", ["axis": .integer(2)], [[2, 3], [2, 4]]),
        ("pad", ["pads": .integers([1])], [[3]]), ("pad", ["pads": .integers([-2, -1])], [[3]]),
        ("expand", ["shape": .integers([2])], [[3]]), ("gather", ["indices": .integers([3])], [[3]]),
        ("tile", ["repeats": .integers([2])], [[3, 3]]), ("spread", ["strides": .integers([2])], [[3, 3]]),
        ("resize", ["sizes": .integers([2])], [[3, 3]]), ("resize", ["scales": .numbers([0.1])], [[3]]),
        ("add", [:], [[2], [3]]), ("where", [:], [[2], [3], [1]]), ("reduce", ["axes": .integers([1])], [[3]]),
        ("reduce", ["axes": .integers([0, -1])], [[3]]), ("softmax", ["axis": .integer(1)], [[3]]),
        ("layer-norm", ["axes": .integers([0, 2])], [[3, 2, 2]]), ("group-norm", ["groups": .integer(2)], [[3, 2]]),
        ("instance-norm", [:], [[3]]), ("arg-max", ["axis": .integer(1)], [[3]]), ("matmul", [:], [[2, 3], [2, 3]]),
        ("matmul", [:], [[2, 2, 3], [3, 3, 1]]), ("matmul", [:], [[], [3]]),
    ]

    @Test(arguments: refusals.indices) func shapesThatDoNotFitAreRefused(_ number: Int) throws {
        let (name, arguments, shapes) = Self.refusals[number]
        let op = try Operators.make(name, arguments)
        #expect(throws: GraphError.self) { try op.outputShape(shapes.map { Shape($0) }) }
    }

    @Test func argumentsThatDoNotFitAreRefused() {
        func refused(_ name: String, _ arguments: [String: Value]) {
            #expect(throws: ArgumentError.self) { try Operators.make(name, arguments) }
        }
        refused("transpose", ["perm": .integers([0, 0])])
        refused("slice", ["starts": .integers([0]), "ends": .integers([1, 2])])
        refused("slice", ["starts": .integers([0]), "ends": .integers([1]), "steps": .integers([0])])
        refused("resize", [:])
        refused("resize", ["sizes": .integers([2]), "scales": .numbers([1, 1])])
        refused("gelu", ["approximate": .text("sigmoid")])
        refused("reduce", ["kind": .text("median")])
        refused("power", [:])
    }
}
