import Graph

/// A network of 8-bit integers that only answers. It is all that an executor needs: nothing of it is looked up in a graph.
///
/// A value q of a tensor stands for the number (q − zero) · scale. Every rule is integer arithmetic without a float, so every
/// machine gives the same bits; `Documentation/Devices.md` has the formulas.
package struct QuantizedNetwork: Sendable, Equatable, Codable {
    /// 0 is the input; the others are constants or written by one node each.
    package var tensors: [QuantizedTensor]
    /// In the order that they run.
    package var nodes: [QuantizedNode]

    package init(tensors: [QuantizedTensor], nodes: [QuantizedNode]) {
        self.tensors = tensors
        self.nodes = nodes
    }

    /// The number of the tensor that is the answer.
    package var output: Int { nodes.last?.output ?? 0 }
}

/// The values of one sample, in row-major order of the axes.
package struct QuantizedTensor: Sendable, Equatable, Codable {
    /// Of the graph's node whose value it is, or "input".
    package var name: String
    package var axes: [Int]
    package var scale: Float
    /// What stands for the number 0, −128…127.
    package var zero: Int32
    /// Of a value that is the same for every sample; no node writes it.
    package var constant: [Int8]?

    package init(name: String, axes: [Int], scale: Float, zero: Int32, constant: [Int8]? = nil) {
        self.name = name
        self.axes = axes
        self.scale = scale
        self.zero = zero
        self.constant = constant
    }

    package var shape: Shape { Shape(axes) }
    package var count: Int { axes.reduce(1, *) }

    /// q = clamp(zero + ⌊x / scale + ½⌋), in single precision. NaN is −128.
    package func quantized(_ x: Float) -> Int8 {
        let steps = x / scale + 0.5
        guard steps >= Float(-128 - zero) else { return -128 }
        guard steps < Float(128 - zero) else { return 127 }
        return Int8(Int32(steps.rounded(.down)) + zero)
    }
    package func number(_ q: Int8) -> Float { Float(Int32(q) - zero) * scale }
}

/// One step of a quantised network.
package struct QuantizedNode: Sendable, Equatable, Codable {
    /// Of the graph's node whose value it makes.
    package var name: String
    /// The operator that the graph has there, for messages.
    package var kind: String
    /// Numbers of tensors.
    package var inputs: [Int]
    package var output: Int
    /// A ReLU or a clip is the ends that values are moved to, −128 and 127 where there is none. Rules that give a value of their
    /// input unchanged, and tables, have no use for them.
    package var low: Int32
    package var high: Int32
    package var rule: QuantizedRule

    package init(
        name: String, kind: String, inputs: [Int], output: Int, low: Int32 = -128, high: Int32 = 127,
        rule: QuantizedRule
    ) {
        self.name = name
        self.kind = kind
        self.inputs = inputs
        self.output = output
        self.low = low
        self.high = high
        self.rule = rule
    }
}

extension QuantizedNetwork {
    /// Of the layers with weights, an image: with the weights that are there, and with all.
    package var multiplyAdds: (sparse: Int, dense: Int) {
        nodes.reduce((0, 0)) { count, node in
            guard case .sums(let sums) = node.rule else { return count }
            let points = sums.outputHeight * sums.outputWidth
            return (count.0 + sums.values.count * points, count.1 + sums.weights * points)
        }
    }
}
