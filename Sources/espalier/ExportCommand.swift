import ArgumentParser
import Descriptors
import Devices
import Foundation
import Graph
import Interchange
import Models
import Sparsity
import Text
import Training

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a network as ONNX, safetensors, npz or C.",
        discussion: "A model that came as ONNX goes out as the file that it was, with its own names, in its own order.")

    @Argument(help: "Folder of a run, a safetensors file that Espalier kept, or an ONNX model.")
    var target: String
    @Option(help: "onnx, safetensors, npz or c99 (default: what the name of the output ends in).")
    var format: String?
    @Option(help: "The file to write; of c99 a folder, or a name that ends in .c, whose folder gets the other files.")
    var output: String
    @Option(help: "C: 32 for floats, 8 for integers (default: 32; of a file of integers 8).")
    var bits: WholeNumber?
    @Option(help: "C: size for few bytes of tables, speed for the fewest instructions (default: size).")
    var optimise: String?
    @Option(help: "C: bytes of flash that the tables must fit into.")
    var flash: WholeNumber?
    @Option(help: "C: bytes of memory that the arena must fit into.")
    var ram: WholeNumber?
    @Option(
        help:
            "safetensors: best (the smallest for each layer), or one of \(Self.encodings), for a file that Espalier reads; C: one for all layers."
    )
    var encoding: String?
    @Option(help: "With --encoding: what a value is, one of \(Self.valueEncodings) (default: float32).")
    var values: String?
    @Flag(
        help: "Weights as values and places where that is smaller: ONNX's sparse initializers, bitmasks in safetensors."
    )
    var sparse = false
    @Flag(help: "ONNX: make batch normalisations parts of the layers before them.")
    var fold = false
    @Option(help: "ONNX: the set of operators, 13 to 24 (default: 17; of a model that came as ONNX its own).")
    var opset: WholeNumber?
    @Flag(help: "Of a run: the best network that it kept on its way ('keep-best' or --early-stop).")
    var best = false
    @Flag(help: "Replace the output where it is there.")
    var force = false
    @OptionGroup var dataOptions: DataOptions

    private var isC: Bool { format == "c99" || format == nil && output.hasSuffix(".c") }
    private static let sizes = 1...1 << 40
    private static let encodings = Encodings.all.map { $0.name }.joined(separator: ", ")
    private static let valueEncodings = ValueEncodings.all.map { $0.name }.joined(separator: ", ")

    func validate() throws {
        if encoding == nil, values != nil { throw ValidationError("--values is for --encoding") }
        if let encoding, isC {
            guard C99Export.encodings.contains(encoding) else {
                throw ValidationError(
                    "--encoding is \(encoding.shortened); accepted with C: \(C99Export.encodings.joined(separator: ", "))"
                )
            }
            guard optimise == nil, values == nil else {
                throw ValidationError("--values and --optimise are not for --encoding of C")
            }
        } else if encoding != nil {
            guard try chosen() == .safetensors, !sparse else {
                throw ValidationError("--encoding is for safetensors and C, without --sparse")
            }
            _ = try chosenForm()
        }
        if isC {
            if let bits, !["8", "32"].contains(bits.text) {
                throw ValidationError("--bits is \(bits.text.shortened); accepted: 8 or 32")
            }
            guard ["size", "speed"].contains(optimise ?? "size") else {
                throw ValidationError("--optimise is \(optimise ?? ""); accepted: size, speed")
            }
            _ = try (flash?.value(of: "--flash", in: Self.sizes), ram?.value(of: "--ram", in: Self.sizes))
            guard !sparse, !fold, opset == nil else {
                throw ValidationError("--sparse, --fold and --opset are not for --format c99")
            }
            return
        }
        guard bits == nil, optimise == nil, flash == nil, ram == nil else {
            throw ValidationError("--bits, --optimise, --flash and --ram are for --format c99")
        }
        let format = try chosen()
        _ = try opset?.value(of: "--opset", in: ExportOptions.opsets)
        if format != .onnx, fold || opset != nil { throw ValidationError("--fold and --opset are for --format onnx") }
        if format == .npz, sparse { throw ValidationError("--sparse is for onnx and safetensors") }
    }

    private func chosen() throws -> ModelExport.Format {
        let all = ModelExport.Format.allCases.map(\.rawValue)
        if let format {
            guard let chosen = ModelExport.Format(rawValue: format) else {
                throw ValidationError("--format is \(format); accepted: \((all + ["c99"]).joined(separator: ", "))")
            }
            return chosen
        }
        guard let chosen = ModelExport.Format.allCases.first(where: { output.hasSuffix("." + $0.rawValue) }) else {
            throw ValidationError("--format is needed, or an output that ends in .\(all.joined(separator: ", ."))")
        }
        return chosen
    }

    /// What a layer is written in.
    private func chosenForm() throws -> (KeptWeights) -> EncodedLayer {
        do {
            let values = try ValueEncodings.make(values ?? "float32")
            guard let encoding, encoding != "best" else { return { EncodedLayer.smallest($0, values) } }
            let form = EncodedLayer(try Encodings.make(encoding), values)
            return { _ in form }
        } catch let error as ArgumentError {
            throw ValidationError("\(error)")
        }
    }

    private func writeEncoded(_ opened: OpenedNetwork, to path: String) throws {
        let kept = try opened.kept(opened.network.graph, GraphArrays(opened.network), at: path)
        let encoded = try kept.encoded(graph: opened.network.graph, at: path, form: chosenForm())
        try Safetensors.write(encoded.file, to: path)
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        for layer in encoded.layers {
            Output.line(
                "\(layer.name.visible)  \(layer.form.encoding.name) \(layer.form.values.name)  \(layer.bytes) bytes")
        }
        Output.line("\(path): \(bytes) bytes, weights \(encoded.layers.reduce(0) { $0 + $1.bytes })")
        if encoded.largestError > 0 {
            Output.line(
                "lost: a weight moved by up to \(String(format: "%.2g", encoded.largestError)); \(encoded.vanished) kept weights are zero now and read back as cut"
            )
        } else {
            Output.line(
                encoded.vanished == 0
                    ? "nothing is lost" : "\(encoded.vanished) kept weights of value zero read back as cut")
        }
    }

    private func writeC() throws {
        let device = try DeviceExport(
            output, flash: flash?.value(of: "--flash", in: Self.sizes), ram: ram?.value(of: "--ram", in: Self.sizes),
            force: force, isForSpeed: optimise == "speed", encoding: encoding)
        let choice = RunData.Choice(folder: dataOptions.data, acceptsOther: true)
        let path = best ? HomeFolder.find(target) + "/best.safetensors" : HomeFolder.find(target)
        let bits = try bits?.value(of: "--bits", in: 8...32)
        let export: C99Export
        if QuantizedFile.isOne(path) {
            guard bits != 32 else { throw ValidationError("--bits is 32; \(target) is a network of 8-bit integers") }
            export = try device.export(
                QuantizedKept.read(path), path: path, data: choice)
        } else {
            let opened = try OpenedNetwork(path, data: choice)
            export = try device.export(opened, path: path, bits: bits ?? 32, data: choice)
        }
        try device.write(export)
    }

    func run() throws {
        do {
            if isC { return try writeC() }
            let path = try OutputPlace.free(output, force: force)
            // Of the data nothing is looked at but its shape.
            let opened = try OpenedNetwork(
                best ? HomeFolder.find(target) + "/best.safetensors" : target,
                data: RunData.Choice(folder: dataOptions.data, acceptsOther: true))
            if encoding != nil { return try writeEncoded(opened, to: path) }
            try opened.network.answerInOwnUnits(opened.targetScale, path: target)
            let export = ModelExport(opened)
            switch try chosen() {
            case .onnx:
                let opset = try opset?.value(of: "--opset", in: ExportOptions.opsets)
                try AtomicFile.write(
                    export.onnx(isSparse: sparse, folds: fold, opset: opset ?? 17), to: path)
            case .safetensors:
                var metadata = ["format": "pt"]
                for (key, value) in export.metadata { metadata[key] = value }
                try Safetensors.write(
                    TensorFile(tensors: try export.tensors(isSparse: sparse), metadata: metadata, path: path), to: path)
            case .npz: try Npz.write(try export.tensors(isSparse: false), to: path)
            }
            let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            Output.line("\(path): \(bytes) bytes")
        } catch {
            throw Exit.report(error)
        }
    }
}
