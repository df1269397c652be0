import Descriptors
import Foundation
import Graph
import Kernels

/// −log softmax(y)[class]; the gradient is (softmax(y) − one-hot) / samples.
package struct SoftmaxCrossEntropy: Loss {
    package static let descriptor = Descriptor(
        name: "softmax-cross-entropy", summary: "negative log likelihood of the class under a softmax",
        citation: "label smoothing: Szegedy et al. 2016, arXiv:1512.00567",
        parameters: [
            Parameter(
                "label-smoothing", "share of each label that goes to all classes alike", .number(0...0.999),
                isOptional: true),
            Parameter(
                "class-weights",
                "what each class counts: balanced (inverse to its training samples), or a number a class",
                .choiceOrNumbers(["balanced"], 1e-6...1e6), isOptional: true),
        ])

    private enum Asked {
        case alike, balanced
        case given([Float])
    }
    private let smoothing: Float
    private let asked: Asked
    /// One a class; nil: all alike, or not yet counted.
    private var weights: [Float]?
    /// Neither smoothed nor weighted.
    private var isPlain: Bool { smoothing == 0 && weights == nil }

    package init(_ arguments: Arguments) throws {
        if case .number(let share)? = arguments.values["label-smoothing"] {
            smoothing = Float(share)
        } else {
            smoothing = 0
        }
        switch arguments.values["class-weights"] {
        case .text: asked = .balanced
        case .numbers(let numbers):
            asked = .given(numbers.map(Float.init))
        default: asked = .alike
        }
    }
    package init(smoothing: Float = 0, weights: [Float]? = nil) {
        self.smoothing = smoothing
        asked = weights.map(Asked.given) ?? .alike
        self.weights = weights
    }

    package func comparison(_ targets: TargetFacts) -> Comparison { .classes }

    package func fitted(to targets: TargetFacts, output: Shape) throws -> any Loss {
        guard let classes = targets.classes else {
            throw FitError(
                ["loss", "data"],
                "loss 'softmax-cross-entropy' needs classes, and the data has \(targets.description); "
                    + "loss 'mean-squared-error' or 'mean-absolute-error' compares values"
                    + (targets.isOneNumber
                        ? ", and 'targets: classes' of the data takes whole numbers for classes" : ""))
        }
        var fitted = self
        let outputs = max(classes, output.channels)
        switch asked {
        // Where all count alike they have a weight all the same, if they are smoothed.
        case .alike: if smoothing > 0 { fitted.weights = [Float](repeating: 1, count: outputs) }
        case .balanced:
            let all = Float(targets.training.reduce(0, +)), present = Float(targets.training.count { $0 > 0 })
            fitted.weights = (0..<outputs).map { index in
                let count = index < targets.training.count ? targets.training[index] : 0
                return count == 0 ? 1 : all / (present * Float(count))
            }
        case .given(let numbers):
            guard numbers.count == classes else {
                throw FitError(
                    ["loss.class-weights", "loss", "data"],
                    "'class-weights' of loss 'softmax-cross-entropy' has \(numbers.count) numbers; the data has "
                        + "\(targets.description), one number for each")
            }
            fitted.weights = numbers + [Float](repeating: 1, count: outputs - classes)
        }
        return fitted
    }

    package func evaluate(
        _ output: PanelTensor, targets: TargetBatch, wantsGradient: Bool, into result: inout LossResult
    ) {
        let count = targets.count
        result.begin(count, hasClasses: true)
        if let weights { result.weight = targets.labels.reduce(0) { $0 + Double(weights[Int($1)]) } }
        let scale = 1 / Float(result.weight)
        let stride = output.layout.plane * output.layout.lanes
        let gradientStride = output.gradientLayout.plane * output.gradientLayout.lanes
        let weights = isPlain ? [] : weights ?? [Float](repeating: 1, count: output.shape.channels)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { losses in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 16) { best in
                targets.labels.withUnsafeBufferPointer { labels in
                    output.forEachSixteen(of: count, wantsGradient: wantsGradient) { first, places in
                        let values = places.values + output.layout.offset(0)
                        // A convolution that writes the output has its gradient behind a border.
                        let gradient = places.gradient.map { $0 + output.gradientLayout.offset(0) }
                        let held = UnsafeBufferPointer(rebasing: labels[first..<first + places.samples])
                        if isPlain {
                            softmaxCrossEntropy(
                                values: values, stride: stride, gradient: gradient, gradientStride: gradientStride,
                                classes: output.shape.channels, labels: held, scale: scale,
                                losses: losses.baseAddress!, best: best.baseAddress!, log: { log($0) })
                        } else {
                            smoothedCrossEntropy(
                                values: values, stride: stride, gradient: gradient, gradientStride: gradientStride,
                                classes: output.shape.channels, labels: held, smoothing: smoothing, weights: weights,
                                scale: scale, losses: losses.baseAddress!, best: best.baseAddress!, log: { log($0) })
                        }
                        for sample in held.indices {
                            result.sum += Double(losses[sample])
                            result.correct.append(best[sample] == Int(held[sample]))
                        }
                    }
                }
            }
        }
    }
}
