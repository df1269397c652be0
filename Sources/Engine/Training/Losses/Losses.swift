import Descriptors
import Graph
import Sparsity

/// Compares the network's outputs with what they should be.
package protocol Loss: Choosable {
    /// This loss for the data and network of a run: weights of classes counted, all that does not fit refused.
    /// - Throws: `FitError` in one sentence that says what would fit.
    func fitted(to targets: TargetFacts, output: Shape) throws -> any Loss

    /// What the outputs are compared with, of data with these targets.
    func comparison(_ targets: TargetFacts) -> Comparison

    /// Whether a network with such outputs has one for each of so many classes.
    func hasOutputs(_ output: Shape, classes: Int) -> Bool

    /// Fills the gradient of `output` (lanes without a sample get 0) and says for each sample what it lost, and, where the
    /// targets are classes, whether the outputs say its class, ties for the first.
    ///
    /// The gradient is that of `result.sum / result.weight`. `result` is overwritten; its memory is used again, so that a step
    /// allocates nothing. An implementation must not read values after it wrote the gradient of the same sixteen samples
    /// through the same place.
    func evaluate(_ output: PanelTensor, targets: TargetBatch, wantsGradient: Bool, into result: inout LossResult)
}

/// What a loss compares outputs with.
package enum Comparison: Sendable, Equatable {
    /// Scores of classes with the class.
    case classes
    /// Values with the numbers of the data.
    case numbers
    /// Values with the network's input, as it is normalised.
    case input
}

extension Loss {
    package func hasOutputs(_ output: Shape, classes: Int) -> Bool { output.isFlat && output.channels >= classes }

    package func evaluate(_ output: PanelTensor, targets: TargetBatch, wantsGradient: Bool) -> LossResult {
        var result = LossResult()
        evaluate(output, targets: targets, wantsGradient: wantsGradient, into: &result)
        return result
    }
}

package struct LossResult: Sendable {
    /// Sum over samples, added in sample order.
    package var sum = 0.0
    /// What the sum is divided by: the samples, or the sum of their classes' weights.
    package var weight = 0.0
    /// Empty where the targets are no classes.
    package var correct: [Bool] = []
    package var countOfCorrect: Int { correct.reduce(0) { $0 + ($1 ? 1 : 0) } }
    package var mean: Double { sum / weight }

    package init() {}

    /// Forgets the batch before, and keeps its memory.
    mutating func begin(_ samples: Int, hasClasses: Bool) {
        sum = 0
        weight = Double(samples)
        correct.removeAll(keepingCapacity: true)
        if hasClasses { correct.reserveCapacity(samples) }
    }
}

/// The losses there are. A new one is a file in this folder and a line here.
package enum Losses {
    package static let all: [any Loss.Type] = [
        SoftmaxCrossEntropy.self, BinaryCrossEntropy.self, MeanSquaredError.self, MeanAbsoluteError.self,
    ]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any Loss {
        let type = try choose(name, kind: "loss", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
