import Descriptors
import Kernels

/// Of two tensors the value that a third chooses: the first where it is not 0.
package struct Where: StridedOperator {
    package static let descriptor = Descriptor(
        name: "where", summary: "of three inputs: the second where the first is not 0, else the third; broadcast")
    package static let inputCount = 3...3
    package static let cases = [
        OperatorCase(inputs: [Shape([5]), Shape([5]), Shape([5])], samples: 17),
        OperatorCase(inputs: [Shape([4]), Shape([2, 3, 4]), Shape([2, 1, 1])], samples: 17),
        OperatorCase(inputs: [Shape([2, 3]), Shape([1]), Shape([3])]),
    ]

    package init(_ arguments: Arguments) throws {}
    package init() {}

    package func outputShape(_ inputs: [Shape]) throws -> Shape { try Shape(broadcasting: inputs) }
    package func kernel(_ places: StridedPlaces) -> any StridedKernel { WhereKernel(places) }
}

private struct WhereKernel: StridedKernel {
    private let selection: Selection
    private let gradients: [SelectionGradient]
    /// Of the condition, which has none.
    private let nothing: PairGradient

    init(_ places: StridedPlaces) {
        let (condition, dy) = (places.inputs[0], places.outputGradient)
        selection = Selection(condition: condition, a: places.inputs[1], b: places.inputs[2], y: places.output)
        gradients = [1, 2].map {
            SelectionGradient(condition: condition, dy: dy, gradient: places.inputGradients[$0], isFirst: $0 == 1)
        }
        nothing = PairGradient(
            a: condition, b: condition, dy: dy, gradient: places.inputGradients[0], isFirst: true)
    }

    var tasks: Int { 1 }
    var gradientTasks: Int { 1 }

    func forward(_ panel: StridedPanel, task: Int) {
        selection.forward(condition: panel.inputs[0], panel.inputs[1], panel.inputs[2], to: panel.output)
    }

    func backward(_ panel: StridedPanel, task: Int) {
        guard let dy = panel.outputGradient, let targets = panel.inputGradients else { return }
        if let target = targets[0] {
            nothing.backward(.equal, dy: dy, panel.inputs[0], panel.inputs[0], to: target, adds: panel.adds![0])
        }
        for (number, walk) in gradients.enumerated() {
            guard let target = targets[number + 1] else { continue }
            walk.backward(dy: dy, condition: panel.inputs[0], to: target, adds: panel.adds![number + 1])
        }
    }
}
