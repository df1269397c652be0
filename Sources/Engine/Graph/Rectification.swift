// In training a ReLU before a max pooling is left to the pooling, which does it on the few points that win: the largest of
// rectified values is the rectified largest, and the gradient goes to the same point, or to none. So the values before the
// pooling are read once and their gradient is written once. Outside of training both run, for the zeros of a ReLU are counted.

/// A ReLU that may leave its work in training to the step that reads it.
protocol RectifiedStep: BlockStep {
    var isLeftToReader: Bool { get set }
}

/// A step that may do the ReLU before it.
protocol RectifyingStep: BlockStep {
    var rectifiesInput: Bool { get set }
}

enum Rectification {
    /// Leaves each ReLU in place to the one step that reads it, where that can do it.
    static func link(_ graph: Graph, steps: [any Step]) {
        for (number, step) in steps.enumerated() {
            guard let rectified = step as? any RectifiedStep else { continue }
            let readers = graph.readers(of: number)
            guard readers.count == 1, let reader = steps[readers[0]] as? any RectifyingStep else { continue }
            let input = rectified.site.inputs[0], output = rectified.site.output
            guard input.values === output.values, input.gradient === output.gradient,
                rectified.site.gradients[0] == .store, reader.site.gradients[0] == .store
            else { continue }
            rectified.isLeftToReader = true
            reader.rectifiesInput = true
        }
    }
}
