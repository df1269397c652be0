import Descriptors

/// Convolutions and pools.
extension ImportRules {
    static let windowRules: [String: Rule] = [
        "Conv": convolution, "ConvTranspose": transposedConvolution,
        "MaxPool": { try pool($0, "max-pool") }, "AveragePool": { try pool($0, "average-pool") },
        "GlobalAveragePool": { try globalPool($0, "mean") }, "GlobalMaxPool": { try globalPool($0, "max") },
        "BatchNormalization": batchNorm,
    ]

    /// A kernel along each spatial axis.
    struct Window {
        var kernel: [Int]
        var strides: [Int]
        var dilations: [Int]
        /// Points before and behind.
        var before: [Int]
        var after: [Int]

        var rank: Int { kernel.count }
        func extent(_ axis: Int) -> Int { (kernel[axis] - 1) * dilations[axis] + 1 }

        init(_ node: ImportNode, kernel: [Int], sizes: [Int]) throws {
            let rank = kernel.count
            func list(_ name: String, _ fallback: Int, _ range: ClosedRange<Int>) throws -> [Int] {
                let values = try node.integers(name) ?? []
                guard values.isEmpty || values.count == rank, values.allSatisfy({ range.contains($0) }) else {
                    throw node.fault(
                        "\(name) \(values)", "\(rank) numbers from \(range.lowerBound) to \(range.upperBound)")
                }
                return values.isEmpty ? [Int](repeating: fallback, count: rank) : values
            }
            guard kernel.allSatisfy({ (1...1 << 20).contains($0) }) else {
                throw node.fault("kernel \(kernel)", "sizes of 1 and more")
            }
            self.kernel = kernel
            strides = try list("strides", 1, 1...1 << 20)
            dilations = try list("dilations", 1, 1...1 << 20)
            before = [Int](repeating: 0, count: rank)
            after = before
            switch try node.text("auto_pad", "NOTSET") {
            case "SAME_UPPER", "SAME_LOWER":
                let isUpper = try node.text("auto_pad", "") == "SAME_UPPER"
                for axis in 0..<rank {
                    let outputs = (sizes[axis] + strides[axis] - 1) / strides[axis]
                    let all = max(0, (outputs - 1) * strides[axis] + extent(axis) - sizes[axis])
                    before[axis] = isUpper ? all / 2 : (all + 1) / 2
                    after[axis] = all - before[axis]
                }
            case "VALID": break
            case "NOTSET", "":
                guard let pads = try node.integers("pads"), !pads.isEmpty else { break }
                guard pads.count == 2 * rank, pads.allSatisfy({ (-(1 << 20)...1 << 20).contains($0) }) else {
                    throw node.fault("pads \(pads)", "\(2 * rank) numbers")
                }
                (before, after) = (Array(pads[..<rank]), Array(pads[rank...]))
            case let other: throw node.fault("auto_pad '\(other)'", "NOTSET, SAME_UPPER, SAME_LOWER or VALID")
            }
        }

        func outputs(_ axis: Int, _ size: Int, roundsUp: Bool = false) -> Int {
            let span = size + before[axis] + after[axis] - extent(axis)
            guard span >= 0 else { return 0 }
            var count = (roundsUp ? (span + strides[axis] - 1) / strides[axis] : span / strides[axis]) + 1
            // A window that begins behind the image and its padding in front of it sees nothing.
            if roundsUp, (count - 1) * strides[axis] >= size + before[axis] { count -= 1 }
            return count
        }
    }

    /// Channels and spatial sizes, with what stands before them: the batch, or an axis of 1.
    static func image(_ node: ImportNode, _ x: Importer.Value) throws -> (channels: Int, sizes: [Int]) {
        let axes = x.shape.axes
        guard axes.count >= 2 else { throw node.fault("\(x.shape)", "a batch, channels and points") }
        guard axes[0].isBatchAlone || axes[0] == FileAxis(1) else {
            throw Unsupported("its first axis \(axes[0]) is not the batch alone")
        }
        guard !axes.dropFirst().contains(where: { $0.hasBatch }) else {
            throw Unsupported("it mixes samples: the batch of \(x.shape) is not its first axis")
        }
        return (axes[1].size, axes.dropFirst(2).map(\.size))
    }

    /// The value as channels and two spatial axes, without an axis of 1 in the batch's place.
    static func flatImage(_ node: ImportNode, _ x: Importer.Value) throws -> Importer.Value {
        var axes = x.shape.axes
        axes[0] = .batch
        return try node.reshaped(x, FileShape(axes))
    }

    /// Back under the axes that the file has.
    static func restored(
        _ node: ImportNode, _ value: Importer.Value, like x: Importer.Value, channels: Int, sizes: [Int]
    ) throws -> Importer.Value {
        try node.reshaped(value, FileShape([x.shape.axes[0], FileAxis(channels)] + sizes.map { FileAxis($0) }))
    }

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
                shape: FileShape([.batch, FileAxis(channels)] + outputs.map { FileAxis($0) }))
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
