import Descriptors

/// A value again and again, and more points around it.
extension ImportRules {
    static let repeatRules: [String: Rule] = ["Expand": expand, "Tile": tile, "Pad": pad]

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
}
