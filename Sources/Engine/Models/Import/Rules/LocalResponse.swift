import Descriptors

/// Normalisation by the channels nearby, as AlexNet and the first GoogLeNet have it.
extension ImportRules {
    static let localResponseRules: [String: Rule] = ["LRN": localResponse]

    /// x / (bias + alpha · mean of the squares of `size` channels)^beta. Channels beyond the first and the last count as zeros, so
    /// the mean is a pool along the channels, as those of an image are one axis of another.
    ///
    /// Reference: Krizhevsky, Sutskever & Hinton 2012.
    private static func localResponse(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), name = node.ownName
        let (channels, sizes) = try image(node, x)
        let size = try node.integer("size", 0)
        guard (1...1 << 20).contains(size) else { throw node.fault("size \(size)", "1 channel or more") }
        let alpha = try node.float("alpha", 0.0001), beta = try node.float("beta", 0.75)
        let bias = try node.float("bias", 1)
        guard alpha.isFinite, beta.isFinite, bias.isFinite else {
            throw node.fault("alpha \(alpha), beta \(beta), bias \(bias)", "finite numbers")
        }
        let image = try flatImage(node, x)
        let squares = try node.emit(
            "power", ["exponent": .number(2)], [image], shape: image.shape, name: name + ".squares")
        let plane = FileShape([.batch, FileAxis(1), FileAxis(channels), FileAxis(sizes.reduce(1, *))])
        var window = try Window(node, kernel: [size, 1], sizes: [channels, 1])
        window.before = [(size - 1) / 2, 0]
        window.after = [size / 2, 0]
        let means = try node.append(
            "average-pool", WindowArguments.pool(window, "average-pool", roundsUp: false, counts: true),
            [node.reshaped(squares, plane)], shape: plane, name: name + ".means")
        let sums = try node.emit(
            "affine", ["scale": .number(Double(alpha)), "shift": .number(Double(bias))],
            [node.reshaped(means, image.shape)], shape: image.shape, name: name + ".sums")
        let factors = try node.emit(
            "power", ["exponent": .number(-Double(beta))], [sums], shape: image.shape, name: name + ".factors")
        let result = try node.emit("mul", [:], [image, factors], shape: image.shape)
        return [try restored(node, result, like: x, channels: channels, sizes: sizes)]
    }
}
