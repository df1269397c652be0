import Descriptors

/// Normalisation of each channel over the batch.
extension ImportRules {
    static let batchNormRules: [String: Rule] = ["BatchNormalization": batchNorm]

    private static func batchNorm(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
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
}
