import Graph
import Kernels

extension QuantizedRules {
    /// Values that only move, from inputs with one scale.
    static func move(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number)
        guard let op = node.op as? any MoveOperator else { return }
        guard op.filling == 0 else {
            throw QuantizedDraft.Unruled("it fills in \(op.filling); the border of integers is 0")
        }
        guard let map = try? op.map(node.inputShapes) else {
            throw QuantizedDraft.Unruled("its values come from nowhere")
        }
        draft.add(number, isTied: true) { _, _ in .move(sources: map.sources) }
    }

    static func resize(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number)
        guard let op = node.op as? Resize else { return }
        let points = op.terms(input: node.inputShapes[0], output: node.shape)
        if op.mode == .nearest {
            let sources = points.map { Int32($0[0].source) }
            draft.add(number, isTied: true) { _, _ in .move(sources: sources) }
            return
        }
        var blend = QuantizedBlend(starts: [0], sources: [], weights: [])
        for terms in points {
            // What rounding leaves of 1 is the largest weight's, so that a plain stays plain.
            var weights = terms.map { Int32(($0.weight * 0x1p14).rounded()) }
            let largest = weights.indices.max { weights[$0] < weights[$1] } ?? 0
            let total = Int32((terms.reduce(0) { $0 + $1.weight } * 0x1p14).rounded())
            weights[largest] += total - weights.reduce(0, +)
            blend.sources += terms.map { Int32($0.source) }
            blend.weights += weights
            blend.starts.append(Int32(blend.sources.count))
        }
        let made = blend
        draft.add(number, isTied: true) { _, _ in .blend(made) }
    }
}

extension Resize {
    /// Of each value of the output, row-major, what it is the weighted sum of.
    func terms(input: Shape, output: Shape) -> [[(source: Int, weight: Double)]] {
        let strides = AxisStrides(axes: input.axes, lanes: 1).strides
        var points: [[(source: Int, weight: Double)]] = [[(0, 1)]]
        for (axis, numbers) in taps(input: input.axes, output: output.axes).enumerated() {
            points = points.flatMap { held in
                numbers.map { number in
                    held.flatMap { term in
                        number.map { (term.source + $0.index * strides[axis], term.weight * Double($0.weight)) }
                    }
                }
            }
        }
        return points
    }
}
