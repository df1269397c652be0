import Graph
import Kernels

extension QuantizedRules {
    static func matrix(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), read = draft.inputs(number), output = draft.tensors.count
        guard let op = node.op as? MatMul else { return }
        // (…, rows, terms) and (…, terms, columns).
        func plain(_ axes: [Int]) -> (axes: [Int], strides: [Int]) {
            (axes, AxisStrides(axes: axes, lanes: 1).strides)
        }
        var (a, b) = (plain(node.inputShapes[0].axes), plain(node.inputShapes[1].axes))
        if a.axes.count == 1 {
            (a.axes, a.strides) = ([1] + a.axes, [0] + a.strides)
        } else if op.transposesA {
            turn(&a)
        }
        if b.axes.count == 1 {
            (b.axes, b.strides) = (b.axes + [1], b.strides + [0])
        } else if op.transposesB {
            turn(&b)
        }
        let (endA, endB) = (a.axes.count - 2, b.axes.count - 2), depth = a.axes[endA + 1]
        guard depth <= QuantizedMatrix.mostDepth else {
            throw QuantizedDraft.Unruled("a sum has \(depth) terms; at most \(QuantizedMatrix.mostDepth)")
        }
        let leading = broadcastAxes(Array(a.axes[..<endA]), Array(b.axes[..<endB])) ?? []
        func repeated(_ tensor: (axes: [Int], strides: [Int]), _ end: Int) -> [Int] {
            AxisStrides(axes: Array(tensor.axes[..<end]), strides: Array(tensor.strides[..<end]), lanes: 1)
                .broadcast(to: leading).strides
        }
        let pairs = QuantizedPairs(axes: leading, aStrides: repeated(a, endA), bStrides: repeated(b, endB))
        let (rows, columns) = (a.axes[endA], b.axes[endB + 1])
        let stepA = QuantizedMatrix.Step(row: a.strides[endA], column: a.strides[endA + 1])
        let stepB = QuantizedMatrix.Step(row: b.strides[endB], column: b.strides[endB + 1])
        draft.add(number, fuses: true) { tensors, _ in
            let scales = read.map { Double(tensors[$0].scale) }
            guard let factor = Requantization(scales[0] * scales[1] / Double(tensors[output].scale)) else {
                throw DeviceProblem(node.name, "matmul", "its values are too small beside its factors")
            }
            return .matrix(
                QuantizedMatrix(
                    leading: pairs, rows: rows, columns: columns, depth: depth, a: stepA, b: stepB,
                    requantization: factor))
        }
    }

    private static func turn(_ tensor: inout (axes: [Int], strides: [Int])) {
        let last = tensor.axes.count - 1
        tensor.axes.swapAt(last, last - 1)
        tensor.strides.swapAt(last, last - 1)
    }

    /// Numbers of rows are what the steps of the input are then: 0…255.
    static func lookup(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), arrays = draft.float.arrays, output = draft.tensors.count
        guard let op = node.op as? Embedding else { return }
        let owner = node.weightsOf.map { draft.node($0).name } ?? node.name
        guard let weights = arrays.weights[owner] else { return }
        guard op.vocabulary <= 256 else {
            throw QuantizedDraft.Unruled("its table has \(op.vocabulary) rows; 8 bits number 256")
        }
        let ends: ClosedRange<Float> = 0...255
        guard draft.fixed(draft.inputs(number)[0]) ?? ends == ends else {
            throw QuantizedDraft.Unruled("its numbers are values of another rule")
        }
        draft.fix(draft.inputs(number)[0], ends)
        draft.add(number) { tensors, _ in
            .lookup(QuantizedLookup(features: op.features, table: weights.map(tensors[output].quantized)))
        }
    }
}
