import Descriptors

/// Chosen points of an axis, and rows of a table by numbers that come from the input.
extension ImportRules {
    static let gatherRules: [String: Rule] = ["Gather": gather]

    private static func gather(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), indices = try node.required(1)
        let axis = try node.axis(node.integer("axis", 0), rank: x.shape.rank)
        guard indices.isConstant else { return [try embedding(node, x, axis: axis, indices)] }
        if let own = try ownPoints(node, x, axis: axis, indices) { return [own] }
        guard let given = try node.fixed(1) else { throw node.fault("no indices", "some") }
        if x.shape.axes[axis].hasBatch {
            // The one sample of a batch that is written out as 1 is every sample.
            guard x.shape.axes[axis].isBatchAlone, node.importer.fixedBatch == 1, given == [0], axis == 0 else {
                throw Unsupported("it takes some samples of a batch and leaves others")
            }
            guard indices.shape.rank == 0 else { return [x] }
            throw Unsupported("it takes the batch away")
        }
        return [try taken(node, x, axis: axis, places(node, given, size: x.shape.axes[axis].size), indices.shape)]
    }

    static func places(_ node: ImportNode, _ given: [Int], size: Int) throws -> [Int] {
        try given.map { place in
            guard place >= -size, place < size else { throw node.fault("index \(place)", "one of \(size) points") }
            return place < 0 ? place + size : place
        }
    }

    /// Points of an axis without the batch, which stand in the axes of `indices` afterwards.
    static func taken(
        _ node: ImportNode, _ x: Importer.Value, axis: Int, _ places: [Int], _ indices: FileShape
    ) throws -> Importer.Value {
        let own = x.shape.sampleAxis(axis)!
        let shape = FileShape(Array(x.shape.axes[..<axis]) + indices.axes + x.shape.axes[(axis + 1)...])
        try checkFolded(x.isConstant ? shape : FileShape([]))
        if case .wholes(let block) = x.content {
            let block = block.gathered(axis: own, places, shape: indices.sample)
            return Importer.Value(shape: shape, kind: x.kind, content: .wholes(block))
        }
        // One point, or points side by side, are a slice.
        if places.count > 0, zip(places, places.dropFirst()).allSatisfy({ $1 == $0 + 1 }) {
            var line = x.shape, slices = x.shape.sample.map { AxisSlice.all($0) }
            line.axes[axis] = FileAxis(places.count)
            slices[own] = AxisSlice(start: places[0], step: 1, count: places.count)
            return try node.reshaped(node.sliced(x, slices, shape: line), shape)
        }
        guard !places.isEmpty else { throw Unsupported("it takes no points: its output is empty") }
        var line = x.shape
        line.axes[axis] = FileAxis(places.count)
        let arguments: [String: Descriptors.Value] = ["indices": .integers(places), "axis": .integer(own)]
        // A table whose rows are read more than once, as a bias of relative positions is, is trained: folded, each of its copies
        // would be a constant of its own.
        let isTable = x.shape.rank == 2 && axis == 0 && Set(places).count < places.count
        let isTrained = node.constant(x)?.isParameter == true && isTable
        let found =
            isTrained
            ? try node.append("gather", arguments, [x], shape: line, kind: x.kind)
            : try node.emit("gather", arguments, [x], shape: line, kind: x.kind)
        return try node.reshaped(found, shape)
    }

    /// Points of each sample's own, out of an axis that all samples lie in one behind another: `n · size + constant`, where n is the
    /// sample's number, as exporters write strides. Nil where the indices are others.
    private static func ownPoints(
        _ node: ImportNode, _ x: Importer.Value, axis: Int, _ indices: Importer.Value
    ) throws -> Importer.Value? {
        let line = x.shape.axes[axis]
        guard line.hasBatch, line.before == 1, line.size > 1, case .wholes(let block) = indices.content else {
            return nil
        }
        var shape = indices.shape
        if !shape.hasBatch, node.importer.fixedBatch == 1, shape.axes.first == FileAxis(1) {
            // Of the one sample that the file has written out.
            shape.axes[0] = .batch
            guard block.values.allSatisfy({ $0.fixed != nil }) else { return nil }
        } else {
            guard shape.hasBatch, shape.batchAxis.map({ shape.axes[$0].isBatchAlone }) == true,
                block.values.allSatisfy({ $0.sample == line.size && $0.batch == 0 })
            else { return nil }
        }
        var own = x
        own.shape.axes[axis] = FileAxis(line.size)
        let given = try places(node, block.values.map(\.constant), size: line.size)
        return try taken(node, own, axis: axis, given, shape)
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
            kind: x.kind, name: node.layerName(x, table, input: 0), weight: table)
        return try node.reshaped(found, FileShape(indices.shape.axes + rest))
    }
}
