import Descriptors

/// Pools of windows and of whole channels.
extension ImportRules {
    static let poolRules: [String: Rule] = [
        "MaxPool": { try pool($0, "max-pool") }, "AveragePool": { try pool($0, "average-pool") },
        "GlobalAveragePool": { try globalPool($0, "mean") }, "GlobalMaxPool": { try globalPool($0, "max") },
    ]

    private static func pool(_ node: ImportNode, _ op: String) throws -> [Importer.Value] {
        let x = try node.required(0)
        let (channels, sizes) = try image(node, x)
        guard let kernel = try node.integers("kernel_shape"), kernel.count == sizes.count else {
            throw node.fault("no kernel_shape for \(x.shape)", "\(sizes.count) numbers")
        }
        guard node.node.outputs.count < 2 || node.node.outputs[1].isEmpty else {
            throw Unsupported("the places of its largest values are not known here")
        }
        let window = try Window(node, kernel: kernel, sizes: sizes)
        let roundsUp = try node.integer("ceil_mode", 0) != 0, counts = try node.integer("count_include_pad", 0) != 0
        let outputs = sizes.indices.map { window.outputs($0, sizes[$0], roundsUp: roundsUp) }
        guard outputs.allSatisfy({ $0 > 0 }) else {
            throw node.fault("\(x.shape) for a kernel of \(kernel)", "an image no smaller")
        }
        var value = try flatImage(node, x)
        if sizes.count == 1 || sizes.count == 2 {
            value = try node.append(
                op, WindowArguments.pool(window, op, roundsUp: roundsUp, counts: counts), [value],
                shape: FileShape([.batch, FileAxis(channels)] + outputs.map { FileAxis($0) }), kind: x.kind)
        } else if sizes.count == 3, op == "max-pool" || window.before + window.after == [0, 0, 0, 0, 0, 0] && !roundsUp
        {
            value = try deepPool(node, op, value, channels: channels, sizes: sizes, outputs, window, roundsUp: roundsUp)
        } else {
            throw Unsupported("\(sizes.count) spatial axes; 1 and 2 run here")
        }
        return [try restored(node, value, like: x, channels: channels, sizes: outputs)]
    }

    /// Over three axes: over the last two, then over the first. A mean of means over windows of one size is the mean.
    private static func deepPool(
        _ node: ImportNode, _ op: String, _ x: Importer.Value, channels: Int, sizes: [Int], _ outputs: [Int],
        _ window: Window, roundsUp: Bool
    ) throws -> Importer.Value {
        var flat = window, deep = window
        func part(_ window: inout Window, _ axes: [Int], keep: Int?) {
            func take(_ values: [Int], _ fallback: Int) -> [Int] { axes.map { $0 == keep ? fallback : values[$0] } }
            (window.kernel, window.strides, window.dilations) = (
                take(window.kernel, 1), take(window.strides, 1), take(window.dilations, 1)
            )
            (window.before, window.after) = (take(window.before, 0), take(window.after, 0))
        }
        part(&flat, [1, 2], keep: nil)
        part(&deep, [0, 1], keep: 1)
        let layers = FileAxis(channels * sizes[0])
        var value = try node.reshaped(x, FileShape([.batch, layers, FileAxis(sizes[1]), FileAxis(sizes[2])]))
        value = try node.append(
            op, WindowArguments.pool(flat, op, roundsUp: roundsUp, counts: false), [value],
            shape: FileShape([.batch, layers, FileAxis(outputs[1]), FileAxis(outputs[2])]),
            name: node.ownName + ".layers")
        let points = FileAxis(outputs[1] * outputs[2])
        value = try node.reshaped(value, FileShape([.batch, FileAxis(channels), FileAxis(sizes[0]), points]))
        return try node.append(
            op, WindowArguments.pool(deep, op, roundsUp: roundsUp, counts: false), [value],
            shape: FileShape([.batch, FileAxis(channels), FileAxis(outputs[0]), points]))
    }

    private static func globalPool(_ node: ImportNode, _ kind: String) throws -> [Importer.Value] {
        let x = try node.required(0)
        let (channels, sizes) = try image(node, x)
        let value = try flatImage(node, x)
        let ones = sizes.map { _ in 1 }
        let shape = FileShape([.batch, FileAxis(channels)] + ones.map { FileAxis($0) })
        if sizes.allSatisfy({ $0 == 1 }) { return [x] }
        let pooled = try node.append(
            "reduce", ["kind": .text(kind), "axes": .integers(sizes.indices.map { $0 + 1 }), "keep": .boolean(true)],
            [value],
            shape: shape)
        return [try restored(node, pooled, like: x, channels: channels, sizes: ones)]
    }
}
