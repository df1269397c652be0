import Graph
import Interchange

extension NodeExport {
    static let sumRules: [String: Rule] = [
        "reduce": { node in
            let types = [
                "mean": "ReduceMean", "sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin", "prod": "ReduceProd",
                "l1": "ReduceL1", "l2": "ReduceL2", "sum-square": "ReduceSumSquare", "log-sum": "ReduceLogSum",
                "log-sum-exp": "ReduceLogSumExp",
            ]
            let x = node.batched(0), rank = node.shape(0).rank
            let given = node.integers("axes") ?? []
            let axes = (given.isEmpty ? Array(0..<rank) : given).map { node.fileAxis($0, rank) }
            let result = node.reduced(types[node.text("kind") ?? "mean"]!, x, axes)
            _ = node.reshaped(result, node.node.shape.axes, to: node.output)
        },
        "softmax": { node in
            let x = node.batched(0), axis = node.fileAxis(node.integer("axis") ?? -1, node.shape(0).rank)
            node.last("Softmax", [x], [("axis", .integer(axis))])
        },
        "log-softmax": { node in
            let x = node.batched(0), axis = node.fileAxis(node.integer("axis") ?? -1, node.shape(0).rank)
            node.last("LogSoftmax", [x], [("axis", .integer(axis))])
        },
        "top-k": { node in
            let axes = node.shape(0).axes, features = axes.reduce(1, *)
            // One axis of a sample to look along.
            let form = node.text("over") == "channel" ? [axes[0], features / axes[0]] : [features]
            let length = form[form.count - 1], axis = form.count
            let count = max(1, min(length, Int(((node.number("keep") ?? 1) * Double(length)).rounded())))
            let x = node.batched(0)
            let flat = form == axes ? x : node.reshaped(x, form)
            let (values, places) = node.largest(count, of: flat, axis: axis)
            let sizes = node.step("Shape", [flat])
            let zeros = node.step("ConstantOfShape", [sizes])
            let along = [("axis", ONNXWriter.Attribute.integer(axis))]
            if form == axes { return node.last("ScatterElements", [zeros, places, values], along) }
            let whole = node.step("ScatterElements", [zeros, places, values], along)
            _ = node.reshaped(whole, axes, to: node.output)
        },
        "arg-max": { $0.extreme("ArgMax") }, "arg-min": { $0.extreme("ArgMin") },
        "layer-norm": { $0.normalized(isCentred: true) }, "rms-norm": { $0.normalized(isCentred: false) },
        "group-norm": { node in
            let x = node.batched(0), axes = node.shape(0).axes, groups = node.integer("groups") ?? 1
            let each = axes.reduce(1, *) / groups
            let parted = node.reshaped(x, [groups, each])
            let normed = node.plainInstances(parted, groups)
            let whole = node.reshaped(normed, axes, to: node.hasParameters ? nil : node.output)
            if node.hasParameters { node.scaled(whole, axes: [0]) }
        },
        "instance-norm": { node in
            let x = node.batched(0), axes = node.shape(0).axes
            let flat = axes.count > 1 ? x : node.reshaped(x, [axes[0], 1])
            let epsilon = ONNXWriter.Attribute.float(Float(node.number("epsilon") ?? 1e-5))
            let scale = node.tensor(
                "weight", [axes[0]], node.hasParameters ? node.values("weight") : [Float](repeating: 1, count: axes[0]))
            let shift = node.tensor(
                "bias", [axes[0]], node.hasParameters ? node.values("bias") : [Float](repeating: 0, count: axes[0]))
            let result = node.step("InstanceNormalization", [flat, scale, shift], [("epsilon", epsilon)])
            _ = node.reshaped(result, axes, to: node.output)
        },
    ]

    /// Kept axes.
    private mutating func reduced(_ type: String, _ x: String, _ axes: [Int]) -> String {
        if type == "ReduceSum" || opset >= 18 {
            let list = wholes(axes)
            return step(type, [x, list], [("keepdims", .integer(1))])
        }
        return step(type, [x], [("axes", .integers(axes)), ("keepdims", .integer(1))])
    }

    private mutating func extreme(_ type: String) {
        let x = batched(0), axis = fileAxis(integer("axis") ?? 0, shape(0).rank)
        let place = step(
            type, [x],
            [
                ("axis", .integer(axis)), ("keepdims", .integer(1)),
                ("select_last_index", .integer(isOn("last") ? 1 : 0)),
            ])
        let number = step("Cast", [place], [("to", .integer(1))])
        _ = reshaped(number, node.shape.axes, to: output)
    }

    private var hasParameters: Bool { !node.op.parameters(node.inputShapes).isEmpty }

    private mutating func plainInstances(_ x: String, _ count: Int) -> String {
        let ones = tensor("ones", [count], [Float](repeating: 1, count: count))
        let zeros = tensor("zeros", [count], [Float](repeating: 0, count: count))
        return step(
            "InstanceNormalization", [x, ones, zeros], [("epsilon", .float(Float(number("epsilon") ?? 1e-5)))])
    }

    /// Times `weight` plus `bias`, which stand along these axes of a sample.
    private mutating func scaled(_ x: String, axes: [Int]) {
        let sizes = shape(0).axes
        let broad = sizes.enumerated().map { axes.contains($0) ? $1 : 1 }
        let names = node.op.parameters(node.inputShapes).map(\.name)
        let weight = tensor("weight", broad, values("weight"))
        guard names.contains("bias") else { return last("Mul", [x, weight]) }
        let product = step("Mul", [x, weight])
        let bias = tensor("bias", broad, values("bias"))
        last("Add", [product, bias])
    }

    /// Written out where the axes are not the last ones, or the version has no operator for it.
    private mutating func normalized(isCentred: Bool) {
        let x = batched(0), rank = shape(0).rank
        let own = (integers("axes") ?? [-1]).map { $0 < 0 ? $0 + rank : $0 }
        let sizes = own.map { shape(0)[$0] }, epsilon = number("epsilon") ?? 1e-5
        let isLast = own == Array(rank - own.count..<rank)
        if isLast, isCentred ? opset >= 17 : opset >= 23, hasParameters {
            var inputs = [x, tensor("weight", sizes, values("weight"))]
            let names = node.op.parameters(node.inputShapes).map(\.name)
            if isCentred, names.contains("bias") { inputs.append(tensor("bias", sizes, values("bias"))) }
            last(
                isCentred ? "LayerNormalization" : "RMSNormalization", inputs,
                [("axis", .integer(-own.count)), ("epsilon", .float(Float(epsilon)))])
            return
        }
        let axes = own.map { $0 + 1 }
        var centred = x
        if isCentred {
            let mean = reduced("ReduceMean", x, axes)
            centred = step("Sub", [x, mean])
        }
        let square = step("Mul", [centred, centred])
        let variance = reduced("ReduceMean", square, axes)
        let small = scalar(epsilon)
        let sum = step("Add", [variance, small])
        let root = step("Sqrt", [sum])
        guard hasParameters else { return last("Div", [centred, root]) }
        scaled(step("Div", [centred, root]), axes: own)
    }
}
