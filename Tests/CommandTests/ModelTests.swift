import Foundation
import Testing

/// Models in and out by the command line: export, import, run, evaluate, and a run that begins with a model.
@Suite struct ModelTests {
    private static func trained(_ folder: TemporaryFolder) throws -> String {
        let recipe = folder("small.yaml")
        try """
        name: small
        network:
          - {name: conv1, operator: convolution, channels: 6, kernel: 3, padding: 1}
          - {operator: batch-norm, name: norm1}
          - {operator: relu}
          - {operator: max-pool, kernel: 2}
          - {name: conv2, operator: convolution, channels: 8, kernel: 3}
          - {operator: relu}
          - {operator: flatten}
          - {name: fc, operator: linear, outputs: 10}
        data: digits
        validation: 237
        batch: 60
        epochs: 4
        method: gradual-magnitude
        schedule: {name: cubic, final: 0.8, begin: 0, end: 60, every: 10}
        learning-rate: {name: cosine, rate: 0.05}
        """.write(toFile: recipe, atomically: true, encoding: .utf8)
        let run = folder("run")
        let done = try Program.run(["train", recipe, "--run", run])
        #expect(done.code == 0, "\(done.errors)")
        return run
    }

    @Test func aRunGoesOutAndComesBack() throws {
        let folder = try TemporaryFolder()
        let run = try Self.trained(folder)
        let model = folder("model.onnx"), sparse = folder("sparse.onnx")
        #expect(try Program.run(["export", run, "--output", model]).code == 0)
        #expect(try Program.run(["export", run, "--output", sparse, "--sparse"]).code == 0)
        // Not overwritten without a word.
        let again = try Program.run(["export", run, "--output", model])
        #expect(again.code == 65 && again.errors.contains("--force"))
        // What inspect says of the sizes is what was written.
        let inspected = try Program.run(["inspect", run]).output
        func bytes(_ path: String) -> Int { FileManager.default.contents(atPath: path)!.count }
        #expect(inspected.contains("as ONNX \(bytes(model)) bytes, --sparse \(bytes(sparse))"), "\(inspected)")

        let imported = try Program.run(["import", model])
        #expect(imported.code == 0 && imported.output.contains("Conv"), "\(imported.output) \(imported.errors)")

        // The same accuracy on the same data.
        let own = try Program.run(["evaluate", run, "--json"]).output
        for path in [model, sparse] {
            let measured = try Program.run(
                ["evaluate", path, "--data", "digits", "--set", "validation=237", "--json"])
            #expect(measured.code == 0, "\(measured.errors)")
            #expect(Self.accuracy(measured.output) == Self.accuracy(own), "\(measured.output) \(own)")
        }

        // A run that begins with the model, its zeros kept, resumed without the file.
        let recipe = folder("tune.yaml")
        try """
        network: {file: \(sparse), keep-zeros: true, freeze: [conv1]}
        data: digits
        validation: 237
        epochs: 1
        learning-rate: {name: constant, rate: 0.001}
        """.write(toFile: recipe, atomically: true, encoding: .utf8)
        let tuned = folder("tuned")
        let tuning = try Program.run(["train", recipe, "--run", tuned])
        #expect(tuning.code == 0, "\(tuning.errors)")
        try FileManager.default.removeItem(atPath: sparse)
        let out = folder("tuned.onnx")
        #expect(try Program.run(["export", tuned, "--output", out]).code == 0)
        let longer = try Program.run(["resume", tuned, "--steps", "3"])
        #expect(longer.code == 0 && longer.errors.contains("unsealed"), "\(longer.errors)")
    }

    @Test func whatCannotBeReadIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder("noise.onnx")
        try Data((0..<200).map { UInt8($0 &* 37 & 255) }).write(to: URL(fileURLWithPath: path))
        for command in [["import", path], ["inspect", path], ["evaluate", path, "--data", "digits"]] {
            let done = try Program.run(command)
            #expect(done.code == 65, "\(command) \(done.errors)")
            #expect(done.errors.contains("noise.onnx"), "\(done.errors)")
        }
        let missing = try Program.run(["run", folder("none.onnx"), "--input", "x.npy", "--output", folder("y.npy")])
        #expect(missing.code == 65)
    }

    private static func accuracy(_ json: String) -> String? {
        json.split(separator: ",").first { $0.contains("accuracy") }.map(String.init)
    }
}
