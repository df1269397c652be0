import Descriptors
import Graph
import Interchange
import Kernels
import Models
import Testing

/// What goes out comes back as the same network, and an imported file as the file that it was.
@Suite struct ExportTests {
    /// Operators that ONNX has nothing for in some of their cases.
    static let partly: Set<String> = ["spread", "pad", "matmul", "average-pool", "resize"]

    @Test(arguments: Operators.all.map { $0.descriptor.name }, [13, 17, 23])
    func everyOperatorComesBack(name: String, opset: Int) throws {
        let type = try #require(Operators.all.first { $0.descriptor.name == name })
        var written = 0
        for test in type.cases where !test.inputs.isEmpty {
            var entries: [Graph.Entry] = [], inputs = [Graph.inputName]
            for (number, shape) in test.inputs.enumerated().dropFirst() {
                entries.append(.init("other\(number)", Constant(shape: shape)))
                inputs.append("other\(number)")
            }
            entries.append(.init("op", try Operators.make(name, test.arguments), inputs: inputs))
            let graph = try Graph(input: test.inputs[0], entries)
            var options = ExportOptions()
            options.opset = opset
            let arrays = Self.randomArrays(graph, values: test.values)
            let chunks: [[UInt8]]
            do {
                chunks = try Models.onnx(graph, arrays, options: options)
            } catch let problem as ExportProblem {
                #expect(Self.partly.contains(name), "\(problem)")
                continue
            }
            written += 1
            let image = Self.numbers(graph.input.features, 7, in: test.values)
            try expectSame(graph, arrays, chunks, image, "\(name) \(test.arguments)", tolerance: 2e-4)
        }
        #expect(written > 0 || type.cases.allSatisfy { $0.inputs.isEmpty })
    }

    @Test(arguments: NamedNetworks.all.map(\.descriptor.name), [false, true])
    func namedNetworksComeBack(name: String, folds: Bool) throws {
        let shapes = [
            Shape(channels: 1, height: 28, width: 28), Shape(channels: 3, height: 32, width: 32), Shape([32]),
            Shape(channels: 640), Shape(channels: 1, height: 49, width: 10), Shape(channels: 784),
        ]
        guard let graph = shapes.lazy.compactMap({ try? NamedNetworks.make(name, input: $0, classes: 5) }).first else {
            Issue.record("no input for \(name)")
            return
        }
        var options = ExportOptions()
        options.folds = folds
        let arrays = Self.randomArrays(graph, values: nil)
        let chunks = try Models.onnx(graph, arrays, options: options)
        let image =
            graph.input.rank == 1 && graph.nodes[0].name == "embedding"
            ? (0..<graph.input.features).map { Float($0 * 7 % 200) } : Self.numbers(graph.input.features, 3, in: nil)
        try expectSame(graph, arrays, chunks, image, name, tolerance: 1e-3)
    }

    /// A head that uses the table of the tokens stays one with it, in a file and back, without a bias.
    @Test func aTableAndItsHeadStayOne() throws {
        let graph = try Graph(
            input: Shape([4]),
            [
                .init("embedding", Embedding(vocabulary: 9, features: 6)),
                .init("mean", try Operators.make("reduce", ["axes": .integers([0]), "keep": .boolean(false)])),
                .init("words", Linear(outputs: 9), weightsOf: "embedding"),
            ])
        let arrays = Self.randomArrays(graph, values: nil)
        var options = ExportOptions()
        options.isSparse = true
        for options in [ExportOptions(), options] {
            let chunks = try Models.onnx(graph, arrays, options: options)
            try expectSame(graph, arrays, chunks, [3, 0, 8, 3], "tied", tolerance: 1e-5)
            let bytes = chunks.flatMap { $0 }
            let imported = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: "tied")))
            #expect(imported.prunable.count == 1 && imported.weights.count == 1)
            #expect(
                imported.graph?.nodes.compactMap(\.ownWeights) == [WeightShape(rows: 9, channels: 6, isTable: true)])
        }
    }

    /// Small numbers that differ; parameters that are no variance may be below zero.
    private static func numbers(_ count: Int, _ seed: UInt64, in range: ClosedRange<Float>?) -> [Float] {
        let random = CounterRandom(seed: seed, purpose: .test)
        return (0..<count).map { index in
            guard let range else { return random.uniform(index) * 2 - 1 }
            return range.lowerBound + random.uniform(index) * (range.upperBound - range.lowerBound)
        }
    }

    private static func randomArrays(_ graph: Graph, values: ClosedRange<Float>?) -> ModelArrays {
        var arrays = ModelArrays()
        for (number, node) in graph.nodes.enumerated() {
            if let shape = node.ownWeights {
                let scale = 1 / Float(shape.columns).squareRoot()
                arrays.weights[node.name] = numbers(shape.weights, UInt64(number), in: nil).map { $0 * scale }
                arrays.biases[node.name] = numbers(shape.biases, UInt64(number) + 1000, in: nil).map { $0 * 0.1 }
            }
            for (index, parameter) in node.op.parameters(node.inputShapes).enumerated() {
                let isConstant = node.name.hasPrefix("other")
                let least = parameter.least.map { max($0, 0.5)...max($0, 0.5) + 1 }
                arrays.parameters["\(node.name).\(parameter.name)"] = numbers(
                    parameter.count, UInt64(number * 10 + index), in: isConstant ? values : least ?? 0.5...1.5)
            }
        }
        return arrays
    }

    private func answer(_ graph: Graph, _ image: [Float], _ fill: (Network) -> Void) -> [Float] {
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        fill(network)
        return ModelRunner(network).answers([image])[0]
    }

    private func expectSame(
        _ graph: Graph, _ arrays: ModelArrays, _ chunks: [[UInt8]], _ image: [Float], _ what: String, tolerance: Float
    ) throws {
        let bytes = chunks.flatMap { $0 }
        let imported = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: what)))
        let back = try #require(imported.graph, "\(what): \(imported.problems)")
        let wanted = answer(graph, image) { network in
            for layer in network.layers {
                layer.set(
                    LayerArrays(
                        indices: nil, values: arrays.weights[layer.name] ?? [], slots: [],
                        bias: arrays.biases[layer.name] ?? [], biasSlots: []))
            }
            for parameter in network.parameters {
                for (index, value) in (arrays.parameters[parameter.name] ?? []).enumerated() {
                    parameter.values[index] = value
                }
            }
        }
        let found = answer(back, image) { imported.fill($0) }
        #expect(found.count == wanted.count, "\(what)")
        let scale = max(1, wanted.filter(\.isFinite).map(abs).max() ?? 1)
        let off = zip(found, wanted).filter { pair in
            !(pair.0 == pair.1 || pair.0.isNaN && pair.1.isNaN || abs(pair.0 - pair.1) <= tolerance * scale)
        }
        #expect(off.isEmpty, "\(what): \(off.prefix(3))")
    }

    private func file() -> ModelFile {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2), .size(4), .size(4)])]
        file.initializers = [
            ("conv.weight", [3, 2, 3, 3], (0..<54).map { Float($0) / 50 - 0.5 }), ("conv.bias", [3], [0.5, -1, 2]),
            ("head", [48, 5], (0..<240).map { Float($0 % 17) / 17 - 0.5 }), ("unused", [2], [1, 2]),
        ]
        file.node("Conv", ["x", "conv.weight", "conv.bias"], ["a"], [("pads", .integers([1, 1, 1, 1]))])
        file.node("Relu", ["a"], ["b"])
        file.node("Flatten", ["b"], ["c"])
        file.node("MatMul", ["c", "head"], ["y"])
        return file
    }

    private func arrays(_ imported: ImportedModel) throws -> (Graph, ModelArrays) {
        let graph = try #require(imported.graph)
        let network = Network(graph, capacity: 1, team: Team(size: 1), trains: false)
        imported.fill(network)
        return (graph, try ModelArrays(network))
    }

    @Test func anImportedFileGoesOutAsItWas() throws {
        let bytes = file().bytes
        let imported = try file().imported()
        let (graph, arrays) = try arrays(imported)
        let frame = try #require(imported.frame)
        let kept = try ONNXFrame(decoding: frame.encoded, path: "frame")
        for frame in [frame, kept] {
            #expect(try Models.onnx(graph, arrays, frame: frame).flatMap { $0 } == bytes)
        }
        #expect(frame.encoded.count < bytes.count)
    }

    @Test func onlyWeightsDiffer() throws {
        let imported = try file().imported()
        var (graph, arrays) = try arrays(imported)
        arrays.weights["head"]![0] = 7
        let bytes = try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 }
        let original = file().bytes
        #expect(bytes.count == original.count && zip(bytes, original).count { $0 != $1 } <= 4)
        let back = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: "back")))
        #expect(back.weights == arrays.weights && back.biases["conv"] == arrays.biases["conv"])
        // A product has no bias in the file: an addition stands behind it.
        arrays.biases["head"] = [1, 2, 3, 4, 5]
        let biased = try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 }
        let again = try Models.importModel(ONNXReader.read(MappedFile(biased, path: "again")))
        #expect(again.biases["head"] == [1, 2, 3, 4, 5])
    }

    /// A file has no place for weights that it computes: it is written anew, and what was trained is in it.
    @Test(arguments: [true, false]) func weightsThatAFileComputes(isQuantised: Bool) throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2)])]
        file.initializers = [("scale", [], [0.5])]
        if isQuantised {
            file.small = [("w.small", .int8, [2, 2], [2, 4, -6, 8])]
            file.node("DequantizeLinear", ["w.small", "scale"], ["w"])
        } else {
            file.initializers.append(("w.plain", [2, 2], [2, 4, -6, 8]))
            file.node("Mul", ["w.plain", "scale"], ["w"])
        }
        file.node("MatMul", ["x", "w"], ["y"])
        let imported = try file.imported(), graph = try #require(imported.graph)
        var arrays = ModelArrays()
        let layer = try #require(imported.prunable.first)
        arrays.weights = [layer: [1, 0, 0, 7]]
        arrays.biases = imported.biases
        let bytes = try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 }
        let again = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: "again.onnx")))
        #expect(again.weights.values.first == [1, 0, 0, 7])
    }

    /// A bias that the file computes and adds behind its layer is no input of the layer, too.
    @Test(arguments: [true, false]) func aBiasThatAFileComputes(isKept: Bool) throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2)])]
        file.initializers = [("w", [2, 2], [1, 2, 0, 1]), ("scale", [], [0.5]), ("b.plain", [2], [2, -4])]
        file.node("Mul", ["b.plain", "scale"], ["b"])
        file.node("MatMul", ["x", "w"], ["product"])
        file.node("Add", ["product", "b"], ["y"])
        let imported = try file.imported(), graph = try #require(imported.graph)
        var arrays = ModelArrays()
        arrays.weights = imported.weights
        arrays.biases = imported.biases.mapValues { _ in [3, 4] }
        var frame = try #require(imported.frame)
        if isKept { frame = try ONNXFrame(decoding: frame.encoded, path: "frame") }
        let bytes = try Models.onnx(graph, arrays, frame: frame).flatMap { $0 }
        let model = try ONNXReader.read(MappedFile(bytes, path: "again.onnx"))
        let again = try Models.importModel(model)
        let network = Network(try #require(again.graph), capacity: 1, team: Team(size: 1), trains: false)
        again.fill(network)
        #expect(ModelRunner(network).answers([[1, 10]]) == [[4, 16]])
        // Written anew, and asked as before.
        #expect(model.graph.inputs.map(\.name) == ["x"] && model.graph.outputs.map(\.name) == ["y"])
    }

    /// A sum by letters has no input for a bias: the file is written anew where its layer learned one.
    @Test func aBiasThatAnEinsumLearned() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2)])]
        file.initializers = [("w", [2, 2], [1, 2, 0, 1])]
        file.node("Einsum", ["x", "w"], ["y"], [("equation", .text("bi,oi->bo"))])
        let imported = try file.imported(), graph = try #require(imported.graph)
        var arrays = ModelArrays()
        arrays.weights = imported.weights
        arrays.biases = imported.biases
        #expect(try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 } == file.bytes)
        arrays.biases = arrays.biases.mapValues { _ in [3, 4] }
        let bytes = try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 }
        let again = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: "again.onnx")))
        let network = Network(try #require(again.graph), capacity: 1, team: Team(size: 1), trains: false)
        again.fill(network)
        #expect(ModelRunner(network).answers([[1, 10]]) == [[24, 14]])
    }

    /// Numbers beside the model that are no weights travel with what is kept of the file.
    @Test func whatLiesBesideTheFileComesAlong() throws {
        let folder = TemporaryFolder()
        var file = ModelFile()
        file.initializers = [("w", [2, 3], [1, 2, 3, 4, 5, 6])]
        file.outside = [("order", 2, "numbers.data")]
        file.node("Gather", ["x", "order"], ["taken"], [("axis", .integer(1))])
        file.node("MatMul", ["taken", "w"], ["y"])
        let numbers = [2, 0].flatMap { number in withUnsafeBytes(of: Int64(number).littleEndian) { Array($0) } }
        try AtomicFile.write([numbers], to: folder("numbers.data"))
        try AtomicFile.write([file.bytes], to: folder("model.onnx"))
        let imported = try Models.importModel(path: folder("model.onnx")), graph = try #require(imported.graph)
        let frame = try ONNXFrame(decoding: try #require(imported.frame).encoded, path: "frame")
        var arrays = ModelArrays()
        arrays.weights = imported.weights
        arrays.biases = imported.biases
        let bytes = try Models.onnx(graph, arrays, frame: frame).flatMap { $0 }
        let again = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: "elsewhere.onnx")))
        let network = Network(try #require(again.graph), capacity: 1, team: Team(size: 1), trains: false)
        again.fill(network)
        #expect(ModelRunner(network).answers([[1, 10, 100]]) == [[104, 205, 306]])
    }

    /// A norm that has no shift in the file and learned one.
    @Test func aShiftThatAFileHasNot() throws {
        var file = ModelFile()
        file.inputs = [("x", [.symbol("N"), .size(2)])]
        file.initializers = [("norm.weight", [2], [1, 2])]
        file.node("LayerNormalization", ["x", "norm.weight"], ["y"])
        let imported = try file.imported(), graph = try #require(imported.graph)
        var arrays = ModelArrays()
        arrays.parameters = imported.parameters
        #expect(try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 } == file.bytes)
        let shift = try #require(arrays.parameters.keys.first { $0.hasSuffix(".bias") })
        arrays.parameters[shift] = [3, 4]
        let bytes = try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 }
        let again = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: "again.onnx")))
        #expect(again.parameters.values.contains([3, 4]))
    }

    @Test func layersThatWereOneTensorAndAreNotAnyMore() throws {
        var file = ModelFile()
        file.initializers = [
            ("w", [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]), ("one", [3], [1, 1, 1]), ("two", [3], [2, 2, 2]),
        ]
        file.node("MatMul", ["x", "w"], ["a"])
        file.node("Add", ["a", "one"], ["b"])
        file.node("MatMul", ["b", "w"], ["c"])
        file.node("Add", ["c", "two"], ["y"])
        let imported = try file.imported()
        #expect(imported.prunable.count == 2, "the biases differ")
        var (graph, arrays) = try arrays(imported)
        arrays.weights[imported.prunable[1]]![1] = 5
        let bytes = try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 }
        let back = try Models.importModel(ONNXReader.read(MappedFile(bytes, path: "back")))
        #expect(back.prunable.map { back.weights[$0] } == imported.prunable.map { arrays.weights[$0] })
    }

    @Test func theSoftmaxThatTheLossHadIsWrittenAnewToo() throws {
        var file = file()
        file.nodes[file.nodes.count - 1].outputs = ["logits"]
        file.node("Softmax", ["logits"], ["y"])
        let imported = try file.imported()
        let (whole, arrays) = try arrays(imported)
        let trained = try Graph(input: whole.input, Array(whole.entries.dropLast()))
        var options = ExportOptions()
        options.folds = true
        for graph in [trained, whole] {
            let chunks = try Models.onnx(graph, arrays, frame: imported.frame, options: options)
            try expectSame(whole, arrays, chunks, Self.numbers(32, 3, in: nil), "softmax", tolerance: 1e-5)
        }
    }

    /// Exporters keep equal tensors once: the zeros of untrained biases are those of a normalisation, and layers that are copies share.
    @Test func layersThatShareWhatOthersShareToo() throws {
        var file = ModelFile()
        file.initializers = [
            ("w", [3, 3], [1, 2, 0, 0, 1, -1, 3, 0, 1]), ("one", [3], [1, 1, 1]), ("zero", [3], [0, 0, 0]),
        ]
        file.node("LayerNormalization", ["x", "one", "zero"], ["a"])
        file.node("Gemm", ["a", "w", "zero"], ["b"], [("transB", .integer(1))])
        file.node("Relu", ["b"], ["c"])
        file.node("Gemm", ["c", "w", "zero"], ["y"], [("transB", .integer(1))])
        let imported = try file.imported()
        #expect(imported.ties == [["w", "w.2"]])
        var (graph, arrays) = try arrays(imported)
        arrays.biases["w"] = [1, 2, 3]
        let chunks = try Models.onnx(graph, arrays, frame: imported.frame)
        try expectSame(graph, arrays, chunks, [3, 0, 8], "shared", tolerance: 1e-5)
        let back = try Models.importModel(ONNXReader.read(MappedFile(chunks.flatMap { $0 }, path: "back")))
        #expect(back.ties == [["w", "w.2"]] && back.biases["w"] == [1, 2, 3])
    }

    @Test func sparseFilesAreSmallerByWhatTheZerosTook() throws {
        let imported = try file().imported()
        var (graph, arrays) = try arrays(imported)
        for index in arrays.weights["head"]!.indices where index % 20 != 0 { arrays.weights["head"]![index] = 0 }
        var options = ExportOptions()
        options.isSparse = true
        let dense = try Models.onnx(graph, arrays, frame: imported.frame).flatMap { $0 }
        for frame in [imported.frame, nil] {
            let sparse = try Models.onnx(graph, arrays, frame: frame, options: options).flatMap { $0 }
            #expect(sparse.count < dense.count - 500)
            let model = try ONNXReader.read(MappedFile(sparse, path: "sparse"))
            #expect(model.graph.sparseInitializers.count == 1)
            let back = try Models.importModel(model)
            #expect(Array(back.weights.values.map { $0.sorted() }).contains(arrays.weights["head"]!.sorted()))
        }
    }

    @Test func whatTheRunSaysTravelsAlong() throws {
        let imported = try file().imported()
        let (graph, arrays) = try arrays(imported)
        var options = ExportOptions()
        options.metadata = [("espalier.step", "400"), ("espalier.sparsity", "0.9")]
        for frame in [imported.frame, nil] {
            let bytes = try Models.onnx(graph, arrays, frame: frame, options: options).flatMap { $0 }
            let model = try ONNXReader.read(MappedFile(bytes, path: "m"))
            #expect(model.metadata.map(\.key) == ["espalier.step", "espalier.sparsity"])
        }
    }

    @Test func damagedFramesAreRefused() throws {
        let imported = try file().imported()
        let bytes = try #require(imported.frame).encoded
        let (graph, arrays) = try arrays(imported)
        func attempt(_ bytes: [UInt8]) {
            do {
                _ = try Models.onnx(graph, arrays, frame: ONNXFrame(decoding: bytes, path: "damaged"))
            } catch {
                #expect(error is FileProblem)
            }
        }
        for length in bytes.indices { attempt(Array(bytes[..<length])) }
        for position in bytes.indices {
            for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
                var changed = bytes
                changed[position] = value
                attempt(changed)
            }
        }
    }
}
