/// The same values under other axes.
extension ImportRules {
    static let axisRules: [String: Rule] = [
        "Reshape": reshape, "Flatten": flatten, "Transpose": transpose, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
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
}
