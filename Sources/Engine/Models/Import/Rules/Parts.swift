import Descriptors

/// A part of a value, and parts side by side.
extension ImportRules {
    static let partRules: [String: Rule] = ["Slice": slice, "Split": split, "Concat": concat]

    /// An end that no batch reaches: exporters write the largest number of 32 bits, or a round one that is large enough.
    private static let everySample = 1 << 29

    private static func slice(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let starts = try node.wholes(1, orAttribute: "starts"),
            let ends = try node.wholes(2, orAttribute: "ends"),
            starts.count == ends.count
        else { throw node.fault("no starts and ends", "as many of one as of the other") }
        let axes = try node.fixed(3, orAttribute: "axes") ?? Array(starts.indices)
        let steps = try node.fixed(4) ?? [Int](repeating: 1, count: starts.count)
        guard axes.count == starts.count, steps.count == starts.count else {
            throw node.fault("\(axes.count) axes and \(steps.count) steps for \(starts.count) starts", "as many")
        }
        var shape = x.shape
        var slices = x.shape.sample.map { AxisSlice.all($0) }
        for (number, given) in axes.enumerated() {
            let axis = try node.axis(given, rank: x.shape.rank), own = x.shape.axes[axis]
            if own.hasBatch {
                let isWhole =
                    starts[number] == Whole(0) && steps[number] == 1
                    && (ends[number] == own.whole
                        || ends[number].batch == 0 && ends[number].constant >= Self.everySample)
                guard isWhole else { throw Unsupported("it takes some samples of a batch and leaves others") }
                continue
            }
            // "To the batch's size" of an axis without it says nothing that is known before.
            guard let start = starts[number].fixed, let end = ends[number].fixed else {
                throw Unsupported("its bounds depend on the size of the batch")
            }
            let slice = try self.slice(node, size: own.size, start: start, end: end, step: steps[number])
            shape.axes[axis] = FileAxis(slice.count)
            slices[x.shape.sampleAxis(axis)!] = slice
        }
        return [try node.sliced(x, slices, shape: shape)]
    }

    /// Clamped as ONNX says.
    private static func slice(_ node: ImportNode, size: Int, start: Int, end: Int, step: Int) throws -> AxisSlice {
        guard step != 0, step != .min else { throw node.fault("step \(step)", "another step") }
        func at(_ place: Int, _ range: ClosedRange<Int>) -> Int {
            min(max(place < 0 ? max(place, -size - 1) + size : place, range.lowerBound), range.upperBound)
        }
        if size == 0 { return AxisSlice(start: 0, step: 1, count: 0) }
        let first = step > 0 ? at(start, 0...size) : at(start, 0...size - 1)
        let last = step > 0 ? at(end, 0...size) : at(end, -1...size - 1)
        let span = step > 0 ? last - first : first - last
        let stride = abs(step)
        return AxisSlice(start: first, step: step, count: span <= 0 ? 0 : (span - 1) / stride + 1)
    }

    private static func split(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), parts = node.node.outputs.count
        let axis = try node.axis(node.integer("axis", 0), rank: x.shape.rank)
        let own = try node.sampleAxis(axis, of: x.shape)
        let size = x.shape.axes[axis].size
        var sizes: [Int]
        if let given = try node.fixed(1, orAttribute: "split") {
            sizes = given
        } else {
            let each = (size + parts - 1) / max(1, parts)
            sizes = (0..<parts).map { max(0, min(each, size - $0 * each)) }
        }
        guard sizes.allSatisfy({ $0 >= 0 }), checkedProduct(sizes.map { max(1, $0) }) != nil || sizes.count < 1000,
            sizes.count >= parts, sizes.reduce(0, { $0 &+ $1 }) == size
        else {
            throw node.fault("parts \(sizes.prefix(8)) of \(size) points", "\(parts) parts that are \(size) together")
        }
        var start = 0
        return try sizes.prefix(parts).enumerated().map { number, count in
            var shape = x.shape, slices = x.shape.sample.map { AxisSlice.all($0) }
            shape.axes[axis] = FileAxis(count)
            slices[own] = AxisSlice(start: start, step: 1, count: count)
            start += count
            return try node.sliced(x, slices, shape: shape)
        }
    }

    private static func concat(_ node: ImportNode) throws -> [Importer.Value] {
        var inputs = try node.node.inputs.indices.map { try node.required($0) }
        guard let rank = inputs.map(\.shape.rank).max(), rank > 0 else { throw node.fault("a single number", "axes") }
        let axis = try node.axis(node.integer("axis", node.opset < 4 ? 1 : 0), rank: rank)
        guard inputs.allSatisfy({ $0.shape.rank == rank }) else {
            throw node.fault("inputs of several ranks", "one rank")
        }
        // Of a value without the batch every sample has a copy.
        for other in 0..<rank where other != axis {
            guard let batch = inputs.map(\.shape.axes[other]).first(where: { $0.hasBatch }) else { continue }
            for number in inputs.indices where batch.isBatchAlone && inputs[number].shape.axes[other] == FileAxis(1) {
                var shape = inputs[number].shape
                shape.axes[other] = .batch
                inputs[number] = try node.reshaped(inputs[number], shape)
            }
        }
        var shape = inputs[0].shape
        for input in inputs {
            guard !input.shape.axes[axis].hasBatch else {
                throw Unsupported("it puts samples of several batches together")
            }
            for other in 0..<rank where other != axis && input.shape.axes[other] != shape.axes[other] {
                throw node.fault("\(input.shape) beside \(shape)", "the same axes but for axis \(axis)")
            }
        }
        let size = inputs.reduce(0) { $0 + $1.shape.axes[axis].size }
        shape.axes[axis] = FileAxis(size)
        let own = shape.sampleAxis(axis)!
        let wholes = inputs.compactMap { value -> Block<Whole>? in
            if case .wholes(let block) = value.content { return block }
            return nil
        }
        if wholes.count == inputs.count {
            let block = Block.concatenated(wholes, axis: own)
            return [Importer.Value(shape: shape, kind: inputs[0].kind, content: .wholes(block))]
        }
        // Empty parts add nothing, and no graph holds them.
        inputs.removeAll { $0.shape.axes[axis].size == 0 }
        if inputs.count == 1 { return [inputs[0]] }
        var parts = inputs, round = 0
        while true {
            // Many inputs are put together in groups.
            let groups = stride(from: 0, to: parts.count, by: 64).map { Array(parts[$0..<min(parts.count, $0 + 64)]) }
            let isLast = groups.count == 1
            parts = try groups.enumerated().map { number, group in
                if group.count == 1 { return group[0] }
                var own = shape
                own.axes[axis] = FileAxis(group.reduce(0) { $0 + $1.shape.axes[axis].size })
                return try node.emit(
                    "concat", ["axis": .integer(shape.sampleAxis(axis)!)], group, shape: own, kind: inputs[0].kind,
                    name: isLast ? node.ownName : "\(node.ownName).\(round).\(number)")
            }
            if isLast { return parts }
            round += 1
        }
    }
}
