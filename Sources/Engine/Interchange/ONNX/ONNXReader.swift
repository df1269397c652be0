import Descriptors
import Text

/// Reads an ONNX file: protocol buffers of the field numbers that onnx.proto gives them.
///
/// Every length is checked before anything is made of it; nothing in the file is run, and no path in it is followed but to
/// files of elements beside the model.
package enum ONNXReader {
    package static let descriptor = Descriptor(
        name: "onnx", summary: "Networks with their weights, from and for other programs", citation: "onnx.ai")

    /// So that a file of a few bytes a node cannot fill memory.
    static let mostNodes = 1_000_000
    static let mostNames = 100_000
    static let mostNumbers = 10_000_000
    package static let oldestIR = 3

    /// Larger files are mapped: half of what they take would be a copy.
    static let mostRead = 64 << 20

    /// - Throws: `FileProblem`.
    package static func read(_ path: String) throws -> ONNXModel {
        let file = try OpenFile(path)
        if file.size > mostRead { return try read(MappedFile(file)) }
        return try read(MappedFile(file.read(0..<file.size), path: path))
    }

    package static func read(_ file: MappedFile) throws -> ONNXModel {
        guard file.bytes.count > 0 else {
            throw FileProblem(path: file.path, place: "size", found: "no bytes", expected: "an ONNX file")
        }
        var model = ONNXModel(file: file), hasGraph = false
        var externals = ONNXExternals(model: file)
        var reader = WireReader(file)
        while let field = try reader.next() {
            switch field.number {
            case 1: model.irVersion = try reader.integer(field)
            case 2: model.producer = try reader.text(field)
            case 7:
                // A message given twice is one, says the format; no writer does so.
                guard !hasGraph else { throw reader.problem("a second graph", "one") }
                hasGraph = true
                model.graph = try graph(reader.inner(reader.range(field)), file, &externals)
            case 8:
                var inner = reader.inner(try reader.range(field))
                var domain = "", version = 0
                while let field = try inner.next() {
                    if field.number == 1 { domain = try inner.text(field) }
                    if field.number == 2 { version = try inner.integer(field) }
                }
                guard model.opsets.count < mostNames else { throw reader.problem("too many domains", "fewer") }
                model.opsets[domain == "ai.onnx" ? "" : domain] = version
            case 14:
                guard model.metadata.count < mostNames else { throw reader.problem("too much metadata", "less") }
                let (key, value) = try pair(reader.inner(reader.range(field)))
                model.metadata.append((key, value))
            case 25:
                var inner = reader.inner(try reader.range(field))
                var name = "", domain = ""
                while let field = try inner.next() {
                    if field.number == 1 { name = try inner.text(field) }
                    if field.number == 10 { domain = try inner.text(field) }
                }
                guard model.functions.count < mostNames else { throw reader.problem("too many functions", "fewer") }
                model.functions.insert(domain + "." + name)
            default: break
            }
        }
        guard hasGraph else {
            throw FileProblem(
                path: file.path, place: "model", found: "no graph", expected: "an ONNX model with a graph")
        }
        guard model.irVersion >= oldestIR else {
            throw FileProblem(
                path: file.path, place: "ir_version", found: "\(model.irVersion)", expected: "\(oldestIR) or newer")
        }
        return model
    }

    /// One tensor in a file of its own, as test data has it.
    package static func tensor(_ file: MappedFile) throws -> ONNXTensor {
        var externals = ONNXExternals(model: file)
        return try tensor(WireReader(file), 0..<file.bytes.count, file, &externals)
    }

    static func pair(_ message: WireReader) throws -> (String, String) {
        var inner = message, key = "", value = ""
        while let field = try inner.next() {
            if field.number == 1 { key = try inner.text(field) }
            if field.number == 2 { value = try inner.text(field) }
        }
        return (key, value)
    }

    private static func graph(
        _ message: WireReader, _ file: MappedFile, _ externals: inout ONNXExternals
    ) throws -> ONNXGraph {
        var graph = ONNXGraph(), reader = message
        func room(_ count: Int, _ what: String) throws {
            guard count < mostNodes else { throw reader.problem("more than \(mostNodes) \(what)", "fewer") }
        }
        while let field = try reader.next() {
            switch field.number {
            case 1:
                try room(graph.nodes.count, "nodes")
                graph.nodes.append(try node(reader.inner(reader.range(field)), file, &externals))
            case 2: graph.name = try reader.text(field)
            case 5:
                try room(graph.initializers.count, "initializers")
                let range = try reader.range(field)
                graph.initializers.append(try tensor(reader.inner(range), range, file, &externals))
            case 11:
                try room(graph.inputs.count, "inputs")
                graph.inputs.append(try value(reader.inner(reader.range(field))))
            case 12:
                try room(graph.outputs.count, "outputs")
                graph.outputs.append(try value(reader.inner(reader.range(field))))
            case 15:
                try room(graph.sparseInitializers.count, "sparse initializers")
                graph.sparseInitializers.append(try sparse(reader.inner(reader.range(field)), file, &externals))
            default: break
            }
        }
        return graph
    }

    private static func node(
        _ message: WireReader, _ file: MappedFile, _ externals: inout ONNXExternals
    ) throws -> ONNXNode {
        var node = ONNXNode(), reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: node.inputs.append(try reader.text(field))
            case 2: node.outputs.append(try reader.text(field))
            case 3: node.name = try reader.text(field)
            case 4: node.type = try reader.text(field)
            case 5:
                let (name, value) = try attribute(reader.inner(reader.range(field)), file, &externals)
                node.attributes[name] = value
            case 7:
                let domain = try reader.text(field)
                node.domain = domain == "ai.onnx" ? "" : domain
            default: break
            }
            guard node.inputs.count < mostNames, node.outputs.count < mostNames, node.attributes.count < 1000 else {
                throw reader.problem("a node with too many parts", "fewer than \(mostNames) inputs and outputs")
            }
        }
        return node
    }

    private static func attribute(
        _ message: WireReader, _ file: MappedFile, _ externals: inout ONNXExternals
    ) throws -> (String, ONNXAttribute) {
        var reader = message, name = "", type = 0
        var float: Float?, integer: Int?, text: String?, value: ONNXAttribute?
        var floats: [Float] = [], integers: [Int] = [], texts: [String] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.text(field)
            case 2: float = try reader.float(field)
            case 3: integer = try reader.integer(field)
            case 4:
                // Bytes by their type: what is no text is of no use here.
                let range = try reader.range(field)
                text = String(decoding: file.bytes[range].prefix(mostNames), as: UTF8.self)
            case 5:
                let range = try reader.range(field)
                value = .tensor(try tensor(reader.inner(range), range, file, &externals))
            case 6, 11: value = .graph
            case 7: try reader.floats(field, into: &floats, most: mostNumbers)
            case 8: try reader.integers(field, into: &integers, most: mostNumbers)
            case 9:
                texts.append(String(decoding: file.bytes[try reader.range(field)].prefix(mostNames), as: UTF8.self))
                guard texts.count < mostNames else { throw reader.problem("too many words", "fewer") }
            case 20: type = try reader.integer(field)
            case 21: value = .reference(try reader.text(field))
            case 22: value = .sparse(try sparse(reader.inner(reader.range(field)), file, &externals))
            case 10, 14, 15, 23: value = .other
            default: break
            }
        }
        // Old writers leave the type out; then what is there says it. A list may be empty.
        switch type {
        case 1: return (name, .float(float ?? 0))
        case 2: return (name, .integer(integer ?? 0))
        case 3: return (name, .text(text ?? ""))
        case 6: return (name, .floats(floats))
        case 7: return (name, .integers(integers))
        case 8: return (name, .texts(texts))
        default:
            if let value { return (name, value) }
            if let float { return (name, .float(float)) }
            if let integer { return (name, .integer(integer)) }
            if let text { return (name, .text(text)) }
            if !floats.isEmpty { return (name, .floats(floats)) }
            if !texts.isEmpty { return (name, .texts(texts)) }
            return (name, integers.isEmpty ? .other : .integers(integers))
        }
    }

    private static func value(_ message: WireReader) throws -> ONNXValue {
        var value = ONNXValue(), reader = message
        while let field = try reader.next() {
            if field.number == 1 { value.name = try reader.text(field) }
            guard field.number == 2 else { continue }
            var type = reader.inner(try reader.range(field))
            while let field = try type.next() {
                switch field.number {
                case 1: try tensorType(type.inner(type.range(field)), &value)
                case 4: value.kind = "a sequence"
                case 5: value.kind = "a map"
                case 8: value.kind = "a sparse tensor"
                case 9: value.kind = "an optional"
                default: break
                }
            }
        }
        return value
    }

    private static func tensorType(_ message: WireReader, _ value: inout ONNXValue) throws {
        var reader = message
        while let field = try reader.next() {
            if field.number == 1 {
                let number = try reader.integer(field)
                value.element = ONNXElement(rawValue: number)
                value.kind = value.element.map { "\($0)" } ?? "elements of type \(number)"
            }
            guard field.number == 2 else { continue }
            var axes: [ONNXValue.Axis] = []
            var shape = reader.inner(try reader.range(field))
            while let field = try shape.next() {
                guard field.number == 1 else { continue }
                var axis = ONNXValue.Axis.unknown
                var inner = shape.inner(try shape.range(field))
                while let field = try inner.next() {
                    if field.number == 1 { axis = .size(try inner.integer(field)) }
                    if field.number == 2 { axis = .symbol(try inner.text(field)) }
                }
                // Older exporters write -1 for what has no size.
                if axis == .symbol("") || axis == .size(-1) { axis = .unknown }
                axes.append(axis)
                guard axes.count <= ONNXTensor.maximumRank else {
                    throw shape.problem("\(axes.count) axes", "at most \(ONNXTensor.maximumRank)")
                }
            }
            value.axes = axes
        }
    }

    private static func tensor(
        _ message: WireReader, _ range: Range<Int>, _ file: MappedFile, _ externals: inout ONNXExternals
    ) throws -> ONNXTensor {
        var tensor = ONNXTensor(message: range, file: file), reader = message
        var entries: [String: String] = [:], isExternal = false, type = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: try reader.integers(field, into: &tensor.shape, most: ONNXTensor.maximumRank)
            case 2: type = try reader.integer(field)
            case 8: tensor.name = try reader.text(field)
            case 9: tensor.raw = try reader.range(field)
            case 13:
                let (key, value) = try pair(reader.inner(reader.range(field)))
                entries[key] = value
                guard entries.count < 100 else { throw reader.problem("100 entries of external data", "fewer") }
            case 14: isExternal = try reader.integer(field) == 1
            default: break
            }
        }
        guard let element = ONNXElement(rawValue: type) else {
            throw tensor.problem(
                "element type \(type)", "one of 1 to \(ONNXElement.allCases.count): a newer file than this program?")
        }
        tensor.element = element
        try tensor.checkShape()
        if isExternal { tensor.external = try externals.find(entries, for: tensor) }
        return tensor
    }

    private static func sparse(
        _ message: WireReader, _ file: MappedFile, _ externals: inout ONNXExternals
    ) throws -> ONNXSparseTensor {
        var reader = message, values: ONNXTensor?, indices: ONNXTensor?, shape: [Int] = []
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let range = try reader.range(field)
                values = try tensor(reader.inner(range), range, file, &externals)
            case 2:
                let range = try reader.range(field)
                indices = try tensor(reader.inner(range), range, file, &externals)
            case 3: try reader.integers(field, into: &shape, most: ONNXTensor.maximumRank)
            default: break
            }
        }
        guard let values, let indices else {
            throw reader.problem("a sparse tensor without values or places", "both")
        }
        var whole = values
        whole.shape = shape
        try whole.checkShape()
        return ONNXSparseTensor(values: values, indices: indices, shape: shape)
    }
}
