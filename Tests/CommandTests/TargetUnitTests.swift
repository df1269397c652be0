import Foundation
import Testing

/// A table whose target is in the hundreds, from the command line.
@Suite struct TargetUnitTests {
    /// float32, C order.
    private static func npy(_ values: [Float], _ shape: String) -> Data {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape)), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        var data = Data(
            [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)])
        data += Data(header.utf8)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data += Data($0) } }
        return data
    }

    private static func floats(_ path: String) throws -> [Float] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let start = 10 + Int(data[8]) + Int(data[9]) << 8
        return stride(from: start, to: data.count, by: 4).map { place in
            Float(bitPattern: data[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
    }

    @Test func `A table in the hundreds is learned, and every answer is in its units`() throws {
        let folder = try TemporaryFolder()
        let rows = (0..<300).map { "\($0 % 17),\($0 % 29),\(Double(300 + 20 * ($0 % 17) - 5 * ($0 % 29)))" }
        try folder.write("a,b,price\n" + rows.joined(separator: "\n"), to: "t.csv")
        try folder.write(
            """
            network: mlp-2-8-1
            data: {path: t.csv, target: price, targets: numbers}
            loss: mean-squared-error
            learning-rate: {name: constant, rate: 0.05}
            batch: 16
            epochs: 20
            """, to: "net.yaml")
        let trained = try Program.run("train", folder("net.yaml"), "--run", folder("run"))
        #expect(trained.code == 0, "\(trained.errors)")
        let measured = try Program.run("evaluate", folder("run"), "--on", "test", "--json").output
        let error = try #require(measured.firstMatch(of: /"error":([0-9.e+-]+)/).flatMap { Double($0.1) })
        // Their variance is about 12,000.
        #expect(error < 1500 && error > 1e-3, "\(measured)")
        #expect(
            try Program.run("evaluate", folder("run/final.safetensors"), "--on", "test", "--json").output == measured)

        try Self.npy([8, 14, 2, 27], "2, 2").write(to: URL(fileURLWithPath: folder("x.npy")))
        #expect(
            try Program.run("run", folder("run"), "--input", folder("x.npy"), "--output", folder("y.npy")).code == 0)
        let answers = try Self.floats(folder("y.npy"))
        #expect(answers.count == 2 && abs(answers[0] - 390) < 60 && abs(answers[1] - 205) < 90, "\(answers)")
        // As ONNX it takes what was normalised and gives the same.
        #expect(try Program.run("export", folder("run"), "--output", folder("m.onnx")).code == 0)
        let kept = try Program.run(
            "run", folder("run"), "--raw", "--input", folder("x.npy"), "--output", folder("r.npy"))
        #expect(kept.code == 0)
        #expect(
            try Program.run("run", folder("m.onnx"), "--input", folder("x.npy"), "--output", folder("o.npy")).code == 0)
        for (one, other) in zip(try Self.floats(folder("r.npy")), try Self.floats(folder("o.npy"))) {
            #expect(abs(one - other) < 1e-4 * abs(one))
        }
        #expect(
            try Program.run("shrink", folder("run"), "--output", folder("s.onnx")).code == 0)
        #expect(
            try Program.run("run", folder("s.onnx"), "--input", folder("x.npy"), "--output", folder("p.npy")).code == 0)
        for (one, other) in zip(try Self.floats(folder("r.npy")), try Self.floats(folder("p.npy"))) {
            #expect(abs(one - other) < 1e-4 * abs(one))
        }
    }
}
