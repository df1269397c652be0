import Descriptors

/// Convolutions, and convolutions turned round.
extension ImportRules {
    static let convolutionRules: [String: Rule] = ["Conv": convolution, "ConvTranspose": transposedConvolution]

    private static func convolution(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), given = try node.required(1)
        let (channels, sizes) = try image(node, x)
        guard var weight = node.constant(given) else { throw Unsupported("its weights come from the network's input") }
        guard weight.shape.count == sizes.count + 2 else {
            throw node.fault("weights \(weight.shape) for \(x.shape)", "as many axes")
        }
        guard sizes.count == 1 || sizes.count == 2 else {
            throw Unsupported("\(sizes.count) spatial axes; 1 and 2 run here")
        }
        let groups = try node.integer("group", 1), rows = weight.shape[0]
        guard groups >= 1, rows % groups == 0, channels % groups == 0, weight.shape[1] == channels / groups else {
            throw node.fault("weights \(weight.shape) in \(groups) groups for \(channels) channels", "weights that fit")
        }
        if let kernel = try node.integers("kernel_shape"), kernel != Array(weight.shape.dropFirst(2)) {
            throw node.fault("kernel_shape \(kernel) with weights \(weight.shape)", "the kernel of the weights")
        }
        let window = try Window(node, kernel: Array(weight.shape.dropFirst(2)), sizes: sizes)
        let name = node.layerName(given, weight, input: 1)
        weight = weight.reshaped([rows, weight.shape.dropFirst().reduce(1, *)])
        let result = try convolution(
            node, flatImage(node, x), sizes: sizes, window, groups: groups, weight: weight,
            bias: bias(node, 2, rows: rows),
            name: name)
        return [
            try restored(
                node, result, like: x, channels: rows, sizes: sizes.indices.map { window.outputs($0, sizes[$0]) })
        ]
    }

    /// The bias of a layer's rows, where it has one.
    static func bias(_ node: ImportNode, _ input: Int, rows: Int) throws -> Constant? {
        guard let value = try node.input(input) else { return nil }
        guard let constant = node.constant(value) else { throw Unsupported("its bias comes from the network's input") }
        guard constant.values.count == rows else { throw node.fault("\(constant.values.count) biases", "\(rows)") }
        return constant.reshaped([rows])
    }

    static func convolution(
        _ node: ImportNode, _ x: Importer.Value, sizes: [Int], _ window: Window, groups: Int, weight: Constant,
        bias: Constant?, name: String
    ) throws -> Importer.Value {
        let rows = weight.shape[0]
        let outputs = sizes.indices.map { window.outputs($0, sizes[$0]) }
        guard outputs.allSatisfy({ $0 > 0 }) else {
            throw node.fault("\(x.shape) for a kernel of \(window.kernel)", "an image no smaller")
        }
        // Padding of more than the kernel sees is zeros of its own.
        var window = window, x = x, sizes = sizes
        if sizes.indices.contains(where: {
            window.before[$0] < 0 || window.after[$0] < 0 || window.before[$0] >= window.extent($0)
                || window.after[$0] >= window.extent($0)
        }) {
            var shape = x.shape
            for axis in sizes.indices {
                sizes[axis] += window.before[axis] + window.after[axis]
                shape.axes[axis + 2] = FileAxis(sizes[axis])
            }
            x = try node.emit(
                "pad", ["pads": .integers([0] + window.before + [0] + window.after)], [x], shape: shape,
                name: name + ".padding")
            window.before = window.before.map { _ in 0 }
            window.after = window.before
        }
        let shape = FileShape([.batch, FileAxis(rows)] + outputs.map { FileAxis($0) })
        return try node.append(
            "convolution", WindowArguments.convolution(window, rows: rows, groups: groups), [x], shape: shape,
            name: name,
            weight: weight, bias: bias)
    }

    /// A convolution turned round: the image with zeros between its points, under the kernel turned round.
    private static func transposedConvolution(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), given = try node.required(1)
        let (channels, sizes) = try image(node, x)
        guard let weight = node.constant(given) else { throw Unsupported("its weights come from the network's input") }
        guard weight.shape.count == sizes.count + 2 else {
            throw node.fault("weights \(weight.shape) for \(x.shape)", "as many axes")
        }
        guard sizes.count == 1 || sizes.count == 2 else {
            throw Unsupported("\(sizes.count) spatial axes; 1 and 2 run here")
        }
        let groups = try node.integer("group", 1), each = weight.shape[1]
        guard groups >= 1, channels % groups == 0, weight.shape[0] == channels else {
            throw node.fault("weights \(weight.shape) in \(groups) groups for \(channels) channels", "weights that fit")
        }
        let kernel = Array(weight.shape.dropFirst(2)), spatial = sizes.count
        var window = try Window(node, kernel: kernel, sizes: sizes)
        var extra = try node.integers("output_padding") ?? []
        guard extra.isEmpty || extra.count == spatial && extra.allSatisfy({ (0...1 << 20).contains($0) }) else {
            throw node.fault("output_padding \(extra)", "\(spatial) numbers")
        }
        if extra.isEmpty { extra = [Int](repeating: 0, count: spatial) }
        let auto = try node.text("auto_pad", "NOTSET")
        var wanted = try node.integers("output_shape") ?? []
        if wanted.count == spatial + 2 { wanted = Array(wanted.dropFirst(2)) }
        if wanted.isEmpty, auto.hasPrefix("SAME") { wanted = sizes.indices.map { sizes[$0] * window.strides[$0] } }
        if !wanted.isEmpty {
            guard wanted.count == spatial, wanted.allSatisfy({ (1...1 << 24).contains($0) }) else {
                throw node.fault("output_shape \(wanted)", "\(spatial) sizes")
            }
            for axis in 0..<spatial {
                let all = window.strides[axis] * (sizes[axis] - 1) + extra[axis] + window.extent(axis) - wanted[axis]
                // The half that is left over goes to the end for SAME_UPPER, else to the front, as the specification has it.
                let half = Int((Double(all) / 2).rounded(.down))
                window.before[axis] = auto == "SAME_UPPER" ? half : all - half
                window.after[axis] = all - window.before[axis]
            }
        }
        // (channels, each, kernel) → (groups · each, channels of a group, kernel turned round)
        let inGroup = channels / groups, rows = groups * each
        let turned = weight.reshaped([groups, inGroup, each] + kernel)
            .transposed([0, 2, 1] + (0..<spatial).map { $0 + 3 })
            .sliced(
                [AxisSlice.all(groups), .all(each), .all(inGroup)]
                    + kernel.map { AxisSlice(start: $0 - 1, step: -1, count: $0) }
            ).reshaped([rows, inGroup * kernel.reduce(1, *)])
        let name = node.layerName(given, weight, input: 1)
        var value = try flatImage(node, x)
        var wide = sizes
        if window.strides.contains(where: { $0 > 1 }) {
            wide = sizes.indices.map { (sizes[$0] - 1) * window.strides[$0] + 1 }
            value = try node.emit(
                "spread", ["strides": .integers([1] + window.strides)], [value],
                shape: FileShape([.batch, FileAxis(channels)] + wide.map { FileAxis($0) }), name: name + ".spread")
        }
        for axis in 0..<spatial {
            window.strides[axis] = 1
            window.before[axis] = window.extent(axis) - 1 - window.before[axis]
            window.after[axis] = window.extent(axis) - 1 - window.after[axis] + extra[axis]
        }
        let result = try convolution(
            node, value, sizes: wide, window, groups: groups, weight: turned, bias: bias(node, 2, rows: rows),
            name: name)
        return [
            try restored(
                node, result, like: x, channels: rows, sizes: wide.indices.map { window.outputs($0, wide[$0]) })
        ]
    }
}
