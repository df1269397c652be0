import Descriptors

/// What convolutions and pools have in common: windows on images.
extension ImportRules {
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
}
