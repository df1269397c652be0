import Devices
import Foundation
import Graph
import Interchange
import Models
import Training

/// The C of an export, compiled by this machine's compiler in a folder of its own: what is said of it is said of the code itself.
struct CompiledExport {
    private let folder: URL
    private let name: String

    /// What the header says.
    ///
    /// - Parameter network: of the same input and output.
    static func accuracy(
        _ export: C99Export, _ plan: TrainingPlan?, _ network: Network, _ normalization: Normalization?
    ) throws -> String {
        guard let plan else { return "not measured: no data" }
        guard Self.program("cc") != nil else { return "not measured: no C compiler" }
        return try with(export) { compiled in
            guard let compiled else { return "not measured: the C compiler failed" }
            let outputs = network.graph.output.features
            let reading = try plan.measure(network, onTest: false, normalization: normalization) { images in
                try compiled.answers(images, outputs: outputs)
            }
            let format = plan.figure.format
            return
                "validation \(format.named(reading.value)) ±\(format.width(reading.margin)) of \(reading.count) samples, "
                + "by this code, compiled and run"
        }
    }

    /// Instructions of one call for this input, as callgrind counts them.
    ///
    /// - Returns: nil where the compiler fails, or the run of what it made.
    static func instructions(_ export: C99Export, _ image: [Float]) throws -> Int? {
        guard let counter = Self.program("valgrind") else { return nil }
        return try with(export) { compiled in
            guard let compiled else { return nil }
            try compiled.give([image])
            let code = try compiled.run(
                counter,
                [
                    "--tool=callgrind", "--toggle-collect=\(export.identifier)_run", "--callgrind-out-file=counts",
                    compiled.folder.appendingPathComponent("program").path,
                ])
            let text = try String(contentsOf: compiled.folder.appendingPathComponent("counts"), encoding: .utf8)
            return code == 0 ? text.firstMatch(of: /(?m)^(?:summary|totals): (\d+)/).flatMap { Int($0.1) } : nil
        }
    }

    /// A program in the folders that are searched.
    static func program(_ name: String) -> String? {
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return search.split(separator: ":").map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// - Parameter body: gets nothing where the compiler fails or is missing.
    private static func with<Result>(_ export: C99Export, _ body: (CompiledExport?) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-c-\(UUID().uuidString)")
        try Files.makeFolder(folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in export.files {
            try AtomicFile.write(Array(file.text.utf8), to: folder.appendingPathComponent(file.name).path)
        }
        let compiled = CompiledExport(folder: folder, name: export.options.name)
        let arguments = ["-std=c99", "-O2", "-o", "program", "./\(compiled.name).c", "main.c"]
        guard let compiler = program("cc"), try compiled.run(compiler, arguments) == 0 else { return try body(nil) }
        return try body(compiled)
    }

    private func give(_ images: [[Float]]) throws {
        let inputs = images.flatMap { $0 }.withUnsafeBytes { Array($0) }
        try AtomicFile.write(inputs, to: folder.appendingPathComponent("inputs").path)
    }

    private func answers(_ images: [[Float]], outputs: Int) throws -> [[Float]] {
        try give(images)
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
        try AtomicFile.write([UInt8](), to: outputs.path)
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
