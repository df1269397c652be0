import Devices
import Foundation
import Testing

/// Many exports in one C program that is compiled once. Kernels that several have stand once; tables get a prefix.
struct CProgram {
    private var units = ["", ""]
    private var known: [Set<Substring>] = [[], []]
    private var main = "#include <stdio.h>\n#include <stdint.h>\n"
    private var calls = ""
    private var inputs: [Float] = []
    private var counts: [Int] = []
    private var total = 0

    /// - Parameter given: the inputs whose answers are asked for.
    mutating func add(_ export: C99Export, _ given: [[Float]]) {
        let name = export.options.name, unit = export.isQuantized ? 1 : 0
        let texts = Dictionary(uniqueKeysWithValues: export.files)
        let header = texts["\(name).h"]!, outputs = export.outputs
        var names: [Substring] = []
        var text = ""
        for chunk in texts["\(name).c"]!.replacing("\n\n", with: "\u{0}").split(separator: "\u{0}") {
            if chunk.hasPrefix("static const ") {
                for line in chunk.split(separator: "\n") where line.hasPrefix("static const ") {
                    names.append(line.prefix { $0 != "[" }.split(separator: " ").last!)
                }
            } else if chunk.contains("static int8_t quantized(") {
                names.append("quantized")
            } else if !chunk.hasPrefix("int "), !known[unit].insert(chunk).inserted {
                continue
            }
            text += chunk.replacing("#include \"\(name).h\"", with: header) + "\n\n"
        }
        // Compilers warn of others, which is an error where warnings are.
        for name in names where text.components(separatedBy: name).count < 3 {
            Issue.record("'\(name)' of \(export.options.name) has no reader")
        }
        for name in names { text = "#define \(name) \(name)_of_\(export.options.name)\n" + text + "#undef \(name)\n" }
        let weights = names.filter { name in
            !["bias", "factors", "shifts", "slopes", "table", "quantized"].contains { name.hasPrefix($0) }
        }
        units[unit] += text
        units[unit] +=
            "unsigned long bytes_of_\(name)(void) { return 0"
            + weights.map { " + sizeof \($0)_of_\(name)" }.joined() + "; }\n"
        main += "int \(name)_run(const float *, float *, void *);\nunsigned long bytes_of_\(name)(void);\n"
        main += "static float arena_\(name)[\(export.arenaBytes / 4 + 1)];\n"
        calls += """
                for (int k = 0; k < \(given.count); k++) {
                    if (fread(input, sizeof(float), \(export.inputs), stdin) != \(export.inputs)) return 1;
                    if (\(name)_run(input, output, arena_\(name))) return 1;
                    fwrite(output, sizeof(float), \(outputs), stdout);
                }
                output[0] = (float)bytes_of_\(name)();
                fwrite(output, sizeof(float), 1, stdout);

            """
        inputs += given.joined()
        counts.append(given.count * outputs)
        total = max(total, export.inputs, outputs)
    }

    /// Of each export in the order they came: its answers one after the other, and the bytes of its weights' tables.
    func answers(_ flags: String = "-O0") throws -> [(values: [Float], bytes: Int)] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-c-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole =
            main + "static float input[\(total)], output[\(total)];\nint main(void)\n{\n\(calls)    return 0;\n}\n"
        for (name, text) in [("floats.c", units[0]), ("integers.c", units[1]), ("main.c", whole)] where !text.isEmpty {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        try inputs.withUnsafeBytes { Data($0) }.write(to: folder.appendingPathComponent("in"))
        let log = folder.appendingPathComponent("log").path
        let line = "cd \(folder.path) && { cc -std=gnu11 -w \(flags) *.c -o all && ./all < in > out; } >\(log) 2>&1"
        guard system(line) == 0 else {
            let said = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
            throw Failure(text: String(said.prefix(2000)))
        }
        let data = try Data(contentsOf: folder.appendingPathComponent("out"))
        var values = [Float](repeating: 0, count: data.count / 4)
        _ = values.withUnsafeMutableBytes { data.copyBytes(to: $0) }
        var found: [(values: [Float], bytes: Int)] = [], next = 0
        for count in counts {
            found.append((Array(values[next..<next + count]), Int(values[next + count])))
            next += count + 1
        }
        return found
    }

    struct Failure: Error {
        let text: String
    }
}
