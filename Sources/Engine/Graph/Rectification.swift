// A ReLU in place is left to a neighbour that goes over the same values, where one can do it:
//
// - to the batch norm or the sum before it, which writes them rectified;
// - in training to the max pooling behind it, which does it, both ways, on the few points that win: the largest of rectified
//   values is the rectified largest, and the gradient goes to the same point, or to none. Outside of training both run, for
//   the zeros of a ReLU are counted.

/// A ReLU that may leave its work to others.
protocol RectifiedStep: BlockStep {
    /// The forward pass.
    var isLeftToWriter: Bool { get set }
    /// Both passes of a training step.
    var isLeftToReader: Bool { get set }
}

/// A step that may do the ReLU of what it writes.
protocol RectifyingWriter: Step {
    var rectifiesOutput: Bool { get set }
}

/// A step that may do the ReLU of what it reads.
protocol RectifyingReader: BlockStep {
    var rectifiesInput: Bool { get set }
}

enum Rectification {
    /// - Parameter leavesToReaders: false where each ReLU has something of its own to do on the way back.
    static func link(_ graph: Graph, steps: [any Step], leavesToReaders: Bool = true) {
        for (number, step) in steps.enumerated() {
            guard let relu = step as? any RectifiedStep else { continue }
            let input = relu.site.inputs[0], output = relu.site.output
            // In place: nobody else reads what is before the ReLU.
            guard input.values === output.values else { continue }
            let before = graph.nodes[number].inputs[0]
            if before >= 0, let writer = steps[before] as? any RectifyingWriter {
                writer.rectifiesOutput = true
                relu.isLeftToWriter = true
                continue
            }
            let readers = graph.readers(of: number)
            guard leavesToReaders, readers.count == 1, let reader = steps[readers[0]] as? any RectifyingReader else {
                continue
            }
            guard input.gradient === output.gradient, relu.site.gradients[0] == .store,
                reader.site.gradients[0] == .store
            else { continue }
            relu.isLeftToReader = true
            reader.rectifiesInput = true
        }
    }
}
