import ArgumentParser
import Devices
import Foundation
import Graph
import Interchange
import Kernels
import Sparsity
import Text
import Training

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Print the layers, zeros and sizes of a run, of a kept network or of an ONNX model.")

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model.")
    var target: String
    @Option(help: "Path (or name) of the run's data, where it lies elsewhere now.")
    var data: String?
    @Option(help: "What a value is in the table of sizes: float32, half, int8 or codebook4 (default: float32).")
    var values: String?
    @Flag(help: "Measure how long one image takes here.")
    var time = false
    @Flag(help: "Measure the energy of one image, where this machine tells it: some ten seconds.")
    var energy = false
    @Flag(help: "Print JSON, one line a layer; with --time or --energy a last line of these.")
    var json = false

    private var valueForm: any ValueEncoding {
        get throws { try ValueEncodings.make(values ?? "float32") }
    }

    func validate() throws {
        do { _ = try valueForm } catch { throw ValidationError("\(error)") }
    }

    func run() throws {
        do {
            let valueForm = try valueForm
            let path = HomeFolder.find(target)
            if QuantizedFile.isOne(path) { return try QuantizedReport(path).print(isJSON: json) }
            // Of the data the size of an image is all that is looked at.
            let opened = try OpenedNetwork(target, data: RunData.Choice(folder: data, acceptsOther: true))
            var rows: [(name: String, rows: Int, columns: Int, kept: Int, zeros: Int)] = []
            for (layer, state) in zip(opened.network.layers, opened.layers) {
                rows.append(
                    (
                        layer.name, layer.map.rows, layer.map.columns, state.arrays.values.count,
                        state.total - state.arrays.values.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
                    ))
            }
            let sizes = try SizeReport(opened, valueForm, written: EncodedWeights.ofFile(path))
            if json {
                for (row, size) in zip(rows, sizes.layers) {
                    Output.json([
                        "kept": .whole(row.kept), "layer": .text(row.name),
                        "shape": .list([.whole(row.rows), .whole(row.columns)]),
                        "sparsity": .number(1 - Double(row.kept) / Double(row.rows * row.columns)),
                        "weights": .whole(row.rows * row.columns), "zero_weights": .whole(row.zeros),
                        "bytes": size.json, "smallest": .text(size.smallest.encoding.name),
                        "entropy_bound": .number(size.entropyBound),
                    ])
                }
                if time || energy { Output.json(try imageFields(opened)) }
                return
            }
            Output.line("\(opened.title), step \(opened.step)")
            Output.line("layer          shape            kept / weights        mask zeros   weights = 0")
            for row in rows {
                line(row.name, "\(row.rows)×\(row.columns)", row.kept, row.rows * row.columns, row.zeros)
            }
            let total = rows.reduce(0) { $0 + $1.rows * $1.columns }
            line("all", "", rows.reduce(0) { $0 + $1.kept }, total, rows.reduce(0) { $0 + $1.zeros })
            let adds = opened.network.multiplyAdds()
            let payload = Payload.bytes(
                opened.network.layers.map { ($0.map.weights, $0.nnz, $0.isDense, $0.map.rows, $0.bias.count) },
                parameters: opened.network.parameters.reduce(0) { $0 + $1.values.count })
            Output.line(
                "biases \(opened.network.layers.reduce(0) { $0 + $1.bias.count })   bitmask file \(payload) bytes without its header"
            )
            let export = ModelExport(opened)
            if let bytes = try? export.bytes(isSparse: false), let sparse = try? export.bytes(isSparse: true) {
                Output.line("as ONNX \(bytes) bytes, --sparse \(sparse)")
            }
            Output.line("multiply-adds an image: \(adds.sparse) of \(adds.dense) dense")
            sizes.printText()
            if time {
                let milliseconds = try 1000 * seconds(opened)
                Output.line(String(format: "one image: %.3f ms, measured here, one thread", milliseconds))
            }
            Output.line(
                ModelledEnergy(multiplyAdds: adds.sparse, weightBytes: sizes.smallestBytes, isInteger: false).line)
            if energy { Output.line(ImageEnergy(opened).line) }
        } catch {
            throw Exit.report(error)
        }
    }

    private func seconds(_ opened: OpenedNetwork) throws -> Double {
        try AnswerTime(threads: 1).seconds(opened.network.graph, GraphArrays(opened.network))
    }

    private func imageFields(_ opened: OpenedNetwork) throws -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        if time { fields["one_image_seconds"] = JSONValue.number(try seconds(opened)).inSixDigits }
        if energy { fields["energy"] = ImageEnergy(opened).json }
        return fields
    }

    private func line(_ name: String, _ shape: String, _ kept: Int, _ total: Int, _ zeros: Int) {
        func pad(_ text: String, _ width: Int) -> String {
            let text = text.visible
            return text + String(repeating: " ", count: max(1, width - text.count))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        Output.line(
            pad(name, 15) + pad(shape, 12) + right("\(kept) / \(total)", 22)
                + right(String(format: "%.2f %%", 100 * (1 - Double(kept) / Double(total))), 15)
                + right(String(format: "%.2f %%", 100 * Double(zeros) / Double(total)), 14))
    }
}
