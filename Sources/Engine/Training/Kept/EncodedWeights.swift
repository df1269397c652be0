import Foundation
import Graph
import Interchange

/// Which layers of a kept network are written in which encoding: the metadata `encodings` of the file, as JSON by layer.
package struct EncodedWeights: Sendable, Equatable {
    package struct Layer: Codable, Sendable, Equatable {
        package let encoding: String
        package let values: String
        package let rows: Int
        package let columns: Int
        /// As PyTorch has it: `[out, in, kh, kw]`.
        package let shape: [Int]
    }

    static let key = "encodings"
    package let layers: [String: Layer]

    package init(_ layers: [String: Layer]) { self.layers = layers }

    /// Of a file that has them, else none.
    /// - Throws: `FileProblem` where the text is something else.
    package init(_ metadata: [String: String], path: String) throws {
        guard let text = metadata[Self.key] else {
            layers = [:]
            return
        }
        do {
            layers = try JSONDecoder().decode([String: Layer].self, from: Data(text.utf8))
        } catch {
            throw FileProblem(
                path: path, place: "metadata '\(Self.key)'", found: FileProblem.quote(text),
                expected: "encoding, values, rows, columns and shape of each layer")
        }
    }

    func json() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Words and whole numbers: an encoder refuses none.
        return String(decoding: try! encoder.encode(layers), as: UTF8.self)
    }

    /// A layer's weights, if the file has them encoded.
    func weights(of layer: String, rows: Int, columns: Int, from file: TensorFile) throws -> (
        kept: KeptWeights, weights: [Float]
    )? {
        guard let written = layers[layer] else { return nil }
        func problem(_ found: String, _ expected: String) -> FileProblem {
            FileProblem(
                path: file.path, place: "metadata '\(Self.key)', layer '\(layer)'", found: found, expected: expected)
        }
        guard let encoding = Encodings.all.first(where: { $0.name == written.encoding }),
            let values = ValueEncodings.all.first(where: { $0.name == written.values })
        else {
            throw problem(
                FileProblem.quote("\(written.encoding) \(written.values)"), "an encoding and values that there are")
        }
        guard written.rows == rows, written.columns == columns else {
            throw problem("\(written.rows)×\(written.columns)", "\(rows)×\(columns)")
        }
        return try EncodedLayer(encoding, values).read("\(layer).weight", rows: rows, columns: columns, from: file)
    }
}

/// A kept network whose weights are in encodings, ready to be written, and what that loses.
package struct EncodedNetwork {
    package let file: TensorFile
    /// Bytes of the weights of each layer, in the order of the graph.
    package let layers: [(name: String, form: EncodedLayer, bytes: Int)]
    /// The largest distance of a weight from what is read back.
    package let largestError: Float
    /// Kept weights that are read back as cut.
    package let vanished: Int
}

extension KeptNetwork {
    /// - Parameter form: of a layer's weights.
    /// - Throws: `ArgumentError` where an encoding refuses a layer, or a value its weight.
    package func encoded(
        graph: Graph, at path: String, form: (KeptWeights) -> EncodedLayer
    ) throws -> EncodedNetwork {
        var tensors = parameters.map { Tensor($0.name, $0.values, shape: $0.shape.axes) }
        var written: [String: EncodedWeights.Layer] = [:]
        var sizes: [(name: String, form: EncodedLayer, bytes: Int)] = []
        var largestError: Float = 0
        var vanished = 0
        for (layer, node) in zip(layers, graph.nodes.filter { $0.ownWeights != nil }) {
            let shape = node.weightShape!, name = "\(layer.name).weight"
            let kept = KeptWeights(
                rows: shape.rows, columns: shape.columns, indices: layer.arrays.indices ?? Array(0..<layer.total))
            let form = form(kept)
            let parts = try form.tensors(name, kept, layer.arrays.values)
            tensors += parts
            if shape.biases > 0 { tensors.append(Tensor("\(layer.name).bias", layer.arrays.bias)) }
            written[layer.name] = EncodedWeights.Layer(
                encoding: form.encoding.name, values: form.values.name, rows: shape.rows, columns: shape.columns,
                shape: node.op.weightAxes(node.inputShapes))
            sizes.append((layer.name, form, parts.reduce(0) { $0 + $1.bytes.count }))
            let back = try form.read(name, rows: shape.rows, columns: shape.columns, from: TensorFile(tensors: parts))
            vanished += kept.nnz - back.kept.nnz
            var next = 0
            for (position, weight) in zip(kept.indices, layer.arrays.values) {
                let isThere = next < back.kept.nnz && back.kept.indices[next] == position
                largestError = max(largestError, abs(weight - (isThere ? back.weights[next] : 0)))
                if isThere { next += 1 }
            }
        }
        var metadata = try metadata(graph)
        metadata[EncodedWeights.key] = EncodedWeights(written).json()
        return EncodedNetwork(
            file: TensorFile(sealing: tensors, metadata: metadata, path: path), layers: sizes,
            largestError: largestError, vanished: vanished)
    }
}
