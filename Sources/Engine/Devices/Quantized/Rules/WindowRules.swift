import Graph
import Kernels

extension QuantizedRules {
    static func largest(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let area = try area(draft, number)
        draft.add(number, isTied: true) { _, _ in .largest(area) }
    }

    static func mean(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), area = try area(draft, number)
        var countsPads = false
        if case .boolean(true)? = node.op.arguments["count-include-pad"] { countsPads = true }
        mean(&draft, number, draft.inputs(number)[0], area, countsPads: countsPads) { 1 / Double($0) }
    }

    /// - Parameter share: what a sum is multiplied by, of its number of points.
    private static func mean(
        _ draft: inout QuantizedDraft, _ number: Int, _ input: Int, _ area: QuantizedWindow, countsPads: Bool,
        share: @escaping (Int) -> Double
    ) {
        let output = draft.tensors.count, name = draft.node(number).name
        let counts = area.counts(countsPads: countsPads).sorted()
        draft.add(number, inputs: [input], fuses: true) { tensors, _ in
            let ratio = Double(tensors[input].scale) / Double(tensors[output].scale)
            return .mean(
                QuantizedMean(
                    area: area, countsPads: countsPads,
                    counts: try counts.map { count in
                        guard let factor = Requantization(ratio * share(count)) else {
                            throw DeviceProblem(name, "mean", "its values are too small beside its inputs")
                        }
                        return QuantizedMean.Count(points: count, requantization: factor)
                    }))
        }
    }

    private static func area(_ draft: QuantizedDraft, _ number: Int) throws -> QuantizedWindow {
        let node = draft.node(number), input = node.inputShapes[0]
        guard case .window(let window) = node.op.reach(node.inputShapes) else {
            throw QuantizedDraft.Unruled("it has no window")
        }
        return QuantizedWindow(
            channels: input.channels, height: input.height, width: input.width, outputHeight: node.shape.height,
            outputWidth: node.shape.width, window: window.window)
    }

    /// Mean, sum and largest along axes: one window a line, behind a move that brings these axes to the end.
    static func reduction(_ draft: inout QuantizedDraft, _ number: Int) throws {
        let node = draft.node(number), input = node.inputShapes[0]
        guard let op = node.op as? Reduce else { return }
        guard [.mean, .sum, .max].contains(op.kind) else {
            throw QuantizedDraft.Unruled("of kind \(op.kind.rawValue); mean, sum and max have one")
        }
        let along = op.axes.isEmpty ? Array(0..<input.rank) : op.axes.map { $0 < 0 ? $0 + input.rank : $0 }.sorted()
        let kept = (0..<input.rank).filter { !along.contains($0) }, order = kept + along
        var read = draft.inputs(number)[0]
        if order != Array(0..<input.rank) {
            read = draft.free(number, read)
            let strides = AxisStrides(axes: input.axes, lanes: 1).strides
            let moved = AxisStrides(axes: order.map { input[$0] }, strides: order.map { strides[$0] }, lanes: 1)
            let target = draft.tensor(
                node.name + ".moved", moved.axes, source: draft.tensors[read].source,
                constant: nil)
            draft.tie(target, read)
            draft.append(number, [read], target) { _, _ in .move(sources: moved.offsets) }
            read = target
        }
        let length = along.reduce(1) { $0 * input[$1] }
        let area = QuantizedWindow(
            channels: input.features / length, height: 1, width: length, outputHeight: 1, outputWidth: 1,
            window: KernelWindow(width: length))
        if op.kind == .max {
            draft.add(number, inputs: [read], isTied: true) { _, _ in .largest(area) }
        } else {
            mean(&draft, number, read, area, countsPads: false) { op.kind == .sum ? 1 : 1 / Double($0) }
        }
    }
}
