import Descriptors
import Graph
import Kernels

/// A loss that compares each output with a value: numbers of the data, or the network's input, which makes an autoencoder.
package protocol ValueLoss: Loss {
    /// As the recipe says it; data whose target is the input needs no word.
    var comparesInput: Bool { get }

    /// Losses of sixteen samples, and their gradient times `scale`.
    func evaluate(
        _ places: LossPlaces, targets: UnsafePointer<Float>, stride: Int, scale: Float,
        losses: UnsafeMutablePointer<Float>)
}

extension ValueLoss {
    static var against: Parameter {
        Parameter(
            "against",
            "input: outputs are compared with the input, as it is normalised, whatever the data's targets are",
            .choice(["input"]), isOptional: true)
    }
    static func comparesInput(_ arguments: Arguments) -> Bool { arguments.values["against"] != nil }

    package func comparison(_ targets: TargetFacts) -> Comparison {
        if case .input = targets.kind { return .input }
        return comparesInput ? .input : .numbers
    }

    package func fitted(to targets: TargetFacts, output: Shape) throws -> any Loss {
        let name = Self.descriptor.name
        if comparison(targets) == .input {
            guard output.features == targets.inputFeatures else {
                throw FitError(
                    ["network", "data"],
                    "the network gives \(output.outputWords), and loss '\(name)' compares them with the input of "
                        + "\(targets.inputFeatures) values; as many outputs make an autoencoder")
            }
            return self
        }
        switch targets.kind {
        case .classes:
            throw FitError(
                ["loss", "data"],
                "loss '\(name)' compares numbers, and the data has \(targets.description); loss 'softmax-cross-entropy' "
                    + "is for those, and 'against: input' compares with the input itself")
        case .numbers(let each, _, _):
            guard output.features == each else {
                throw FitError(
                    ["network", "data"],
                    "the network gives \(output.outputWords), and the data has \(targets.description)"
                )
            }
        case .input: break
        }
        return self
    }

    package func evaluate(
        _ output: PanelTensor, targets: TargetBatch, wantsGradient: Bool, into result: inout LossResult
    ) {
        guard let values = targets.values else { preconditionFailure("a batch without values") }
        result.begin(targets.count, hasClasses: false)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { losses in
            output.forEachSixteen(of: targets.count, wantsGradient: wantsGradient) { first, places in
                evaluate(
                    places, targets: output.targets(values, first), stride: output.layout.lanes,
                    scale: 1 / Float(targets.count), losses: losses.baseAddress!)
                for sample in 0..<min(16, targets.count - first) { result.sum += Double(losses[sample]) }
            }
        }
    }
}
