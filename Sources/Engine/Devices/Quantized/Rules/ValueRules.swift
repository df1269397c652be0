import Graph
import Kernels

extension QuantizedRules {
    /// The same done to each value: a table of 256.
    static func value(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), input = draft.inputs(number)[0], output = draft.tensors.count
        let function: (Float) -> Float
        if let op = node.op as? any ValueOperator {
            let kind = op.function
            function = { x in
                var y: Float = 0
                withUnsafePointer(to: x) { kind.forward($0, to: &y, count: 1) }
                return y
            }
        } else {
            function = { max($0, 0) }
        }
        draft.add(number) { tensors, _ in .table(table(tensors[input], tensors[output], function)) }
    }

    /// Slopes left of 0, one for all or one a channel.
    static func slopes(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), input = draft.inputs(number)[0], output = draft.tensors.count
        let slopes = FloatNetwork.parameters(node, draft.float.arrays)[0].values
        guard slopes.count == 1 || slopes.count == node.shape.channels else {
            throw QuantizedDraft.Unruled("it has a slope for each value; 'per: channel' and 'per: all' are tables")
        }
        draft.add(number) { tensors, _ in
            .table(
                slopes.flatMap { slope in
                    table(tensors[input], tensors[output]) { $0 < 0 ? slope * $0 : $0 }
                })
        }
    }

    static func softmax(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), input = draft.inputs(number)[0]
        guard let op = node.op as? Softmax else { return }
        let axes = node.shape.axes, axis = op.axis < 0 ? op.axis + axes.count : op.axis
        let count = axes[axis]
        guard count <= 1 << 16 else { throw QuantizedDraft.Unruled("a line has \(count) values; at most 65536") }
        draft.add(number, isShare: true) { tensors, _ in
            var bits = 20
            while count << bits > 1 << 30 { bits -= 1 }
            let one = Double(1 << bits), step = Double(tensors[input].scale)
            return .softmax(
                QuantizedSoftmax(
                    outer: axes[..<axis].reduce(1, *), count: count, inner: axes[(axis + 1)...].reduce(1, *),
                    exponentials: Exponentials.of(step: step).map { UInt32(($0 * one).rounded()) }))
        }
    }
}
