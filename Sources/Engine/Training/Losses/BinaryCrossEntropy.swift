import Descriptors
import Foundation
import Graph
import Kernels

/// −t · log σ(y) − (1 − t) · log(1 − σ(y)), mean over outputs; the gradient is (σ(y) − t) / (outputs · samples).
///
/// Classes are two on one output, or one output each; numbers from 0 to 1 are one output each.
package struct BinaryCrossEntropy: Loss {
    package static let descriptor = Descriptor(
        name: "binary-cross-entropy",
        summary: "each output a logit of its own: two classes on one output, a class an output, or numbers from 0 to 1")

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func comparison(_ targets: TargetFacts) -> Comparison { targets.classes == nil ? .numbers : .classes }

    /// One output is enough for two classes; for more `fitted` says so.
    package func hasOutputs(_ output: Shape, classes: Int) -> Bool {
        output.features == 1 || output.isFlat && output.channels >= classes
    }

    package func fitted(to targets: TargetFacts, output: Shape) throws -> any Loss {
        switch targets.kind {
        case .classes(let classes):
            guard output.features != 1 || classes <= 2 else {
                throw FitError(
                    ["loss", "network", "data"],
                    "loss 'binary-cross-entropy' tells two classes apart on one output, and the data has "
                        + "\(classes) classes; a network with \(classes) outputs has one for each")
            }
        case .numbers(_, let least, let most):
            guard least >= 0, most <= 1 else {
                throw FitError(
                    ["loss", "data"],
                    "loss 'binary-cross-entropy' needs targets from 0 to 1, and the data has numbers from \(least) to "
                        + "\(most); loss 'mean-squared-error' or 'mean-absolute-error' takes any")
            }
        case .input:
            throw FitError(
                ["loss", "data"],
                "loss 'binary-cross-entropy' needs targets from 0 to 1, and the input itself, as it is normalised, is not; "
                    + "loss 'mean-squared-error' or 'mean-absolute-error' takes any")
        }
        return self
    }

    package func evaluate(
        _ output: PanelTensor, targets: TargetBatch, wantsGradient: Bool, into result: inout LossResult
    ) {
        result.begin(targets.count, hasClasses: targets.values == nil)
        let scale = 1 / Float(targets.count)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { losses in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 16) { best in
                targets.labels.withUnsafeBufferPointer { labels in
                    output.forEachSixteen(of: targets.count, wantsGradient: wantsGradient) { first, places in
                        let samples = min(16, targets.count - first)
                        if let values = targets.values {
                            binaryCrossEntropy(
                                places, targets: output.targets(values, first), targetStride: output.layout.lanes,
                                scale: scale, losses: losses.baseAddress!, log1p: { log1p($0) })
                        } else {
                            let held = UnsafeBufferPointer(rebasing: labels[first..<first + samples])
                            binaryCrossEntropy(
                                places, labels: held, scale: scale, losses: losses.baseAddress!,
                                best: best.baseAddress!, log1p: { log1p($0) })
                            for sample in held.indices { result.correct.append(best[sample] == Int(held[sample])) }
                        }
                        for sample in 0..<samples { result.sum += Double(losses[sample]) }
                    }
                }
            }
        }
    }
}
