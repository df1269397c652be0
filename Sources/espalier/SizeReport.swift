import Graph
import Interchange
import Text
import Training

/// Exact bytes of every layer's weights in every encoding, with one kind of value.
struct SizeReport {
    struct Layer {
        let name: String
        let sizes: EncodedSizes
        var smallest: any Encoding { Encodings.all[sizes.smallest] }
        /// How the file itself holds the layer, where it does so in an encoding.
        let own: (form: EncodedLayer, bytes: Int)?

        init(_ name: String, _ kept: KeptWeights, _ values: any ValueEncoding, own: EncodedWeights.Layer?) {
            self.name = name
            sizes = EncodedSizes(kept, values)
            self.own = own.flatMap { own in
                guard let encoding = try? Encodings.make(own.encoding),
                    let values = try? ValueEncodings.make(own.values)
                else { return nil }
                let form = EncodedLayer(encoding, values)
                return form.bytes(kept).map { (form, $0) }
            }
        }

        var json: JSONValue {
            .object(
                Dictionary(
                    uniqueKeysWithValues: zip(Encodings.all, sizes.bytes).compactMap { encoding, bytes in
                        bytes.map { (encoding.name, .whole($0)) }
                    }))
        }
    }

    let layers: [Layer]
    private let values: any ValueEncoding

    /// - Parameter written: how the file holds its layers.
    init(_ opened: OpenedNetwork, _ values: any ValueEncoding, written: EncodedWeights) {
        self.values = values
        layers = zip(opened.network.layers, opened.layers).map { layer, state in
            // Of one layer at a time: all positions of a dense one are a large array.
            Layer(
                layer.name,
                KeptWeights(
                    rows: layer.map.rows, columns: layer.map.columns,
                    indices: state.arrays.indices ?? Array(0..<layer.map.weights)), values,
                own: written.layers[layer.name])
        }
    }

    /// Of the smallest encoding of each layer.
    var smallestBytes: Int { layers.reduce(0) { $0 + $1.sizes.smallestBytes } }

    func printText() {
        Output.line("")
        Output.line("bytes of weights by encoding, values \(values.name); * the smallest")
        // Encodings down and a few layers across would hide layers; layers down, as many encodings as a line holds.
        var lines = [["layer"] + Encodings.all.map(\.name)]
        for layer in layers {
            lines.append(
                [layer.name.visible]
                    + zip(Encodings.all, layer.sizes.bytes).map { encoding, bytes in
                        guard let bytes else { return "–" }
                        return encoding.name == layer.smallest.name ? "\(bytes)*" : "\(bytes) "
                    })
        }
        let totals = EncodedSizes.totals(layers.map(\.sizes))
        let least = totals.compactMap { $0 }.min()
        lines.append(["all"] + totals.map { $0.map { $0 == least ? "\($0)*" : "\($0) " } ?? "–" })
        // Two tables of a line's width rather than one that wraps.
        let half = (Encodings.all.count + 1) / 2
        for columns in [0..<half, half..<Encodings.all.count] {
            for line in lines { Output.line(Self.row(line, columns, lines)) }
        }
        let bound = layers.reduce(0.0) { $0 + $1.sizes.entropyBound }
        Output.line(
            "best by layer: \(smallestBytes) bytes (\(layers.map { "\($0.name.visible) \($0.smallest.name)" }.joined(separator: ", "))); entropy bound \(Int(bound.rounded(.up)))"
        )
        let own = layers.compactMap { layer in layer.own.map { (layer.name, $0.form, $0.bytes) } }
        guard !own.isEmpty else { return }
        for (name, form, bytes) in own {
            Output.line("in this file: \(name.visible) \(form.encoding.name) \(form.values.name) \(bytes) bytes")
        }
        Output.line("in this file: weights \(own.reduce(0) { $0 + $1.2 }) bytes")
    }

    /// The name and some columns of a line, each as wide as its widest.
    private static func row(_ line: [String], _ columns: Range<Int>, _ lines: [[String]]) -> String {
        func width(_ column: Int) -> Int { lines.map { $0[column].count }.max() ?? 0 }
        let name = line[0] + String(repeating: " ", count: width(0) - line[0].count)
        return columns.reduce(name) { text, column in
            let cell = line[column + 1]
            return text + "  " + String(repeating: " ", count: width(column + 1) - cell.count) + cell
        }
    }
}

extension EncodedWeights {
    /// Of a safetensors file; of anything else none.
    static func ofFile(_ path: String) throws -> EncodedWeights {
        guard path.hasSuffix(".safetensors"), !Files.isFolder(path) else { return EncodedWeights([:]) }
        return try EncodedWeights(Safetensors.metadata(path), path: path)
    }
}
