import Descriptors

/// Norms by the statistics of batches, which a network keeps and a constant has.
extension ImportRules {
    static let batchNormRules: [String: Rule] = ["BatchNormalization": batchNorm]

    private static func batchNorm(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        if let constant = node.constant(x) { return [try standardized(node, x, constant)] }
        let (channels, sizes) = try image(node, x)
        let constants = try (1...4).map { number -> Constant in
            guard let constant = node.constant(try node.required(number)) else {
                throw Unsupported("its statistics come from the network's input")
            }
            guard constant.values.count == channels else {
                throw node.fault("\(constant.values.count) numbers in input \(number)", "\(channels)")
            }
            return constant.reshaped([channels])
        }
        if try node.integer("training_mode", 0) != 0 { node.importer.facts.training += 1 }
        guard try node.integer("spatial", 1) == 1 else { throw Unsupported("statistics for each point (spatial: 0)") }
        let epsilon = max(1e-9, try node.float("epsilon", 1e-5))
        // ONNX keeps so much of the old statistics; ours is what a batch adds.
        let momentum = min(max(1 - Double(try node.float("momentum", 0.9)), 0), 1)
        let result = try node.append(
            "batch-norm", ["epsilon": .number(Double(epsilon)), "momentum": .number(momentum)], [flatImage(node, x)],
            shape: FileShape([.batch] + x.shape.axes.dropFirst()),
            name: node.layerName(node.required(1), constants[0], input: 1),
            parameters: [
                "weight": constants[0], "bias": constants[1], "running_mean": constants[2], "running_var": constants[3],
            ])
        return [try restored(node, result, like: x, channels: channels, sizes: sizes)]
    }

    /// Of constants, as where weights are standardised before each use: the second axis is that of the channels.
    private static func standardized(
        _ node: ImportNode, _ x: Importer.Value, _ constant: Constant
    ) throws -> Importer.Value {
        guard x.shape.rank >= 2, !x.shape.hasBatch else { throw Unsupported("its constant \(x.shape) is the batch's") }
        let channels = x.shape.axes[1].size, run = x.shape.axes[2...].reduce(1) { $0 * $1.size }
        func given(_ number: Int) throws -> [Float] {
            guard let values = node.constant(try node.required(number))?.values else {
                throw Unsupported("its statistics come from the network's input")
            }
            guard values.count == channels else {
                throw node.fault("\(values.count) numbers in input \(number)", "\(channels)")
            }
            return values
        }
        func channel(_ place: Int) -> Int { place / max(1, run) % channels }
        var mean = try given(3), variance = try given(4)
        if try node.integer("training_mode", 0) != 0 {
            // By the statistics of the constant itself, which no batch changes.
            let count = Float(constant.values.count / max(1, channels))
            mean = [Float](repeating: 0, count: channels)
            variance = mean
            for (place, value) in constant.values.enumerated() { mean[channel(place)] += value / count }
            for (place, value) in constant.values.enumerated() {
                let far = value - mean[channel(place)]
                variance[channel(place)] += far * far / count
            }
        }
        let scale = try given(1), shift = try given(2), epsilon = try node.float("epsilon", 1e-5)
        let values = constant.values.enumerated().map { place, value in
            let channel = channel(place)
            return (value - mean[channel]) * (scale[channel] / (variance[channel] + epsilon).squareRoot())
                + shift[channel]
        }
        return Importer.Value(
            shape: x.shape, kind: x.kind, content: .floats(Constant(Block(constant.shape, values))))
    }
}
