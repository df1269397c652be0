import Devices
import Foundation
import Graph
import Interchange
import Models
import Training

/// The C of an export, compiled by this machine's compiler and run: the figure in the header is that of the code itself.
struct CompiledExport {
    private let folder: URL

    /// What the header says.
    ///
    /// - Parameter network: of the same input and output.
    static func accuracy(
        _ export: C99Export, _ plan: TrainingPlan?, _ network: Network, _ normalization: Normalization?
    ) throws -> String {
        guard let plan else { return "not measured: no data" }
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let compilers = search.split(separator: ":").map { "\($0)/cc" }
        guard let compiler = compilers.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            return "not measured: no C compiler"
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-c-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in export.files { try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name)) }
        let compiled = CompiledExport(folder: folder)
        let arguments = ["-std=c99", "-O2", "-o", "program", "\(export.options.name).c", "main.c"]
        guard try compiled.run(compiler, arguments) == 0 else { return "not measured: the C compiler failed" }
        let outputs = network.graph.output.features
        let reading = try plan.measure(network, onTest: false, normalization: normalization) { images in
            try compiled.answers(images, outputs: outputs)
        }
        let format = plan.figure.format
        return
            "validation \(format.named(reading.value)) ±\(format.width(reading.margin)) of \(reading.count) samples, "
            + "by this code, compiled and run"
    }

    private func answers(_ images: [[Float]], outputs: Int) throws -> [[Float]] {
        let inputs = images.flatMap { $0 }.withUnsafeBytes { Data($0) }
        try inputs.write(to: folder.appendingPathComponent("inputs"))
        let code = try run(folder.appendingPathComponent("program").path, [])
        let data = try Data(contentsOf: folder.appendingPathComponent("outputs"))
        guard code == 0, data.count == images.count * outputs * 4 else {
            throw FileProblem(
                path: "the compiled C", place: "its answers", found: "\(data.count) bytes, exit code \(code)",
                expected: "\(images.count * outputs * 4) bytes, exit code 0")
        }
        var values = [Float](repeating: 0, count: images.count * outputs)
        _ = values.withUnsafeMutableBytes { data.copyBytes(to: $0) }
        return images.indices.map { Array(values[$0 * outputs..<($0 + 1) * outputs]) }
    }

    /// Standard input and output are the files 'inputs' and 'outputs'.
    private func run(_ program: String, _ arguments: [String]) throws -> Int32 {
        let outputs = folder.appendingPathComponent("outputs")
        try Data().write(to: outputs)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let input = FileHandle(forReadingAtPath: folder.appendingPathComponent("inputs").path)
        let output = try FileHandle(forWritingTo: outputs)
        defer {
            try? input?.close()
            try? output.close()
        }
        process.standardInput = input ?? FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
