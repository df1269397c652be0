import Descriptors

/// Points of several axes at once, by constant places: as windows of several sizes are taken, and masks filled part by part.
extension ImportRules {
    static let placeRules: [String: Rule] = ["GatherND": gatherND, "ScatterND": scatterND]

    /// Of the first axes at once, by constant indices: a gather of what those axes are as one.
    private static func gatherND(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), indices = try node.required(1)
        guard try node.integer("batch_dims", 0) == 0 else {
            throw Unsupported("it looks up in each sample (batch_dims)")
        }
        guard indices.isConstant, let given = try node.fixed(1) else {
            throw Unsupported("its indices come from the network's input")
        }
        let (first, lines) = try placesND(node, given, indices.shape, of: x.shape)
        let flat = FileShape([FileAxis(first.sample.reduce(1, *))] + x.shape.axes[first.rank...])
        let found = try taken(
            node, node.reshaped(x, flat), axis: 0, lines, FileShape(indices.shape.axes.dropLast()))
        return [found]
    }

    /// What stands at `indices` is replaced, of constants alone: so exporters write masks and tables that a model fills part by part.
    private static func scatterND(_ node: ImportNode) throws -> [Importer.Value] {
        let x = try node.required(0), indices = try node.required(1), updates = try node.required(2)
        guard try node.text("reduction", "none") == "none" else {
            throw Unsupported("it combines what it puts with what is there (reduction)")
        }
        guard x.isConstant, indices.isConstant, updates.isConstant, let given = try node.fixed(1) else {
            throw Unsupported("it puts values of the network's input into others")
        }
        let (first, lines) = try placesND(node, given, indices.shape, of: x.shape)
        guard updates.shape.axes == Array(indices.shape.axes.dropLast()) + x.shape.axes[first.rank...] else {
            throw node.fault("updates of \(updates.shape)", "as many as the indices say")
        }
        func put<Element>(_ block: Block<Element>, _ new: Block<Element>) -> Block<Element> {
            var block = block
            let run = x.shape.axes[first.rank...].reduce(1) { $0 * $1.size }
            for (number, line) in lines.enumerated() {
                block.values.replaceSubrange(
                    line * run..<(line + 1) * run, with: new.values[number * run..<(number + 1) * run])
            }
            return block
        }
        var result = x
        if case .wholes(let block) = x.content, case .wholes(let new) = updates.content {
            result.content = .wholes(put(block, new))
        } else if let constant = node.constant(x), let new = node.constant(updates) {
            result.content = .floats(Constant(put(constant.block, new.block)))
        } else {
            throw Unsupported("it computes with the size of the batch")
        }
        return [result]
    }

    /// The first axes, which each row of `given` names a point of, and those points in the order of the file.
    private static func placesND(
        _ node: ImportNode, _ given: [Int], _ indices: FileShape, of x: FileShape
    ) throws -> (axes: FileShape, lines: [Int]) {
        guard let count = indices.axes.last?.fixed, count >= 1, count <= x.rank, !indices.hasBatch else {
            throw node.fault("indices of \(indices)", "one to \(x.rank) numbers for each point")
        }
        let first = FileShape(Array(x.axes[..<count]))
        guard !first.hasBatch else { throw Unsupported("it mixes samples: it takes points by axis of \(x), the batch") }
        guard checkedProduct(first.sample) != nil else { throw node.fault("\(first)", "fewer points") }
        let lines = try stride(from: 0, to: given.count, by: count).map { start in
            try first.axes.indices.reduce(0) { line, axis in
                let size = first.axes[axis].size
                return try line * size + places(node, [given[start + axis]], size: size)[0]
            }
        }
        return (first, lines)
    }
}
