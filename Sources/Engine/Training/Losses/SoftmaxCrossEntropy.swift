import Descriptors
import Foundation
import Graph
import Kernels

/// −log softmax(y)[label]; the gradient is (softmax(y) − one-hot) / samples.
package struct SoftmaxCrossEntropy: Loss {
    package static let descriptor = Descriptor(
        name: "softmax-cross-entropy", summary: "negative log likelihood of the label under a softmax")

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func evaluate(
        _ output: PanelTensor, labels: [UInt8], wantsGradient: Bool, into result: inout LossResult
    ) {
        let lanes = output.layout.lanes
        result.sum = 0
        result.correct.removeAll(keepingCapacity: true)
        result.correct.reserveCapacity(labels.count)
        let gradient = wantsGradient ? output.gradient : nil
        // A convolution that writes the output has its gradient behind a border.
        func place(_ layout: ImageLayout, _ panel: Int) -> Int { panel * layout.panelFloats + layout.offset(0) }
        if let gradient, labels.count % lanes != 0 {
            let last = labels.count / lanes * output.gradientLayout.panelFloats
            (gradient.pointer + last).update(repeating: 0, count: output.gradientLayout.panelFloats)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { losses in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 16) { best in
                labels.withUnsafeBufferPointer { labels in
                    for first in stride(from: 0, to: labels.count, by: 16) {
                        let held = min(16, labels.count - first)
                        let panel = first / lanes, lane = first % lanes
                        softmaxCrossEntropy(
                            values: output.values.pointer + place(output.layout, panel) + lane,
                            stride: output.layout.plane * lanes,
                            gradient: gradient.map { $0.pointer + place(output.gradientLayout, panel) + lane },
                            gradientStride: output.gradientLayout.plane * lanes, classes: output.shape.channels,
                            labels: UnsafeBufferPointer(rebasing: labels[first..<first + held]),
                            scale: 1 / Float(labels.count), losses: losses.baseAddress!, best: best.baseAddress!,
                            log: { log($0) })
                        for sample in 0..<held {
                            result.sum += Double(losses[sample])
                            result.correct.append(best[sample] == Int(labels[first + sample]))
                        }
                    }
                }
            }
        }
    }
}
