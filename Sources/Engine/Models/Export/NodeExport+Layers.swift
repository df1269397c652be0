import Graph
import Interchange

extension NodeExport {
    static let layerRules: [String: Rule] = [
        "linear": { node in
            let shape = node.weightShape
            var x = node.batched(0)
            if node.shape(0).rank != 1 { x = node.reshaped(x, [shape.columns]) }
            let weight = try node.weight([shape.rows, shape.columns]), bias = node.bias()
            let isFlat = node.node.shape.axes == [shape.rows]
            let result = node.step(
                "Gemm", [x, weight] + (bias.map { [$0] } ?? []), [("transB", .integer(1))],
                to: isFlat ? node.output : nil)
            if !isFlat { _ = node.reshaped(result, node.node.shape.axes, to: node.output) }
        },
        "convolution": convolution,
        "max-pool": { try pool(&$0, "MaxPool") }, "average-pool": { try pool(&$0, "AveragePool") },
        "global-average-pool": { globalPool(&$0, "GlobalAveragePool") },
        "global-max-pool": { globalPool(&$0, "GlobalMaxPool") },
        "batch-norm": { node in
            let x = node.batched(0), channels = node.shape(0).channels
            let inputs = ["weight", "bias", "running_mean", "running_var"].map {
                node.tensor($0, [channels], node.values($0))
            }
            node.last(
                "BatchNormalization", [x] + inputs,
                [
                    ("epsilon", .float(Float(node.number("epsilon") ?? 1e-5))),
                    ("momentum", .float(Float(1 - (node.number("momentum") ?? 0.1)))),
                ])
        },
        "embedding": { node in
            let vocabulary = node.integer("vocabulary") ?? 0, features = node.integer("features") ?? 0
            let table = try node.weight([vocabulary, features])
            var numbers = node.batched(0)
            // The input is whole numbers where all that read it are such.
            if node.node.inputs[0] >= 0 || !node.readsTokens {
                numbers = node.step("Cast", [numbers], [("to", .integer(7))])
            }
            node.last("Gather", [table, numbers], [("axis", .integer(0))])
        },
        "matmul": { node in
            let rank = max(2, node.shape(0).rank, node.shape(1).rank)
            func matrix(_ node: inout NodeExport, _ input: Int, _ flag: String) throws -> String {
                guard node.shape(input).rank >= 2 else { throw node.problem("a product with a vector") }
                var value = node.operand(input, rank: rank)
                if node.isOn(flag) {
                    let axes = node.isConstant(input) ? node.shape(input).rank : rank + 1
                    let order = Array(0..<axes - 2) + [axes - 1, axes - 2]
                    value = node.step("Transpose", [value], [("perm", .integers(order))])
                }
                return value
            }
            let left = try matrix(&node, 0, "transpose-a"), right = try matrix(&node, 1, "transpose-b")
            node.last("MatMul", [left, right])
        },
    ]

    private static func globalPool(_ node: inout NodeExport, _ type: String) {
        let x = node.batched(0), axes = node.shape(0).axes
        guard axes.count >= 2 else {
            _ = node.reshaped(x, node.node.shape.axes, to: node.output)
            return
        }
        let pooled = node.step(type, [x])
        _ = node.reshaped(pooled, node.node.shape.axes, to: node.output)
    }

    /// One number for each spatial axis.
    private static func window(_ node: NodeExport, _ name: String, _ fallback: Int, isLine: Bool) -> [Int] {
        let values = node.integers(name) ?? [fallback]
        return isLine ? [values[0]] : values.count == 1 ? [values[0], values[0]] : values
    }

    /// Attributes of a kernel: of one spatial axis where the input is a line.
    private static func attributes(
        _ node: NodeExport, kernel: [Int], isLine: Bool
    ) -> [(String, ONNXWriter.Attribute)] {
        let stride = zip(window(node, "stride", 1, isLine: isLine), kernel).map { $0 == 0 ? $1 : $0 }
        var pads = node.integers("padding") ?? [0]
        if pads.count == 1 { pads = [Int](repeating: pads[0], count: isLine ? 2 : 4) }
        return [
            ("kernel_shape", .integers(kernel)), ("strides", .integers(stride)),
            ("dilations", .integers(window(node, "dilation", 1, isLine: isLine))), ("pads", .integers(pads)),
        ]
    }

    private static let convolution: Rule = { node in
        let shape = node.weightShape, axes = node.shape(0).axes
        let isLine = axes.count == 2
        let kernel = isLine ? [shape.kernelWidth] : [shape.kernelHeight, shape.kernelWidth]
        var x = node.batched(0)
        if axes.count != 2 && axes.count != 3 {
            x = node.reshaped(x, [node.shape(0).channels, node.shape(0).height, node.shape(0).width])
        }
        let weight = try node.weight([shape.rows, shape.channels / shape.groups] + kernel)
        let bias = node.bias()
        var attributes = attributes(node, kernel: kernel, isLine: isLine)
        attributes.append(("group", .integer(shape.groups)))
        let fits = axes.count == 2 || axes.count == 3
        let result = node.step(
            "Conv", [x, weight] + (bias.map { [$0] } ?? []), attributes, to: fits ? node.output : nil)
        if !fits { _ = node.reshaped(result, node.node.shape.axes, to: node.output) }
    }

    private static func pool(_ node: inout NodeExport, _ type: String) throws {
        let axes = node.shape(0).axes, x = node.batched(0)
        guard axes.count == 2 || axes.count == 3 else { throw node.problem("a pool over \(axes.count) axes") }
        let isLine = axes.count == 2
        let kernel = window(node, "kernel", 2, isLine: isLine)
        var attributes = attributes(node, kernel: kernel, isLine: isLine)
        let isDilated = window(node, "dilation", 1, isLine: isLine).contains { $0 != 1 }
        if type == "AveragePool" {
            if isDilated, node.opset < 19 { throw node.problem("a dilated average needs opset 19 (--opset 19)") }
            if !isDilated { attributes.removeAll { $0.0 == "dilations" } }
            if node.isOn("count-include-pad") { attributes.append(("count_include_pad", .integer(1))) }
        }
        if node.isOn("ceil-mode") { attributes.append(("ceil_mode", .integer(1))) }
        node.last(type, [x], attributes)
    }
}
