import Descriptors
import Foundation
import Kernels
import Testing
import Training

@Suite struct OptimizerTests {
    /// torch.optim.SGD(lr=0.1, momentum=0.9, weight_decay=0.01) on w = 1, −2 with gradients 0.5, −1 | 0.25, 1 | 0, 0.
    @Test func sgdTakesTheStepsThatPyTorchTakes() throws {
        let sgd = try Optimizers.make("sgd", ["momentum": .number(0.9), "weight-decay": .number(0.01)])
        var weights: [Float] = [1, -2]
        let velocity = FloatBuffer(count: 2)
        // v = 0.9 v + g + 0.01 w; w −= 0.1 v, by hand:
        // 0.51, −1.02 → 0.949, −1.898 | 0.71849, 0.06302 → 0.877151, −1.904302 | 0.65541251, 0.03767498 → …
        let expected: [[Float]] = [[0.949, -1.898], [0.877151, -1.904302], [0.811609749, -1.908069498]]
        for (gradient, after) in zip([[0.5, -1], [0.25, 1], [0, 0]] as [[Float]], expected) {
            weights.withUnsafeMutableBufferPointer { weights in
                gradient.withUnsafeBufferPointer { gradient in
                    sgd.update(
                        weights: weights.baseAddress!, slots: SlotPointers([velocity]), gradient: gradient.baseAddress!,
                        count: 2, rate: 0.1, step: 1)
                }
            }
            for index in 0..<2 { #expect(abs(weights[index] - after[index]) < 1e-6) }
        }
    }

    /// A weight's bits do not depend on where in the array it lies: vectors and the tail do the same.
    @Test func theTailOfAnArrayGetsTheSameBits() throws {
        for (name, slots) in [("sgd", 1), ("adam", 2)] {
            let optimizer = try Optimizers.make(name, ["weight-decay": .number(0.003)])
            let weights = FloatBuffer([Float](repeating: 0.37, count: 37))
            let gradient = FloatBuffer([Float](repeating: 0.013, count: 37))
            let state = (0..<slots).map { _ in FloatBuffer([Float](repeating: 0.11, count: 37)) }
            for step in 1...5 {
                optimizer.update(
                    weights: weights.pointer, slots: SlotPointers(state), gradient: gradient.pointer, count: 37,
                    rate: 0.05, step: step)
            }
            for buffer in [weights] + state { #expect(Set(buffer.array.map(\.bitPattern)).count == 1, "\(name)") }
        }
    }

    @Test func learningRatesAtLiteralSteps() throws {
        func rates(_ name: String, _ values: [String: Value], _ steps: [Int], of total: Int) throws -> [Double] {
            let rate = try LearningRates.make(name, values)
            return steps.map { (rate.rate(at: $0, of: total) * 1e9).rounded() / 1e9 }
        }
        #expect(try rates("constant", ["rate": .number(0.3)], [0, 5, 99], of: 100) == [0.3, 0.3, 0.3])
        #expect(
            try rates(
                "step", ["rate": .number(0.4), "factor": .number(0.5), "every": .integer(10)], [0, 9, 10, 19, 20, 35],
                of: 40) == [0.4, 0.4, 0.2, 0.2, 0.1, 0.05])
        #expect(
            try rates("cosine", ["rate": .number(0.2), "final": .number(0.1)], [0, 25, 50, 100], of: 100)
                == [0.2, 0.185355339, 0.15, 0.1])
        #expect(
            try rates("cosine", ["rate": .number(0.2), "warm-up": .integer(4)], [0, 1, 3, 4, 54, 104], of: 104)
                == [0.05, 0.1, 0.2, 0.2, 0.1, 0])
    }

    /// A restart runs its own schedule at a share of the rate, and the recipe's goes on behind it.
    @Test func aRestartHasARateOfItsOwn() throws {
        let trainer = Trainer(
            try plan("learning-rate: {name: cosine, rate: 0.1}\nretrain-rate: 0.2"), team: .init(size: 1))
        #expect(trainer.rate(after: 0) == 0.1)
        #expect(abs(trainer.rate(after: 30) - 0.05) < 1e-12)
        trainer.progress.step = 30
        trainer.restartRate(steps: 10)
        #expect(abs(trainer.rate(after: 30) - 0.02) < 1e-12)
        #expect(abs(trainer.rate(after: 35) - 0.01) < 1e-12)
        #expect(abs(trainer.rate(after: 40) - 0.1 * (1 + cos(.pi * 40 / 60)) / 2) < 1e-12)
        #expect(trainer.progress.totalSteps == 60)
        trainer.progress.step = 60
        trainer.restartRate(steps: 10)
        #expect(trainer.progress.totalSteps == 70 && trainer.rate(after: 60) == 0.1 * 0.2)
    }
}
