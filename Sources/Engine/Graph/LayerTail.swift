import Kernels

/// A step that gives each channel a slope and a shift where the network only answers.
protocol ScalingStep: Step {
    /// (channels) each, of the latest parameters.
    func scales(slopes: UnsafeMutablePointer<Float>, shifts: UnsafeMutablePointer<Float>)
}

/// What a layer with weights does when it stores its sums, in place of the operators behind it: they write where it writes, so
/// its sums never go to memory before.
final class LayerTail {
    private let slopes: FloatBuffer
    private let shifts: FloatBuffer
    private let norm: (any ScalingStep)?
    private let limits: Limits
    private let added: FloatBuffer?
    private let function: ValueFunction?

    /// - Parameters:
    ///   - norm: gives slopes and shifts; nil where there are none.
    ///   - added: lies like the output.
    init(rows: Int, norm: (any ScalingStep)?, limits: Limits, added: FloatBuffer?, function: ValueFunction?) {
        slopes = FloatBuffer([Float](repeating: 1, count: rows))
        shifts = FloatBuffer([Float](repeating: -0.0, count: rows))
        self.norm = norm
        self.limits = limits
        self.added = added
        self.function = function
    }

    /// To be called before each pass: parameters may have changed.
    func refresh() { norm?.scales(slopes: slopes.pointer, shifts: shifts.pointer) }

    /// Of the output as the network has it.
    var rows: ForwardTail {
        ForwardTail(
            slopes: slopes.pointer, shifts: shifts.pointer, limits: limits,
            added: added.map { UnsafePointer($0.pointer) }, function: function)
    }
}

extension Tails {
    /// Of a network in panels that only answers: a layer does what lies in the memory of its output.
    /// - Parameter tensors: the input, then each node's output.
    init(_ graph: Graph, steps: [any Step], tensors: [PanelTensor]) {
        self.init(graph) {
            steps[$0] is WeightedStep
        } follows: { head, number in
            let node = graph.nodes[number], output = tensors[head + 1]
            return tensors[number + 1].values === output.values
                && node.inputs.allSatisfy { tensors[$0 + 1].layout == output.layout }
        }
    }

    /// Hands each layer its tail.
    func link(_ graph: Graph, steps: [any Step], tensors: [PanelTensor]) {
        for (number, step) in steps.enumerated() where !followers[number].isEmpty {
            var norm: (any ScalingStep)?, limits = Limits.none, added: FloatBuffer?, function: ValueFunction?
            for follower in followers[number] {
                switch graph.nodes[follower].op.valueKind {
                case .scale: norm = steps[follower] as? any ScalingStep
                case .add: added = tensors[self.added(to: number, by: follower, graph) + 1].values
                case .limit(let ends): limits = ends
                case .function(let held): function = held
                case .pass, nil: break
                }
            }
            (step as? WeightedStep)?.tail = LayerTail(
                rows: graph.nodes[number].shape.channels, norm: norm, limits: limits, added: added,
                function: function)
        }
    }
}
