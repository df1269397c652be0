import Descriptors

/// Operators that only move values.
extension ImportRules {
    static let moveRules: [String: Rule] = [
        "Reshape": reshape, "Flatten": flatten, "Transpose": transpose, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
        "Slice": slice, "Split": split, "Concat": concat, "Expand": expand, "Gather": gather, "Pad": pad, "Tile": tile,
        "Resize": resize, "Upsample": upsample, "DepthToSpace": depthToSpace, "SpaceToDepth": spaceToDepth,
    ]

    static func reshape(_ node: ImportNode, _ x: Importer.Value, _ target: [Whole]) throws -> Importer.Value {
        guard let shape = x.shape.reshaped(target, fixedBatch: node.importer.fixedBatch) else {
            if x.shape.hasBatch, !target.contains(where: { $0.batch != 0 }) {
                throw Unsupported("its shape \(target) leaves no place for the batch of \(x.shape)")
            }
            throw node.fault("\(x.shape) as \(target)", "a shape of as many values")
        }
        return try node.reshaped(x, shape)
    }

    private static func reshape(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard var target = try node.wholes(1, orAttribute: "shape") else { throw node.fault("no shape", "one") }
        if try node.integer("allowzero", 0) == 0 {
            for (axis, size) in target.enumerated() where size == Whole(0) {
                guard axis < x.shape.rank else {
                    throw node.fault("a 0 on axis \(axis)", "an axis that \(x.shape) has")
                }
                target[axis] = x.shape.axes[axis].whole
            }
        }
        // Sizes that were copied say where the batch goes even where they hold it with others.
        return [try reshape(node, x, target)]
    }

    private static func flatten(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let rank = x.shape.rank, given = try node.integer("axis", 1)
        guard given >= -rank, given <= rank else { throw node.fault("axis \(given)", "one of \(rank) axes") }
        let axis = given < 0 ? given + rank : given
        func whole(_ axes: ArraySlice<FileAxis>) -> Whole {
            let size = axes.reduce(1) { $0 * $1.size }
            return axes.contains { $0.hasBatch } ? Whole(0, batch: size) : Whole(size)
        }
        return [try reshape(node, x, [whole(x.shape.axes[..<axis]), whole(x.shape.axes[axis...])])]
    }

    private static func transpose(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let order = try node.integers("perm") ?? Array((0..<x.shape.rank).reversed())
        guard order.sorted() == Array(0..<x.shape.rank) else {
            throw node.fault("perm \(order)", "all \(x.shape.rank) axes")
        }
        return [try node.transposed(x, order)]
    }

    private static func squeeze(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        let rank = x.shape.rank
        let axes: Set<Int>
        if let given = try node.fixed(1, orAttribute: "axes") {
            axes = Set(try given.map { try node.axis($0, rank: rank) })
        } else {
            axes = Set((0..<rank).filter { x.shape.axes[$0] == FileAxis(1) })
        }
        let isOne = { (axis: Int) in
            x.shape.axes[axis] == FileAxis(1) || x.shape.axes[axis].isBatchAlone && node.importer.fixedBatch == 1
        }
        guard axes.allSatisfy(isOne) else { throw node.fault("axes \(axes.sorted()) of \(x.shape)", "axes of size 1") }
        let target = (0..<rank).filter { !axes.contains($0) }.map { x.shape.axes[$0].whole }
        return [try reshape(node, x, target)]
    }

    private static func unsqueeze(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let given = try node.fixed(1, orAttribute: "axes") else { throw node.fault("no axes", "some") }
        let rank = x.shape.rank + given.count
        let axes = Set(try given.map { try node.axis($0, rank: rank) })
        guard axes.count == given.count else { throw node.fault("axes \(given)", "each axis once") }
        var rest = x.shape.axes[...]
        let shape = FileShape((0..<rank).map { axes.contains($0) ? FileAxis(1) : rest.removeFirst() })
        return [try node.reshaped(x, shape)]
    }

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

    private static func expand(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let sizes = try node.wholes(1) else { throw node.fault("no shape", "one") }
        // Beside a value of that shape, without making one.
        let like = Importer.Value(
            shape: try shape(node, sizes), kind: .numbers, content: .floats(Constant(Block([0], []))))
        var target: [FileAxis] = []
        let rank = max(x.shape.rank, like.shape.rank)
        for back in (0..<rank).reversed() {
            let own = back < x.shape.rank ? x.shape.axes[x.shape.rank - 1 - back] : FileAxis(1)
            let other = back < like.shape.rank ? like.shape.axes[like.shape.rank - 1 - back] : FileAxis(1)
            if own == other || other == FileAxis(1) {
                target.append(own)
            } else if own == FileAxis(1) {
                target.append(other)
            } else if own.hasBatch,
                other.whole == own.whole || node.importer.fixedBatch.map({ other.fixed == $0 * own.size }) ?? false
            {
                target.append(own)
            } else {
                throw node.fault("\(x.shape) as \(sizes)", "a shape that it can be repeated to")
            }
        }
        let shape = FileShape(target)
        guard shape.axes.count(where: \.hasBatch) <= 1 else { throw Unsupported("it repeats samples for every sample") }
        var aligned = x.shape
        let shift = shape.rank - aligned.rank
        for axis in aligned.axes.indices
        where shape.axes[axis + shift].isBatchAlone && aligned.axes[axis] == FileAxis(1) {
            aligned.axes[axis] = .batch
        }
        let value = try node.reshaped(x, aligned)
        if value.shape.sample == shape.sample {
            return [Importer.Value(shape: shape, kind: x.kind, content: value.content)]
        }
        try checkFolded(x.isConstant ? shape : FileShape([]))
        if case .wholes(let block) = value.content {
            return [Importer.Value(shape: shape, kind: x.kind, content: .wholes(block.expanded(shape.sample)))]
        }
        return [try node.emit("expand", ["shape": .integers(shape.sample)], [value], shape: shape, kind: x.kind)]
    }

    private static func gather(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), indices = try node.required(1)
        let axis = try node.axis(node.integer("axis", 0), rank: x.shape.rank)
        let size = x.shape.axes[axis].size
        guard indices.isConstant else { return [try embedding(node, x, axis: axis, indices)] }
        guard let given = try node.fixed(1) else { throw node.fault("no indices", "some") }
        if x.shape.axes[axis].hasBatch {
            // The one sample of a batch that is written out as 1 is every sample.
            guard x.shape.axes[axis].isBatchAlone, node.importer.fixedBatch == 1, given == [0], axis == 0 else {
                throw Unsupported("it takes some samples of a batch and leaves others")
            }
            guard indices.shape.rank == 0 else { return [x] }
            throw Unsupported("it takes the batch away")
        }
        let own = x.shape.sampleAxis(axis)!
        let places = try given.map { place in
            guard place >= -size, place < size else { throw node.fault("index \(place)", "one of \(size) points") }
            return place < 0 ? place + size : place
        }
        let shape = FileShape(Array(x.shape.axes[..<axis]) + indices.shape.axes + x.shape.axes[(axis + 1)...])
        try checkFolded(x.isConstant ? shape : FileShape([]))
        if case .wholes(let block) = x.content {
            let block = block.gathered(axis: own, places, shape: indices.shape.sample)
            return [Importer.Value(shape: shape, kind: x.kind, content: .wholes(block))]
        }
        // One point, or points side by side, are a slice.
        if places.count > 0, zip(places, places.dropFirst()).allSatisfy({ $1 == $0 + 1 }) {
            var line = x.shape, slices = x.shape.sample.map { AxisSlice.all($0) }
            line.axes[axis] = FileAxis(places.count)
            slices[own] = AxisSlice(start: places[0], step: 1, count: places.count)
            return [try node.reshaped(node.sliced(x, slices, shape: line), shape)]
        }
        guard !places.isEmpty else { throw Unsupported("it takes no points: its output is empty") }
        var line = x.shape
        line.axes[axis] = FileAxis(places.count)
        let taken = try node.emit(
            "gather", ["indices": .integers(places), "axis": .integer(own)], [x], shape: line, kind: x.kind)
        return [try node.reshaped(taken, shape)]
    }

    /// Rows of a table by numbers that come from the input.
    private static func embedding(
        _ node: ImportNode, _ x: Importer.Value, axis: Int, _ indices: Importer.Value
    ) throws -> Importer.Value {
        guard var table = node.constant(x) else {
            throw Unsupported("both its data and its indices come from the input")
        }
        guard axis == 0, x.shape.rank >= 1 else {
            throw Unsupported("it looks numbers of the input up on axis \(axis), not 0")
        }
        let rest = Array(x.shape.axes.dropFirst()), features = rest.reduce(1) { $0 * $1.size }
        let rows = x.shape.axes[0].size
        guard rows > 0, features > 0 else { throw node.fault("a table of \(x.shape)", "rows and columns") }
        table = table.reshaped([rows, features])
        let inner = FileShape(indices.shape.axes + [FileAxis(features)])
        let found = try node.append(
            "embedding", ["vocabulary": .integer(rows), "features": .integer(features)], [indices], shape: inner,
            name: node.layerName(x, table, input: 0), weight: table)
        return try node.reshaped(found, FileShape(indices.shape.axes + rest))
    }

    private static func pad(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let given = try node.fixed(1, orAttribute: "pads") else {
            throw node.fault("no pads", "two for each axis")
        }
        let axes = try node.fixed(3)?.map { try node.axis($0, rank: x.shape.rank) } ?? Array(0..<x.shape.rank)
        guard given.count == 2 * axes.count else { throw node.fault("\(given.count) pads", "\(2 * axes.count)") }
        var value = try node.float("value", 0)
        if let given = try node.input(2) {
            guard let constant = node.constant(given), let number = constant.uniform, number.isFinite else {
                throw Unsupported("what it pads with is no constant number")
            }
            value = number
        }
        let mode = try node.text("mode", "constant")
        guard ["constant", "reflect", "edge", "wrap"].contains(mode) else {
            throw node.fault("mode '\(mode)'", "a known one")
        }
        let rank = x.shape.sample.count
        var pads = [Int](repeating: 0, count: 2 * rank), shape = x.shape
        for (number, axis) in axes.enumerated() {
            let before = given[number], after = given[number + axes.count]
            if before == 0, after == 0 { continue }
            let own = try node.sampleAxis(axis, of: x.shape)
            guard [before, after].allSatisfy({ (-(1 << 30)...1 << 30).contains($0) }),
                shape.axes[axis].size + before + after > 0
            else {
                throw node.fault("pads \(before), \(after) of \(shape.axes[axis].size) points", "some points left")
            }
            (pads[own], pads[own + rank]) = (before, after)
            shape.axes[axis] = FileAxis(shape.axes[axis].size + before + after)
        }
        if pads.allSatisfy({ $0 == 0 }) { return [x] }
        return [
            try node.emit(
                "pad", ["pads": .integers(pads), "mode": .text(mode), "value": .number(Double(value))], [x],
                shape: shape, kind: x.kind)
        ]
    }

    private static func tile(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0)
        guard let repeats = try node.wholes(1), repeats.count == x.shape.rank else {
            throw node.fault("no repeats", "one for each axis")
        }
        var shape = x.shape, own: [Int] = [], aligned = x.shape
        for (axis, times) in repeats.enumerated() {
            if times.batch == 1, times.constant == 0, x.shape.axes[axis] == FileAxis(1) {
                shape.axes[axis] = .batch
                aligned.axes[axis] = .batch
                continue
            }
            guard let times = times.fixed, times > 0, times < 1 << 30 else {
                throw Unsupported("it repeats \(repeats[axis]) times")
            }
            if x.shape.axes[axis].hasBatch, times != 1 { throw Unsupported("it repeats samples") }
            if let number = x.shape.sampleAxis(axis) {
                _ = number
                own.append(times)
            }
            if times != 1 { shape.axes[axis] = FileAxis(x.shape.axes[axis].size * times) }
        }
        if own.allSatisfy({ $0 == 1 }) { return [try node.reshaped(x, shape)] }
        let value = try node.reshaped(x, aligned)
        guard own.count == value.shape.sample.count else {
            throw Unsupported("it repeats for the batch and on other axes")
        }
        try checkFolded(x.isConstant ? shape : FileShape([]))
        if case .wholes(let block) = value.content {
            let axes = own.indices
            let all = axes.reduce(block) { block, axis in
                Block.concatenated([Block<Whole>](repeating: block, count: own[axis]), axis: axis)
            }
            return [Importer.Value(shape: shape, kind: x.kind, content: .wholes(all))]
        }
        return [try node.emit("tile", ["repeats": .integers(own)], [value], shape: shape, kind: x.kind)]
    }
}
