extension DeviceProgram {
    init(_ network: QuantizedNetwork) {
        isQuantized = true
        tensors = network.tensors.map {
            DeviceTensor(name: $0.name, axes: $0.axes, constant: $0.constant.map(DeviceNumbers.bytes), zero: $0.zero)
        }
        inputStep = network.tensors[0]
        outputStep = network.tensors[network.output]
        nodes = network.nodes.map { node in
            DeviceNode(
                name: node.name, kind: node.kind, inputs: node.inputs, output: node.output,
                rule: DeviceProgram.rule(node, network.tensors), low: node.low, high: node.high)
        }
    }

    private static func rule(_ node: QuantizedNode, _ tensors: [QuantizedTensor]) -> DeviceRule {
        let zeros = node.inputs.map { tensors[$0].zero }, zy = tensors[node.output].zero
        func clamped(_ value: String) -> String { "clamped((int64_t)(\(zy)) + \(value), \(node.low), \(node.high))" }
        func less(_ name: String, _ zero: Int32) -> String {
            zero == 0 ? "(int64_t)\(name)" : "((int64_t)\(name) - (\(zero)))"
        }
        switch node.rule {
        case .sums(let sums):
            return .sums(
                DeviceSums(
                    rows: sums.rows, channels: sums.channels, groups: sums.groups, window: sums.window,
                    height: sums.height, width: sums.width, outputHeight: sums.outputHeight,
                    outputWidth: sums.outputWidth, indices: sums.indices, values: .bytes(sums.values),
                    bias: sums.correctedBias(zero: zeros[0]), requantizations: sums.requantizations))
        case .table(let table): return .table(table)
        case .addition(let add):
            let half = Int64(1) << Int64(add.shift - 1)
            return .pair(
                add.pairs,
                clamped(
                    "shifted(\(less("a", zeros[0])) * (\(add.aMultiplier)) + \(less("b", zeros[1])) * (\(add.bMultiplier))"
                        + " + INT64_C(\(half)), \(add.shift))"))
        case .product(let pairs, let scale):
            return .pair(
                pairs,
                clamped(
                    "requantized(\(less("a", zeros[0])) * \(less("b", zeros[1])), \(scale.multiplier), \(scale.shift))")
            )
        case .extreme(let pairs, let isLargest):
            return .pair(
                pairs, "clamped(a \(isLargest ? ">" : "<") b ? a : b, \(node.low), \(node.high))")
        case .largest(let window): return .largest(window)
        case .mean(let mean): return .mean(mean)
        case .softmax(let softmax): return .integerSoftmax(softmax)
        case .move(let sources): return .move(sources: sources, filling: Float(zy))
        case .reshape: return .reshape
        case .blend(let blend):
            return .blend(starts: blend.starts, sources: blend.sources, weights: .steps(blend.weights))
        case .norm(let norm): return .integerNorm(norm)
        case .matrix(let matrix): return .integerMatrix(matrix)
        case .lookup(let lookup): return .integerLookup(lookup)
        }
    }
}
