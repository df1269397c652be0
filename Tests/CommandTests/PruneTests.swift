import Foundation
import Testing

/// One cut by one command: a run, a kept network and an ONNX model.
@Suite struct PruneTests {
    private static func trained(_ folder: TemporaryFolder) throws -> String {
        let recipe = folder("small.yaml")
        try """
        name: small
        network:
          - {name: conv, operator: convolution, channels: 6, kernel: 3, padding: 1}
          - {operator: batch-norm, name: norm}
          - {operator: relu}
          - {operator: max-pool, kernel: 2}
          - {operator: flatten}
          - {name: fc, operator: linear, outputs: 10}
        data: digits
        validation: 237
        batch: 60
        epochs: 4
        learning-rate: {name: cosine, rate: 0.05}
        """.write(toFile: recipe, atomically: true, encoding: .utf8)
        let run = folder("run")
        let done = try Program.run(["train", recipe, "--run", run])
        #expect(done.code == 0, "\(done.errors)")
        return run
    }

    @Test func aRunIsCutAndKept() throws {
        let folder = try TemporaryFolder()
        let run = try Self.trained(folder)
        let kept = folder("kept.safetensors"), model = folder("cut.onnx")
        let done = try Program.run([
            "prune", run, "--criterion", "{name: sparsegpt, samples: 256}", "--sparsity", "0.6", "--output", kept,
        ])
        #expect(done.code == 0, "\(done.errors)")
        for line in [
            "before: validation ", "after the cut: ", "after norm-statistics: ", "conv  22 of 54 weights",
            "fc  384 of 960 weights", "all  406 of 1014 weights, 59.96 % zeros",
        ] {
            #expect(done.output.contains(line), "\(line) in \(done.output)")
        }
        #expect(done.output.contains(/before: validation .+, loss \d\.\d{4}\n/))
        let again = try Program.run(["prune", run, "--sparsity", "0.5", "--output", kept])
        #expect(again.code == 65 && again.errors.contains("--force"))
        #expect(try Program.run(["evaluate", kept]).code == 0)
        // What was cut is cut further, as a model that others read.
        let further = try Program.run([
            "prune", kept, "--criterion", "wanda", "--refine", "dsnot", "--recover", "bias-correction,norm-statistics",
            "--sparsity", "0.8", "--output", model, "--json",
        ])
        #expect(further.code == 0 && further.output.contains("\"kept\":203"), "\(further.output) \(further.errors)")
        #expect(further.output.contains(#""name":"fc""#) && further.output.contains(#""when":"before""#))
        let imported = folder("again.onnx")
        let model2 = try Program.run([
            "prune", model, "--data", "digits", "--set", "validation=237", "--criterion", "alps", "--sparsity", "0.9",
            "--output", imported,
        ])
        #expect(model2.code == 0 && model2.output.contains("of 1014 weights"), "\(model2.output) \(model2.errors)")
        #expect(try Program.run(["evaluate", imported, "--data", "digits"]).code == 0)
    }

    @Test func whatDoesNotFitIsSaid() throws {
        let folder = try TemporaryFolder()
        let run = try Self.trained(folder)
        let output = folder("x.onnx")
        func errors(_ more: String...) throws -> String {
            let done = try Program.run(["prune", run, "--output", output] + more)
            #expect(done.code != 0)
            return done.errors
        }
        #expect(try errors("--sparsity", "1.5").contains("accepted: a number from 0 to below 1"))
        let unknown = try errors("--sparsity", "0.5", "--criterion", "magic")
        #expect(unknown.contains("changed by --criterion") && unknown.contains("magnitude"), "\(unknown)")
        #expect(try errors("--sparsity", "0.5", "--granularity", "").contains("--granularity: found nothing"))
        #expect(try errors("--sparsity", "0.5", "--criterion", "movement").contains("movement"))
        #expect(try errors("--sparsity", "0.5", "--recover", "hope").contains("norm-statistics"))
        #expect(try errors("--sparsity", "0.5", "--recover", ",").contains("norm-statistics"))
        #expect(try errors("--sparsity", "0.5", "--criterion", "snip", "--distribution", "uniform").contains("global"))
        // A run keeps its own files, also where --force is given.
        for name in ["final.safetensors", "best.safetensors", "checkpoints/x.safetensors"] {
            let done = try Program.run("prune", run, "--output", "\(run)/\(name)", "--force", "--sparsity", "0.5")
            #expect(done.code == 65 && done.errors.contains("a file of that run"), "\(done.errors)")
        }
        // What cannot be reached is said.
        let short = try Program.run("prune", run, "--output", output, "--granularity", "n-of-m", "--sparsity", "0.9")
        #expect(short.code == 0 && short.errors.contains("granularity 'n-of-m'"), "\(short.errors)")
    }
}
