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
    @Option(help: "Path (or name) of the data that zero activations are counted on; by default the run's own.")
    var data: String?
    @Option(help: "What a value is in the table of sizes: float32, half, int8 or codebook4 (default: float32).")
    var values: String?
    @Flag(help: "Measure how long one image takes here, by layer.")
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
            if QuantizedFile.isOne(path) {
                guard values == nil, data == nil, !energy else {
                    throw ValidationError(
                        "--values, --data and --energy are for networks of floats; \(target) is one of 8-bit integers")
                }
                return try QuantizedReport(path).print(isJSON: json, time: time)
            }
            let choice = RunData.Choice(folder: data, acceptsOther: true)
            let opened = try OpenedNetwork(target, data: choice)
            var rows: [(name: String, rows: Int, columns: Int, kept: Int, zeros: Int)] = []
            for (layer, state) in zip(opened.network.layers, opened.layers) {
                rows.append(
                    (
                        layer.name, layer.map.rows, layer.map.columns, state.arrays.values.count,
                        state.total - state.arrays.values.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
                    ))
            }
            let sizes = try SizeReport(opened, valueForm, written: EncodedWeights.ofFile(path))
            let image = ImageReport(opened, choice, isTimed: time)
            if json {
                for (number, row) in rows.enumerated() {
                    let size = sizes.layers[number]
                    let fields: [String: JSONValue] = [
                        "kept": .whole(row.kept), "layer": .text(row.name),
                        "shape": .list([.whole(row.rows), .whole(row.columns)]),
                        "sparsity": .number(1 - Double(row.kept) / Double(row.rows * row.columns)),
                        "weights": .whole(row.rows * row.columns), "zero_weights": .whole(row.zeros),
                        "bytes": size.json, "smallest": .text(size.smallest.name),
                        "entropy_bound": .number(size.sizes.entropyBound),
                    ]
                    Output.json(fields.merging(image.json(number)) { own, _ in own })
                }
                guard time || energy else { return }
                var whole = image.json
                if energy { whole["energy"] = ImageEnergy(opened).json }
                Output.json(whole)
                return
            }
            Output.line("\(opened.title), step \(opened.step)")
            Output.line("layer          shape            kept / weights        mask zeros   weights = 0")
            for row in rows {
                line(row.name, "\(row.rows)×\(row.columns)", row.kept, row.rows * row.columns, row.zeros)
            }
            let total = rows.reduce(0) { $0 + $1.rows * $1.columns }
            line("all", "", rows.reduce(0) { $0 + $1.kept }, total, rows.reduce(0) { $0 + $1.zeros })
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
            sizes.printText()
            image.printText()
            let kept = image.operations.kept
            Output.line(ModelledEnergy(multiplyAdds: kept, weightBytes: sizes.smallestBytes, isInteger: false).line)
            if energy { Output.line(ImageEnergy(opened).line) }
        } catch {
            throw Exit.report(error)
        }
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
                + right(Percent.named(1 - Double(kept) / Double(total), 2), 15)
                + right(Percent.named(Double(zeros) / Double(total), 2), 14))
    }
}
