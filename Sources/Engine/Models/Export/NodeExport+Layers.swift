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
                "Gemm", [x, weight, bias], [("transB", .integer(1))], to: isFlat ? node.output : nil)
            if !isFlat { _ = node.reshaped(result, node.node.shape.axes, to: node.output) }
        },
        "convolution": convolution,
        "max-pool": { try pool(&$0, "MaxPool") }, "average-pool": { try pool(&$0, "AveragePool") },
        "global-average-pool": { node in
            let x = node.batched(0), axes = node.shape(0).axes
            guard axes.count >= 2 else {
                _ = node.reshaped(x, node.node.shape.axes, to: node.output)
                return
            }
            let pooled = node.step("GlobalAveragePool", [x])
            _ = node.reshaped(pooled, node.node.shape.axes, to: node.output)
        },
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
            let table = node.tensor("weight", [vocabulary, features], node.values("weight"))
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

    private static func window(_ node: NodeExport, _ name: String, _ fallback: Int) -> [Int] {
        let values = node.integers(name) ?? [fallback]
        return values.count == 1 ? [values[0], values[0]] : values
    }

    /// Top, left, bottom, right.
    private static func padding(_ node: NodeExport) -> [Int] {
        let values = node.integers("padding") ?? [0]
        switch values.count {
        case 1: return [values[0], values[0], values[0], values[0]]
        case 2: return [values[0], values[1], values[0], values[1]]
        default: return values
        }
    }

    /// Attributes of a kernel; of one spatial axis where the image has one.
    private static func attributes(
        _ node: NodeExport, kernel: [Int], isLine: Bool, strideFallback: [Int]
    ) -> [(String, ONNXWriter.Attribute)] {
        var stride = window(node, "stride", 1)
        if stride == [0, 0] { stride = strideFallback }
        let dilation = window(node, "dilation", 1), pads = padding(node)
        func cut(_ values: [Int]) -> [Int] { isLine ? [values[1]] : values }
        return [
            ("kernel_shape", .integers(cut(kernel))), ("strides", .integers(cut(stride))),
            ("dilations", .integers(cut(dilation))), ("pads", .integers(isLine ? [pads[1], pads[3]] : pads)),
        ]
    }

    private static let convolution: Rule = { node in
        let shape = node.weightShape, axes = node.shape(0).axes
        let kernel = [shape.kernelHeight, shape.kernelWidth]
        let isLine = axes.count == 2
        var x = node.batched(0)
        if axes.count != 2 && axes.count != 3 {
            x = node.reshaped(x, [node.shape(0).channels, node.shape(0).height, node.shape(0).width])
        }
        let weight = try node.weight(
            [shape.rows, shape.channels / shape.groups] + (isLine ? [kernel[1]] : kernel))
        let bias = node.bias()
        var attributes = attributes(node, kernel: kernel, isLine: isLine, strideFallback: [1, 1])
        attributes.append(("group", .integer(shape.groups)))
        let fits = axes.count == 2 || axes.count == 3
        let result = node.step("Conv", [x, weight, bias], attributes, to: fits ? node.output : nil)
        if !fits { _ = node.reshaped(result, node.node.shape.axes, to: node.output) }
    }

    private static func pool(_ node: inout NodeExport, _ type: String) throws {
        let axes = node.shape(0).axes, x = node.batched(0)
        guard axes.count == 2 || axes.count == 3 else { throw node.problem("a pool over \(axes.count) axes") }
        let kernel = window(node, "kernel", 2)
        var attributes = attributes(node, kernel: kernel, isLine: axes.count == 2, strideFallback: kernel)
        let dilation = window(node, "dilation", 1)
        if type == "AveragePool" {
            if dilation != [1, 1], node.opset < 19 { throw node.problem("a dilated average needs opset 19") }
            if dilation == [1, 1] { attributes.removeAll { $0.0 == "dilations" } }
            if node.isOn("count-padding") { attributes.append(("count_include_pad", .integer(1))) }
        }
        if node.isOn("ceil") { attributes.append(("ceil_mode", .integer(1))) }
        node.last(type, [x], attributes)
    }
}
