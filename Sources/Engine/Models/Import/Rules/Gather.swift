import Descriptors

/// Chosen points of an axis, and rows of a table by numbers that come from the input.
extension ImportRules {
    static let gatherRules: [String: Rule] = ["Gather": gather]

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
            kind: x.kind, name: node.layerName(x, table, input: 0), weight: table)
        return try node.reshaped(found, FileShape(indices.shape.axes + rest))
    }
}
