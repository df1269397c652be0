import Descriptors
import Devices
import Foundation
import Graph
import Kernels
import Models
import Testing

/// The C that is written, compiled without a warning and run: its self-test holds it to Espalier's answers, of integers to the bit.
@Suite struct C99ExportTests {
    private static func samples() throws -> [Sample] {
        let named = try [("lenet-5", 1, 28, 28), ("resnet-8", 3, 16, 16), ("ds-cnn", 1, 25, 5)].map {
            try NamedNetworks.make($0.0, input: Shape(channels: $0.1, height: $0.2, width: $0.3), classes: 4)
        }
        let point = try Graph(
            input: Shape(channels: 2, height: 2, width: 2),
            [
                Graph.Entry("a", Convolution(channels: 4, kernel: 3, stride: 2, padding: 1)),
                Graph.Entry("b", Convolution(channels: 6, kernel: 1)), Graph.Entry("r", ReLU()),
                Graph.Entry("c", Convolution(channels: 6, kernel: 3, padding: 1, groups: 0)),
                Graph.Entry("d", Convolution(channels: 4, kernel: 1)), Graph.Entry("e", Add(), inputs: ["d", "a"]),
                Graph.Entry("f", Convolution(channels: 3, kernel: 3, padding: 1)),
            ])
        return try (named + [point]).map { try Sample($0.input, $0.entries, zeros: 0.8, count: 4) }
    }

    @Test func theFilesAnswerAsEspalierDoes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-c-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var main = "#include <stdio.h>\n", calls = "", flags = ""
        func write(_ export: C99Export) throws {
            let name = export.options.name
            for file in export.files where file.name.hasPrefix(name) {
                try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name))
            }
            main += "#include \"\(name).h\"\nstatic float arena_\(name)[\(name.uppercased())_ARENA_BYTES / 4 + 1];\n"
            calls += "    if (\(name)_selftest(arena_\(name))) { puts(\"\(name)\"); wrong = 1; }\n"
            flags += " -D\(name.uppercased())_SELFTEST"
        }
        for (number, sample) in try Self.samples().enumerated() {
            for isForSpeed in [false, true] {
                var options = C99Export.Options(name: "floats\(number)\(isForSpeed ? "fast" : "small")")
                options.isForSpeed = isForSpeed
                let (integers, float) = try sample.quantized()
                float.forEachValue(sample.images) { options.golden.append((sample.images[$0], $1.last!)) }
                try write(C99Export(sample.graph, sample.arrays, options: options))
                options.name = "integers\(number)\(isForSpeed ? "fast" : "small")"
                options.golden = C99Export.golden(integers, sample.images)
                try write(C99Export(integers, options: options))
            }
        }
        main += "int main(void)\n{\n    int wrong = 0;\n\(calls)    return wrong;\n}\n"
        try Data(main.utf8).write(to: folder.appendingPathComponent("main.c"))
        let strict = "-std=c99 -Wall -Wextra -Werror -pedantic -O1 -fsanitize=address,undefined -fno-sanitize-recover"
        let log = folder.appendingPathComponent("log").path
        let code = system("cd \(folder.path) && { cc \(strict)\(flags) *.c -o all && ./all; } >\(log) 2>&1")
        #expect(
            code == 0,
            "\(String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self).prefix(2000))")
    }

    @Test func whatDoesNotFitOrIsNotKnownIsSaid() throws {
        let sample = try Self.samples()[0]
        let export = try C99Export(sample.graph, sample.arrays, options: C99Export.Options(name: "small"))
        #expect(throws: C99Problem.self) { try export.require(flash: 1000, ram: nil) }
        #expect(throws: C99Problem.self) { try export.require(flash: nil, ram: export.arenaBytes - 1) }
        try export.require(flash: export.tableBytes, ram: export.arenaBytes)
        let graph = try Graph(input: Shape([2]), [.init("few", try Operators.make("top-k", ["keep": .number(0.5)]))])
        #expect(throws: C99Problem.self) {
            try C99Export(graph, ModelArrays(), options: C99Export.Options(name: "few"))
        }
    }
}
