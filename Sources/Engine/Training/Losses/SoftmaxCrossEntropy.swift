import Descriptors
import Foundation
import Graph

/// −log softmax(y)[label]; the gradient is (softmax(y) − one-hot) / samples.
package struct SoftmaxCrossEntropy: Loss {
    package static let descriptor = Descriptor(
        name: "softmax-cross-entropy", summary: "negative log likelihood of the label under a softmax")

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func evaluate(_ output: PanelTensor, labels: [UInt8], wantsGradient: Bool) -> LossResult {
        let classes = output.shape.channels
        let lanes = output.layout.lanes
        let y = output.values.pointer
        var result = LossResult(sum: 0, correct: [])
        result.correct.reserveCapacity(labels.count)
        let gradient = wantsGradient ? output.gradient : nil
        if let gradient, labels.count % lanes != 0 {
            let last = labels.count / lanes * output.gradientLayout.panelFloats
            (gradient.pointer + last).update(repeating: 0, count: output.gradientLayout.panelFloats)
        }
        let scale = 1 / Float(labels.count)
        for sample in labels.indices {
            let panel = sample / lanes, lane = sample % lanes
            let values = y + panel * output.layout.panelFloats + lane
            var best = 0
            for index in 1..<max(classes, 1) where values[index * lanes] > values[best * lanes] { best = index }
            let largest = values[best * lanes]
            var total: Float = 0
            for index in 0..<classes { total += exp(values[index * lanes] - largest) }
            let label = Int(labels[sample])
            result.sum += Double(log(total) - (values[label * lanes] - largest))
            result.correct.append(best == label)
            if let gradient {
                let slope = gradient.pointer + panel * output.gradientLayout.panelFloats + lane
                for index in 0..<classes {
                    let share = exp(values[index * lanes] - largest) / total
                    slope[index * lanes] = (share - (index == label ? 1 : 0)) * scale
                }
            }
        }
        return result
    }
}
