import Descriptors
import Graph
import Sparsity

/// Compares the network's output with labels.
package protocol Loss: Choosable {
    /// Fills the gradient of `output` (mean over `labels.count` samples; lanes without a sample get 0) and says for
    /// each sample what it lost and whether the largest output is the label, ties to the first.
    ///
    /// `result` is overwritten; its memory is used again, so that a step allocates nothing.
    func evaluate(_ output: PanelTensor, labels: [UInt8], wantsGradient: Bool, into result: inout LossResult)
}

extension Loss {
    package func evaluate(_ output: PanelTensor, labels: [UInt8], wantsGradient: Bool) -> LossResult {
        var result = LossResult()
        evaluate(output, labels: labels, wantsGradient: wantsGradient, into: &result)
        return result
    }
}

package struct LossResult: Sendable {
    /// Sum over samples, added in sample order.
    package var sum = 0.0
    package var correct: [Bool] = []
    package var countOfCorrect: Int { correct.reduce(0) { $0 + ($1 ? 1 : 0) } }
}

/// The losses there are. A new one is a file in this folder and a line here.
package enum Losses {
    package static let all: [any Loss.Type] = [SoftmaxCrossEntropy.self]

    package static func make(_ name: String, _ values: [String: Value]) throws -> any Loss {
        let type = try choose(name, kind: "loss", among: all) { $0.descriptor }
        return try type.init(Arguments(values, for: type.descriptor))
    }
}
