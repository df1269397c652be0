import Interchange

/// An ONNX file without the elements of the tensors that a network was made of, and where these belong. With weights it becomes the
/// file that it was: names, order, nodes and everything that is not understood here stay byte for byte.
package struct ONNXFrame: Sendable {
    /// The file, its tensors of the network without elements.
    let bytes: [UInt8]
    let bindings: [ImportedModel.Binding]
    /// Layers whose bias the file computes and adds by itself: a trained one has no place in it.
    let computedBiases: Set<String>

    init(_ model: ONNXModel, _ bindings: [ImportedModel.Binding], computedBiases: Set<String>) {
        self.bindings = bindings
        self.computedBiases = computedBiases
        // A tensor of which the network has only a part keeps its elements.
        var covered: [String: Set<Int>] = [:], whole: Set<String> = []
        for binding in bindings {
            let origin = binding.origin, count = origin.shape.reduce(1, *)
            if origin.steps.allSatisfy({ if case .slice = $0 { false } else { true } }) {
                whole.insert(origin.name)
            } else if !whole.contains(origin.name) {
                covered[origin.name, default: []].formUnion(origin.places)
                if covered[origin.name]!.count == count { whole.insert(origin.name) }
            }
        }
        var rewriter = FrameRewriter(file: model.file)
        rewriter.elements = { whole.contains($0) ? [] : nil }
        // A frame travels without the files beside the model: what is no weight of the network comes into it.
        let beside = Dictionary(
            model.graph.initializers.filter(\.isExternal).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }
        )
        rewriter.outside = { try? beside[$0]?.elementBytes() }
        bytes = rewriter.model().flatMap { $0 }
    }

    private init(bytes: [UInt8], bindings: [ImportedModel.Binding], computedBiases: Set<String>) {
        self.bytes = bytes
        self.bindings = bindings
        self.computedBiases = computedBiases
    }

    // MARK: As a file of its own

    /// For keeping beside a run.
    package var encoded: [UInt8] {
        var writer = WireWriter()
        writer.data(1, bytes)
        for binding in bindings {
            writer.message(2) { entry in
                let origin = binding.origin
                entry.integer(1, binding.kind.rawValue)
                entry.text(2, binding.name)
                entry.text(3, origin.name)
                entry.integers(4, origin.shape)
                entry.float(5, origin.scale)
                for step in origin.steps {
                    entry.message(6) { message in
                        switch step {
                        case .reshape(let shape):
                            message.integer(1, 0)
                            message.integers(2, shape)
                        case .transpose(let order):
                            message.integer(1, 1)
                            message.integers(2, order)
                        case .slice(let slices):
                            message.integer(1, 2)
                            message.integers(2, slices.flatMap { [$0.start, $0.step, $0.count] })
                        }
                    }
                }
                if let reader = origin.reader {
                    entry.integers(7, [reader.node, reader.input, reader.steps] + reader.shape)
                }
            }
        }
        for name in computedBiases.sorted() { writer.text(3, name) }
        return writer.bytes
    }

    /// - Throws: `FileProblem` where it is none, or a damaged one.
    package init(decoding bytes: [UInt8], path: String) throws {
        let file = MappedFile(bytes, path: path)
        var reader = WireReader(file), model: [UInt8]?, bindings: [ImportedModel.Binding] = []
        var computedBiases: Set<String> = []
        func problem(_ found: String) -> FileProblem {
            FileProblem(path: path, place: "frame", found: found, expected: "a frame of an ONNX file")
        }
        while let field = try reader.next() {
            if field.number == 1 { model = Array(file.bytes[try reader.range(field)]) }
            if field.number == 3 { computedBiases.insert(try reader.text(field)) }
            guard field.number == 2 else { continue }
            var entry = reader.inner(try reader.range(field))
            var kind = 0, name = "", tensor = "", shape: [Int] = [], scale: Float = 1, steps: [Origin.Step] = []
            var readers: [Int] = []
            while let field = try entry.next() {
                switch field.number {
                case 1: kind = try entry.integer(field)
                case 2: name = try entry.text(field)
                case 3: tensor = try entry.text(field)
                case 4: try entry.integers(field, into: &shape, most: 64)
                case 5: scale = try entry.float(field)
                case 6: steps.append(try Self.step(entry.inner(entry.range(field)), problem))
                case 7: try entry.integers(field, into: &readers, most: 100)
                default: break
                }
            }
            guard let kind = ImportedModel.Binding.Kind(rawValue: kind), checkedProduct(shape) != nil else {
                throw problem("an array of a kind or shape that there is not")
            }
            var origin = Origin(name: tensor, shape: shape, scale: scale, steps: steps, isTrained: true)
            if readers.count >= 3 {
                origin.reader = Origin.Reader(
                    node: readers[0], input: readers[1], steps: min(max(0, readers[2]), steps.count),
                    shape: Array(readers[3...]))
            }
            guard origin.isWhole else { throw problem("steps that do not fit each other") }
            bindings.append(ImportedModel.Binding(kind: kind, name: name, origin: origin))
        }
        guard let model else { throw problem("no model") }
        self.init(bytes: model, bindings: bindings, computedBiases: computedBiases)
    }

    private static func step(_ message: WireReader, _ problem: (String) -> FileProblem) throws -> Origin.Step {
        var reader = message, kind = 0, numbers: [Int] = []
        while let field = try reader.next() {
            if field.number == 1 { kind = try reader.integer(field) }
            if field.number == 2 { try reader.integers(field, into: &numbers, most: 1000) }
        }
        switch kind {
        case 0: return .reshape(numbers)
        case 1: return .transpose(numbers)
        case 2 where numbers.count % 3 == 0:
            return .slice(
                stride(from: 0, to: numbers.count, by: 3).map {
                    AxisSlice(start: numbers[$0], step: numbers[$0 + 1], count: numbers[$0 + 2])
                })
        default: throw problem("a step of kind \(kind)")
        }
    }
}
