import Foundation
import Graph
import Interchange

/// A quantised network in safetensors: `espalier` = "quantized-1" and `network`, its tensors and nodes as JSON without large arrays,
/// in the metadata. Of a layer NAME, by row: `NAME.bias` (I32), `NAME.multiplier` (I32), `NAME.shift` (U8), `NAME.scale` (F32). Its weights
/// are `NAME.weight` (I8, rows × columns) or, with zeros left out, `NAME.weight.bitmask` (U8, bit i % 8 of byte i / 8 for weight i) and
/// `NAME.weight.values` (I8, ascending). Tables are `NAME.table` (I8), those of an embedding `NAME.rows`
/// (I8), constants `NAME.constant` (I8).
package enum QuantizedFile {
    package static let format = "quantized-1"

    /// For who computes with floats.
    /// - Throws: `FileProblem` where the file is a network of integers.
    package static func requireFloats(_ file: TensorFile) throws {
        guard file.metadata["espalier"] == format else { return }
        throw FileProblem(
            path: file.path, place: "metadata 'espalier'", found: "a network of 8-bit integers",
            expected: "one of floats; 'evaluate', 'run', 'inspect' and 'export --format c99' take integers")
    }

    package static func tensors(_ network: QuantizedNetwork) -> [Tensor] {
        var tensors: [Tensor] = []
        for tensor in network.tensors {
            if let constant = tensor.constant { tensors.append(Tensor(tensor.name + ".constant", bytes: constant)) }
        }
        for node in network.nodes {
            switch node.rule {
            case .sums(let sums): tensors += self.tensors(node.name, sums)
            case .table(let table): tensors.append(Tensor(node.name + ".table", bytes: table))
            case .lookup(let lookup): tensors.append(Tensor(node.name + ".rows", bytes: lookup.table))
            default: break
            }
        }
        return tensors
    }

    private static func tensors(_ name: String, _ sums: QuantizedSums) -> [Tensor] {
        let weights: [Tensor]
        if let indices = sums.indices {
            weights = [
                Tensor(name + ".weight.bitmask", Bitmask.pack(indices, total: sums.weights)),
                Tensor(name + ".weight.values", bytes: sums.values),
            ]
        } else {
            weights = [Tensor(name + ".weight", bytes: sums.values, shape: [sums.rows, sums.columns])]
        }
        return weights + [
            Tensor(name + ".bias", sums.bias), Tensor(name + ".scale", sums.weightScales),
            Tensor(name + ".multiplier", sums.requantizations.map(\.multiplier)),
            Tensor(name + ".shift", sums.requantizations.map { UInt8($0.shift) }),
        ]
    }

    /// Bytes of weights with their places, of biases and of factors: what a device must store of the layers.
    package static func weightBytes(_ network: QuantizedNetwork) -> Int {
        network.nodes.reduce(0) { total, node in
            guard case .sums(let sums) = node.rule else { return total }
            return total
                + tensors(node.name, sums).reduce(0) { $0 + ($1.name.contains(".weight") ? $1.bytes.count : 0) }
        }
    }

    /// - Parameter metadata: besides; texts that are ours are replaced.
    package static func write(_ network: QuantizedNetwork, metadata: [String: String], to path: String) throws {
        var skeleton = network
        for index in skeleton.tensors.indices where skeleton.tensors[index].constant != nil {
            skeleton.tensors[index].constant = []
        }
        for index in skeleton.nodes.indices {
            switch skeleton.nodes[index].rule {
            case .sums(var sums):
                if sums.indices != nil { sums.indices = [] }
                (sums.values, sums.bias, sums.requantizations, sums.weightScales) = ([], [], [], [])
                skeleton.nodes[index].rule = .sums(sums)
            case .table: skeleton.nodes[index].rule = .table([])
            case .lookup(var lookup):
                lookup.table = []
                skeleton.nodes[index].rule = .lookup(lookup)
            default: break
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var metadata = metadata
        metadata["espalier"] = format
        metadata["network"] = String(decoding: try encoder.encode(skeleton), as: UTF8.self)
        try Safetensors.write(TensorFile(sealing: tensors(network), metadata: metadata, path: path), to: path)
    }

    package static func isOne(_ path: String) -> Bool {
        path.hasSuffix(".safetensors") && (try? Safetensors.metadata(path))?["espalier"] == format
    }

    /// - Throws: `FileProblem` for what is no quantised network, or one that is damaged.
    package static func read(_ path: String) throws -> (network: QuantizedNetwork, file: TensorFile) {
        let file = try Safetensors.read(path)
        guard file.metadata["espalier"] == format else {
            throw FileProblem(
                path: path, place: "metadata 'espalier'", found: file.metadata["espalier"] ?? "nothing",
                expected: "\(format), a network of 8-bit integers")
        }
        try file.requireChecksum()
        var network: QuantizedNetwork
        do {
            network = try JSONDecoder().decode(QuantizedNetwork.self, from: Data(try file.text("network").utf8))
        } catch let error as DecodingError {
            throw FileProblem(
                path: path, place: "metadata 'network'", found: "\(error)".prefix(120).description,
                expected: "tensors and nodes")
        }
        for index in network.tensors.indices where network.tensors[index].constant != nil {
            network.tensors[index].constant = try file.small(network.tensors[index].name + ".constant")
        }
        for index in network.nodes.indices {
            let name = network.nodes[index].name
            switch network.nodes[index].rule {
            case .sums(let sums): network.nodes[index].rule = .sums(try self.sums(sums, name, file))
            case .table: network.nodes[index].rule = .table(try file.small(name + ".table"))
            case .lookup(var lookup):
                lookup.table = try file.small(name + ".rows")
                network.nodes[index].rule = .lookup(lookup)
            default: break
            }
        }
        if let fault = network.fault {
            throw FileProblem(path: path, place: "network", found: fault, expected: "what Espalier wrote there")
        }
        return (network, file)
    }

    private static func sums(_ skeleton: QuantizedSums, _ name: String, _ file: TensorFile) throws -> QuantizedSums {
        var sums = skeleton
        let sizes = 1...1 << 24
        guard
            [sums.rows, sums.channels, sums.groups, sums.window.height, sums.window.width].allSatisfy(sizes.contains),
            Double(sums.channels) * Double(sums.window.height) * Double(sums.window.width) * Double(sums.rows) < 0x1p40
        else {
            throw FileProblem(
                path: file.path, place: "layer '\(name)'", found: "\(sums.rows) rows", expected: "sizes of a layer")
        }
        if sums.indices != nil {
            let mask = try file.bytes(name + ".weight.bitmask", shape: [(sums.weights + 7) / 8])
            let keep = Bitmask.unpack(mask, total: sums.weights)
            sums.indices = keep.indices.filter { keep[$0] }
            sums.values = try file.small(name + ".weight.values")
        } else {
            sums.values = try file.small(name + ".weight")
        }
        sums.bias = try file.integers(name + ".bias", shape: [sums.rows])
        sums.weightScales = try file.floats(name + ".scale", shape: [sums.rows])
        let shifts = try file.bytes(name + ".shift", shape: [sums.rows])
        sums.requantizations = zip(try file.integers(name + ".multiplier", shape: [sums.rows]), shifts).map {
            Requantization(multiplier: $0, shift: Int32($1))
        }
        return sums
    }
}

extension Tensor {
    fileprivate init(_ name: String, bytes: [Int8], shape: [Int]? = nil) {
        self.init(name, .i8, shape: shape ?? [bytes.count], bytes: bytes.map { UInt8(bitPattern: $0) })
    }
}

extension TensorFile {
    fileprivate func small(_ name: String) throws -> [Int8] {
        try tensor(name, .i8).bytes.map { Int8(bitPattern: $0) }
    }
}
