import Devices
import Foundation
import Graph
import Testing

/// The same files for 32-bit Arm, on a bare Cortex-M under qemu: without a warning, the same bits, no more memory than stated.
@Suite struct CortexTests {
    static let tools = ["/usr/bin/arm-none-eabi-gcc", "/usr/bin/qemu-system-arm"]

    @Test(
        .enabled(
            if: tools.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) },
            "Scripts/test installs gcc-arm-none-eabi and qemu-system-arm"))
    func aCortexMAnswersAsEspalierDoes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-c-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let graph = try NamedNetworks.make("ds-cnn", input: Shape([1, 13, 5]), classes: 4)
        let sample = try Sample(graph.input, graph.entries, zeros: 0.8, count: 2)
        let (integers, float) = try sample.quantized()
        // Names with a space and of a digit at the front become names of C, too.
        var options = C99Export.Options(name: "8 bits")
        options.golden = C99Export.golden(integers, sample.images)
        try run(
            C99Export(integers, options: options), as: "N8_BITS", in: folder, machine: "mps2-an386", core: "cortex-m4")
        options = C99Export.Options(name: "floats")
        float.forEachValue(sample.images) { options.golden.append((sample.images[$0], $1.last!)) }
        try run(
            C99Export(sample.graph, sample.arrays, options: options), as: "FLOATS", in: folder, machine: "mps2-an500",
            core: "cortex-m7")
    }

    private func run(
        _ export: C99Export, as name: String, in folder: URL, machine: String, core: String
    ) throws {
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in export.files { try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name)) }
        let strict = "-std=c99 -Wall -Wextra -Werror -pedantic -O2"
        let cross = "-mcpu=\(core) -mthumb -nostartfiles -T cortex-m.ld"
        let file = export.options.name
        let lines = [
            "cd '\(folder.path)'", "cc \(strict) -D\(name)_SELFTEST -o here '\(file).c' main.c", "./here",
            "arm-none-eabi-gcc \(strict) \(cross) -D\(name)_SELFTEST -o there '\(file).c' main-cortex-m.c",
            "timeout 60 qemu-system-arm -M \(machine) -nographic -monitor none -serial none"
                + " -semihosting-config enable=on,target=native -kernel there",
        ]
        let log = folder.appendingPathComponent("log")
        let code = system("{ \(lines.joined(separator: " && ")); } >'\(log.path)' 2>&1 </dev/null")
        let said = String(decoding: FileManager.default.contents(atPath: log.path) ?? Data(), as: UTF8.self)
        #expect(code == 0, "\(said.suffix(2000))")
        #expect(
            said.contains("selftest: 0 wrong\n") && said.contains("arena stated: \(export.arenaBytes)\n"), "\(said)")
        let used = try #require(said.firstMatch(of: /arena used: (\d+)\n/)?.1)
        #expect(
            try #require(Int(used)) > export.arenaBytes / 2,
            "the self-test uses what is stated, or it is painted in vain")
    }
}
