import Foundation
import Graph
import Interchange
import Kernels
import Models
import Testing

/// Networks that PyTorch wrote by both of its exporters give its answers here, and what goes out from here gives them in ONNX
/// Runtime. ESPALIER_TORCH_PYTHON names a Python with torch, onnx and onnxruntime (and onnxscript for the newer exporter), as
/// `Scripts/peers` installs one.
@Suite struct ReferenceTests {
    static let python = ProcessInfo.processInfo.environment["ESPALIER_TORCH_PYTHON"] ?? ""
    let folder = TemporaryFolder()

    func run(_ verb: String) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("reference.py")
            .path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = [script, verb, folder.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self).suffix(2000))")
    }

    func floats(_ name: String) throws -> [Float] {
        let bytes = try #require(contents(folder(name)))
        return bytes.withUnsafeBytes { raw in
            (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    @Test(.enabled(if: !python.isEmpty, "ESPALIER_TORCH_PYTHON names no Python with torch, onnx and onnxruntime"))
    func answersOfPyTorch() throws {
        try run("make")
        let names = String(decoding: try #require(contents(folder("names.txt"))), as: UTF8.self).split(separator: "\n")
        #expect(names.count >= 7)
        for name in names.map(String.init) {
            let clock = ContinuousClock().now
            let imported = try Models.importModel(path: folder("\(name).onnx"))
            print("\(name): imported in \(ContinuousClock().now - clock), \(imported.entries.count) nodes")
            let graph = try #require(imported.graph, "\(name): \(imported.problems)")
            let base = String(name.dropLast(4))
            let x = try floats("\(base).x"), y = try floats("\(base).y")
            let samples = x.count / graph.input.features
            let network = Network(graph, capacity: samples, team: Team(size: 1), trains: false)
            imported.fill(network)
            let images = (0..<samples).map { Array(x[$0 * graph.input.features..<($0 + 1) * graph.input.features]) }
            let answers = ModelRunner(network).answers(images).flatMap { $0 }
            try expectNear(answers, y, name)
            let plane = try #require(imported.planeNetwork())
            var answer = [Float](repeating: 0, count: graph.output.features)
            plane.run(plane.memory(), team: nil, image: images[0], answer: &answer)
            try expectNear(answer, Array(y.prefix(answer.count)), "\(name), one image")

            let arrays = try ModelArrays(network)
            try write(Models.onnx(graph, arrays, frame: imported.frame), "\(name).frame.out.onnx")
            try write(Models.onnx(graph, arrays), "\(name).graph.out.onnx")
            var options = ExportOptions()
            options.folds = true
            options.isSparse = true
            try write(Models.onnx(graph, arrays, options: options), "\(name).folded.out.onnx")
            #expect(contents(folder("\(name).onnx")) == contents(folder("\(name).frame.out.onnx")), "\(name)")
        }
        try run("check")
    }

    private func write(_ chunks: [[UInt8]], _ name: String) throws { try AtomicFile.write(chunks, to: folder(name)) }

    private func expectNear(_ found: [Float], _ wanted: [Float], _ what: String) throws {
        let scale = max(1, wanted.map(abs).max() ?? 1)
        let off = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
        #expect(found.count == wanted.count && off <= 1e-4 * scale, "\(what): \(off) off")
    }
}
