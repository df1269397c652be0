import Foundation
import Testing

/// A small convolutional network of half zeros, trained on the digits that come along.
enum SmallRun {
    /// The run's folder.
    static func train(in folder: TemporaryFolder) throws -> String {
        let recipe = folder("small.yaml"), run = folder("run")
        try """
        name: small
        network:
          - {name: conv1, operator: convolution, channels: 8, kernel: 3, padding: 1}
          - {operator: batch-norm, name: norm1}
          - {operator: relu}
          - {operator: max-pool, kernel: 2}
          - {operator: flatten}
          - {name: fc, operator: linear, outputs: 10}
        data: digits
        validation: 237
        batch: 60
        epochs: 3
        method: one-shot
        schedule: {name: one-shot, final: 0.5, at: 30}
        learning-rate: {name: constant, rate: 0.05}
        """.write(toFile: recipe, atomically: true, encoding: .utf8)
        let trained = try Program.run("train", recipe, "--run", run)
        #expect(trained.code == 0, "\(trained.errors)")
        return run
    }
}
