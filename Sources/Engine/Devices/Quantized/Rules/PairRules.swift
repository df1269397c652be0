import Graph
import Kernels

extension QuantizedRules {
    static func addition(_ draft: inout QuantizedDraft, _ node: Int) throws { sum(&draft, node, sign: 1) }
    static func difference(_ draft: inout QuantizedDraft, _ node: Int) throws { sum(&draft, node, sign: -1) }

    private static func sum(_ draft: inout QuantizedDraft, _ node: Int, sign: Double) {
        let read = draft.inputs(node), output = draft.tensors.count, name = draft.node(node).name
        let pairs = pairs(draft, node)
        draft.add(node, fuses: true) { tensors, _ in
            let y = Double(tensors[output].scale)
            let (a, b) = (Double(tensors[read[0]].scale) / y, Double(tensors[read[1]].scale) / y)
            guard let larger = Requantization(max(a, b)) else {
                throw DeviceProblem(name, "sum", "its values are too small beside what is added")
            }
            let unit = Double(sign: .plus, exponent: Int(larger.shift), significand: 1)
            func multiplier(_ factor: Double) -> Int32 { Int32(min((factor * unit).rounded(), 0x1p31 - 1)) }
            return .addition(
                QuantizedAddition(
                    pairs: pairs, aMultiplier: multiplier(a), bMultiplier: Int32(sign) * multiplier(b),
                    shift: larger.shift))
        }
    }

    static func product(_ draft: inout QuantizedDraft, _ node: Int) throws {
        product(&draft, node, inputs: draft.inputs(node))
    }

    /// By a constant: the product with its reciprocal.
    static func quotient(_ draft: inout QuantizedDraft, _ node: Int) throws {
        let read = draft.inputs(node)
        guard let divisor = draft.constant(read[1]), !divisor.contains(0) else {
            throw QuantizedDraft.Unruled("it divides by other than a constant without zeros")
        }
        let held = draft.tensors[read[1]]
        let reciprocal = draft.tensor(
            held.name + ".reciprocal", held.axes, source: held.source, constant: divisor.map { 1 / $0 })
        product(&draft, node, inputs: [read[0], reciprocal])
    }

    private static func product(_ draft: inout QuantizedDraft, _ node: Int, inputs: [Int]) {
        let output = draft.tensors.count, name = draft.node(node).name, pairs = pairs(draft, node)
        draft.add(node, inputs: inputs, fuses: true) { tensors, _ in
            let factor =
                Double(tensors[inputs[0]].scale) * Double(tensors[inputs[1]].scale) / Double(tensors[output].scale)
            guard let factor = Requantization(factor) else {
                throw DeviceProblem(name, "product", "its values are too small beside its factors")
            }
            return .product(pairs, factor)
        }
    }

    static func extreme(_ draft: inout QuantizedDraft, _ node: Int, isLargest: Bool) throws {
        let pairs = pairs(draft, node)
        draft.add(node, isTied: true, fuses: true) { _, _ in .extreme(pairs, isLargest: isLargest) }
    }

    private static func pairs(_ draft: QuantizedDraft, _ number: Int) -> QuantizedPairs {
        let node = draft.node(number)
        let strides = node.inputShapes.map {
            AxisStrides(axes: $0.axes, lanes: 1).broadcast(to: node.shape.axes).strides
        }
        return QuantizedPairs(axes: node.shape.axes, aStrides: strides[0], bStrides: strides[1])
    }
}
