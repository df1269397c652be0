import Foundation
import Testing

/// `espalier export --format c99`: what it writes builds with the lines that it states, and answers as Espalier does.
@Suite struct DeviceExportTests {
    private static func shell(_ line: String, in folder: String) throws -> Program.Result {
        try Program.run(["-c", "cd '\(folder)' && \(line)"], program: "/bin/sh")
    }

    private static func floats(_ data: Data) -> [Float] {
        data.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        }
    }

    private static func header(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func aRunBecomesCThatAnswersAlike() throws {
        let folder = try TemporaryFolder(), run = try SmallRun.train(in: folder)
        func export(_ target: String, _ output: String, _ more: String...) throws -> Program.Result {
            try Program.run(["export", target, "--format", "c99", "--output", folder(output)] + more)
        }

        // What does not fit is said before anything is there.
        let large = try export(run, "net", "--flash", "1000")
        #expect(large.code == 65 && large.errors.contains("too many") && large.errors.contains("'fc'"))
        #expect(large.errors.contains("more of its"), "\(large.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder("net")))

        let made = try export(run, "net")
        #expect(made.code == 0, "\(made.errors)")
        let again = try export(run, "net")
        #expect(again.code == 65 && again.errors.contains("--force"), "\(again.errors)")

        let odd = try export(run, "what?")
        #expect(odd.code == 64 && odd.errors.contains("does not take"), "\(odd.errors)")
        let below = try export(run, "small.yaml")
        #expect(below.code == 65 && below.errors.contains("small.yaml"), "\(below.errors)")

        let measured = try Program.run("evaluate", run, "--json").output
        let figure = try #require(measured.firstMatch(of: /"accuracy":([0-9.]+)/)?.1, "\(measured)")
        let said = try Self.header(folder("net/net.h"))
        #expect(said.contains("validation \(figure.prefix(4))") && said.contains("of 237 samples"), "\(said)")
        #expect(said.contains("#define NET_MEANS {") && said.contains("#define NET_DEVIATIONS {"))

        let built = try Self.shell(
            "cc -std=c99 -O2 -o net net.c main.c && ./net < ../x > ../y; cc -std=c99 -O2 -DNET_SELFTEST -o net net.c main.c && ./net",
            in: try Self.inputs(folder))
        #expect(built.code == 0, "\(built.output)\(built.errors)")
        let answered = try Program.run("run", run, "--raw", "--input", folder("x.npy"), "--output", folder("y.npy"))
        #expect(answered.code == 0, "\(answered.errors)")
        let array = try Data(contentsOf: URL(fileURLWithPath: folder("y.npy")))
        let length = Int(array[8]) + Int(array[9]) * 256
        let expected = Self.floats(Data(array[(10 + length)...]))
        let answers = Self.floats(try Data(contentsOf: URL(fileURLWithPath: folder("y"))))
        #expect(answers.count == 80 && expected.count == 80)
        #expect(
            zip(answers, expected).allSatisfy { (own: Float, other: Float) in
                abs(own - other) <= 1e-5 * max(1, abs(other))
            })

        // The numbers of a file of integers are those of the C.
        let quantized = try Program.run("quantize", run, "--output", folder("q.safetensors"))
        #expect(quantized.code == 0 && !quantized.errors.contains("wider steps"), "\(quantized.errors)")
        let integers = try export(folder("q.safetensors"), "whole")
        #expect(integers.code == 0, "\(integers.errors)")
        let whole = try Program.run("evaluate", folder("q.safetensors"), "--json").output
        let right = try #require(whole.firstMatch(of: /"accuracy":([0-9.]+)/)?.1)
        #expect(try Self.header(folder("whole/whole.h")).contains("validation \(right.prefix(4))"))
        #expect(try export(run, "eight", "--bits", "8").code == 0)
        // Norm and ReLU became one with the layer, which has its own name.
        #expect(try Self.header(folder("eight/eight.h")).contains("*   conv1: "))
        let tested = try Self.shell(
            "cc -std=c99 -O2 -DWHOLE_SELFTEST -o whole whole.c main.c && ./whole", in: folder("whole"))
        #expect(tested.code == 0, "\(tested.output)\(tested.errors)")
        #expect(try export(folder("q.safetensors"), "other", "--bits", "32").code == 64)
    }

    /// Where the code is tried there may be no room either. A limit on the size of a file stands for a full disk.
    @Test func whatCannotBeWrittenIsToldInOneSentence() throws {
        let folder = try TemporaryFolder()
        let run = try SmallRun.train(in: folder)
        let result = try Program.run(
            ["--fsize=2048:", Program.path, "export", run, "--format", "c99", "--output", folder("c")],
            program: "/usr/bin/prlimit")
        #expect(result.code == 74 && result.errors.contains("found 'File too large'"), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1 && !folder.exists("c"), "\(result.errors)")
    }

    @Test func anOperatorThatCDoesNotKnowIsNamedFirst() throws {
        let folder = try TemporaryFolder()
        try """
        name: wide
        network:
          - {operator: flatten}
          - {name: few, operator: top-k, keep: 0.5}
          - {name: fc, operator: linear, outputs: 10}
        data: digits
        validation: 237
        batch: 60
        epochs: 1
        method: none
        learning-rate: {name: constant, rate: 0.05}
        """.write(toFile: folder("wide.yaml"), atomically: true, encoding: .utf8)
        #expect(try Program.run("train", folder("wide.yaml"), "--run", folder("run")).code == 0)
        let made = try Program.run("export", folder("run"), "--format", "c99", "--output", folder("net"))
        #expect(made.code == 65 && made.errors.contains("'few' (top-k)"), "\(made.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder("net")))
    }

    /// Eight inputs as they are and as an array; gives the folder of the C.
    private static func inputs(_ folder: TemporaryFolder) throws -> String {
        let values: [Float] = (0..<512).map { (k: Int) -> Float in Float(k * 29 % 97) / 40 - 1 }
        let bytes = values.withUnsafeBytes { Data($0) }
        try bytes.write(to: URL(fileURLWithPath: folder("x")))
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (8, 1, 8, 8), }"
        header += String(repeating: " ", count: 127 - (10 + header.utf8.count) % 128) + "\n"
        let size = [UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)]
        var array = Data([0x93] as [UInt8])
        array += Data("NUMPY".utf8)
        array += Data([1, 0] as [UInt8])
        array += Data(size)
        array += Data(header.utf8)
        array += bytes
        try array.write(to: URL(fileURLWithPath: folder("x.npy")))
        return folder("net")
    }
}
