import Descriptors

/// Images of another size.
extension ImportRules {
    static let resizeRules: [String: Rule] = [
        "Resize": resize, "Upsample": upsample, "DepthToSpace": depthToSpace, "SpaceToDepth": spaceToDepth,
    ]

    private static func upsample(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let scales: [Float]
        if let constant = node.constant(try node.input(1)) {
            scales = constant.values
        } else if case .floats(let given)? = node.node.attributes["scales"] {
            scales = given
        } else {
            throw Unsupported("its scales are no constants")
        }
        return [
            try resize(
                node, x, sizes: nil, scales: scales, mode: node.text("mode", "nearest"), coordinates: "asymmetric",
                nearest: "floor")
        ]
    }

    private static func resize(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let isOld = node.opset < 11
        let coordinates = isOld ? "asymmetric" : try node.text("coordinate_transformation_mode", "half_pixel")
        let nearest = isOld ? "floor" : try node.text("nearest_mode", "round_prefer_floor")
        let mode = try node.text("mode", "nearest")
        var scales: [Float]?
        if let constant = node.constant(try node.input(isOld ? 1 : 2)), !constant.values.isEmpty {
            scales = constant.values
        }
        var sizes: [Whole]?
        if scales == nil, let given = try node.wholes(3), !given.isEmpty { sizes = given }
        guard scales != nil || sizes != nil else { throw Unsupported("its scales are no constants") }
        guard try node.integer("antialias", 0) == 0 else {
            throw Unsupported("it smooths what it makes smaller (antialias)")
        }
        let policy = try node.text("keep_aspect_ratio_policy", "stretch")
        if policy != "stretch", let given = sizes {
            sizes = try proportioned(node, x, given, isLarger: policy == "not_smaller")
        }
        if let axes = try node.integers("axes") {
            var all = x.shape.wholes, factors = [Float](repeating: 1, count: x.shape.rank)
            for (number, axis) in axes.enumerated() {
                let axis = try node.axis(axis, rank: x.shape.rank)
                if let sizes, number < sizes.count { all[axis] = sizes[number] }
                if let scales, number < scales.count { factors[axis] = scales[number] }
            }
            if sizes != nil { sizes = all }
            if scales != nil { scales = factors }
        }
        return [
            try resize(
                node, x, sizes: sizes, scales: scales, mode: mode, coordinates: coordinates, nearest: nearest)
        ]
    }

    /// Sizes with the proportions of the input: the largest that are no larger than given, or the smallest that are no smaller.
    private static func proportioned(
        _ node: ImportNode, _ x: Importer.Value, _ sizes: [Whole], isLarger: Bool
    ) throws -> [Whole] {
        let axes = try (try node.integers("axes") ?? Array(x.shape.axes.indices)).map {
            try node.axis($0, rank: x.shape.rank)
        }
        guard sizes.count == axes.count else { throw node.fault("\(sizes.count) sizes", "\(axes.count)") }
        let inputs = axes.map { x.shape.axes[$0] }
        let scales = zip(sizes, inputs).compactMap { size, axis -> Double? in
            guard let size = size.fixed, !axis.hasBatch, axis.size > 0 else { return nil }
            return Double(size) / Double(axis.size)
        }
        guard let scale = isLarger ? scales.max() : scales.min() else { return sizes }
        return zip(sizes, inputs).map { size, axis in
            let length = (Double(axis.size) * scale).rounded()
            return axis.hasBatch || !(length < 1e9) ? size : Whole(Int(length))
        }
    }

    private static func resize(
        _ node: ImportNode, _ x: Importer.Value, sizes: [Whole]?, scales: [Float]?, mode: String, coordinates: String,
        nearest: String
    ) throws -> Importer.Value {
        guard (sizes?.count ?? scales!.count) == x.shape.rank else {
            throw node.fault("\(sizes?.count ?? scales!.count) sizes for \(x.shape)", "one for each axis")
        }
        var shape = x.shape, ownScales: [Double] = [], changed: [Int] = []
        for axis in 0..<x.shape.rank {
            let own = x.shape.axes[axis]
            if own.hasBatch {
                let stays = sizes.map {
                    $0[axis] == own.whole || $0[axis].fixed == node.importer.fixedBatch.map { $0 * own.size }
                }
                guard stays ?? (scales![axis] == 1) else { throw Unsupported("it makes another number of samples") }
                if !own.isBatchAlone { ownScales.append(1) }
                continue
            }
            let size: Int
            if let sizes {
                guard let fixed = sizes[axis].fixed, fixed >= 1, fixed < 1 << 30 else {
                    throw Unsupported("it makes \(sizes[axis]) points on axis \(axis)")
                }
                size = fixed
                ownScales.append(Double(size) / Double(own.size))
            } else {
                let scaled = (Float(own.size) * scales![axis]).rounded(.down)
                guard scaled >= 1, scaled < Float(1 << 30) else {
                    throw node.fault("scale \(scales![axis])", "one point or more")
                }
                size = Int(scaled)
                ownScales.append(Double(scales![axis]))
            }
            if size != own.size || ownScales.last != 1 { changed.append(ownScales.count - 1) }
            shape.axes[axis] = FileAxis(size)
        }
        if changed.isEmpty { return x }
        let known = ["half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric"]
        guard known.contains(coordinates) else { throw Unsupported("coordinates by \(coordinates)") }
        func dashed(_ word: String) -> String { word.replacing("_", with: "-") }
        switch mode {
        case "nearest", "linear", "cubic":
            var arguments: [String: Descriptors.Value] = [
                "sizes": .integers(shape.sample), "mode": .text(mode), "coordinates": .text(dashed(coordinates)),
                "nearest": .text(dashed(nearest)),
            ]
            if mode == "cubic" {
                arguments["cubic-a"] = .number(Double(try node.float("cubic_coeff_a", -0.75)))
                arguments["exclude-outside"] = .boolean(try node.integer("exclude_outside", 0) != 0)
            }
            // With the scales that the file says, which sizes rounded down do not.
            if sizes == nil { arguments["scales"] = .numbers(ownScales) }
            return try node.emit("resize", arguments, [x], shape: shape)
        default: throw Unsupported("mode \(mode)")
        }
    }

    private static func depthToSpace(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), block = try node.integer("blocksize", 1)
        let axes = x.shape.axes
        guard axes.count == 4, !axes.dropFirst().contains(where: { $0.hasBatch }), block > 0, block < 1 << 15,
            axes[1].size % (block * block) == 0
        else { throw node.fault("\(x.shape) by blocks of \(block)", "channels in blocks") }
        let channels = axes[1].size / block / block, b = FileAxis(block)
        let isColumnFirst = try node.text("mode", "DCR") == "CRD"
        let split =
            isColumnFirst
            ? [axes[0], FileAxis(channels), b, b, axes[2], axes[3]]
            : [axes[0], b, b, FileAxis(channels), axes[2], axes[3]]
        let parted = try node.reshaped(x, FileShape(split))
        let moved = try node.transposed(parted, isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2])
        return [
            try node.reshaped(
                moved,
                FileShape([axes[0], FileAxis(channels), FileAxis(axes[2].size * block), FileAxis(axes[3].size * block)])
            )
        ]
    }

    private static func spaceToDepth(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), block = try node.integer("blocksize", 1)
        let axes = x.shape.axes
        guard axes.count == 4, !axes.dropFirst().contains(where: { $0.hasBatch }), block > 0, block < 1 << 15,
            axes[2].size % block == 0, axes[3].size % block == 0
        else { throw node.fault("\(x.shape) by blocks of \(block)", "whole blocks") }
        let rows = FileAxis(axes[2].size / block), columns = FileAxis(axes[3].size / block), b = FileAxis(block)
        let parted = try node.reshaped(x, FileShape([axes[0], axes[1], rows, b, columns, b]))
        let moved = try node.transposed(parted, [0, 3, 5, 1, 2, 4])
        return [try node.reshaped(moved, FileShape([axes[0], FileAxis(axes[1].size * block * block), rows, columns]))]
    }
}
