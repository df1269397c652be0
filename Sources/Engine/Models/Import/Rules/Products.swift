import Descriptors

/// Matrix products.
extension ImportRules {
    static let productRules: [String: Rule] = ["MatMul": matrixProduct, "Gemm": gemm]

    private static func matrixProduct(_ node: ImportNode) throws -> [Importer.Value] {
        let a = try node.required(0), b = try node.required(1)
        guard a.shape.rank > 0, b.shape.rank > 0 else { throw node.fault("a single number", "a vector or a matrix") }
        if !a.isConstant, let weight = node.constant(b), b.shape.rank == 2, let last = a.shape.axes.last, !last.hasBatch
        {
            guard last.size == weight.shape[0] else {
                throw node.fault("\(a.shape) times \(b.shape)", "sizes that fit")
            }
            return [
                try linear(
                    node, a, weight.transposed([1, 0]), bias: nil, name: node.layerName(b, weight, input: 1))
            ]
        }
        return [try product(node, a, b, name: node.ownName)]
    }

    /// Rows of weights over the last axis: for one row of features a linear layer, for more of them the 1×1 convolution that it is.
    static func linear(
        _ node: ImportNode, _ x: Importer.Value, _ weight: Constant, bias: Constant?, name: String
    ) throws -> Importer.Value {
        let rows = weight.shape[0], columns = weight.shape[1]
        let shape = FileShape(x.shape.axes.dropLast() + [FileAxis(rows)])
        let sample = x.shape.sample
        if sample.reduce(1, *) == columns {
            let flat = try node.reshaped(x, FileShape([.batch, FileAxis(columns)]))
            let result = try node.append(
                "linear", ["outputs": .integer(rows)], [flat], shape: FileShape([.batch, FileAxis(rows)]), name: name,
                weight: weight, bias: bias)
            return try node.reshaped(result, shape)
        }
        let points = sample.dropLast().reduce(1, *)
        let table = try node.reshaped(x, FileShape(sizes: [points, columns]))
        let turned = try node.transposed(table, [1, 0], name: name + ".tokens")
        let result = try node.append(
            "convolution", WindowArguments.points(rows: rows), [turned], shape: FileShape(sizes: [rows, points]),
            name: name,
            weight: weight, bias: bias)
        return try node.reshaped(node.transposed(result, [1, 0], name: name + ".features"), shape)
    }

    /// Of two values, NumPy's way on the axes of a sample.
    static func product(
        _ node: ImportNode, _ a: Importer.Value, _ b: Importer.Value, name: String
    ) throws -> Importer.Value {
        // A vector is a matrix of one row, or of one column.
        let isRow = a.shape.rank == 1, isColumn = b.shape.rank == 1
        let left = isRow ? FileShape([FileAxis(1)] + a.shape.axes) : a.shape
        let right = isColumn ? FileShape(b.shape.axes + [FileAxis(1)]) : b.shape
        let inner = left.axes[left.rank - 1], rows = left.axes[left.rank - 2], columns = right.axes[right.rank - 1]
        guard !inner.hasBatch, !right.axes[right.rank - 2].hasBatch else {
            throw Unsupported("it sums over samples: \(a.shape) times \(b.shape)")
        }
        guard inner == right.axes[right.rank - 2] else {
            throw node.fault("\(a.shape) times \(b.shape)", "sizes that fit")
        }
        // The leading axes are broadcast; where rows hold the batch there may be no other matrix for each.
        func leading(_ shape: FileShape) -> Importer.Value {
            Importer.Value(
                shape: FileShape(Array(shape.axes.dropLast(2))), kind: .numbers,
                content: .floats(Constant(Block([0], []))))
        }
        var outer: [FileAxis] = []
        let ranks = max(left.rank, right.rank) - 2
        var leftAxes = [FileAxis](repeating: FileAxis(1), count: ranks + 2 - left.rank) + left.axes
        var rightAxes = [FileAxis](repeating: FileAxis(1), count: ranks + 2 - right.rank) + right.axes
        for axis in 0..<ranks {
            let (own, other) = (leftAxes[axis], rightAxes[axis])
            guard own == other || own == FileAxis(1) || other == FileAxis(1) else {
                throw node.fault("\(a.shape) times \(b.shape)", "sizes that can be broadcast")
            }
            let axisTogether = own == FileAxis(1) ? other : own
            outer.append(axisTogether)
            if axisTogether.isBatchAlone {
                leftAxes[axis] = .batch
                rightAxes[axis] = .batch
            }
        }
        let all = outer + [rows, columns]
        guard all.count(where: \.hasBatch) <= 1 else { throw Unsupported("it multiplies samples with other samples") }
        let shape = FileShape(outer + (isRow ? [] : [rows]) + (isColumn ? [] : [columns]))
        // Where rows or columns are the batch, a sample has one of them.
        func matrix(_ value: Importer.Value, _ axes: [FileAxis]) throws -> Importer.Value {
            let leading = axes.dropLast(2).filter { !$0.isBatchAlone }.map(\.size)
            let sizes = leading + axes.suffix(2).map(\.size)
            return try node.reshaped(value, FileShape(sizes: sizes))
        }
        let result = FileShape(sizes: outer.filter { !$0.isBatchAlone }.map(\.size) + [rows.size, columns.size])
        let value = try node.emit(
            "matmul", [:], [matrix(a, leftAxes), matrix(b, rightAxes)], shape: result, name: name)
        return try node.reshaped(value, shape)
    }

    private static func gemm(_ node: ImportNode) throws -> [Importer.Value] {
        var a = try node.required(0), b = try node.required(1)
        guard a.shape.rank == 2, b.shape.rank == 2 else {
            throw node.fault("\(a.shape) times \(b.shape)", "two matrices")
        }
        let alpha = try node.float("alpha", 1), beta = try node.float("beta", 1)
        if try node.integer("transA", 0) != 0 { a = try node.transposed(a, [1, 0]) }
        let isTransposed = try node.integer("transB", 0) != 0
        let c = try node.input(2)
        if !a.isConstant, let given = node.constant(b), !a.shape.axes[1].hasBatch {
            var weight = isTransposed ? given : given.transposed([1, 0])
            guard weight.shape[1] == a.shape.axes[1].size else {
                throw node.fault("\(a.shape) times \(b.shape)", "sizes that fit")
            }
            weight = weight.scaled(alpha)
            let rows = weight.shape[0]
            // A bias for each row; anything else is added behind.
            var bias = node.constant(c).map { $0.scaled(beta) }
            if let own = bias, own.values.count == 1, rows > 1 {
                bias = Constant(own.block.reshaped([1]).expanded([rows]))
            }
            let isBias =
                bias.map { $0.values.count == rows && ($0.shape.last == rows || c!.shape.rank == 0 || rows == 1) }
                ?? true
            let name = node.layerName(b, given, input: 1)
            let result = try linear(
                node, a, weight, bias: isBias ? bias?.reshaped([rows]) : nil, name: name)
            if let c, c.isConstant ? !isBias : true { return [try added(node, result, c, beta)] }
            return [result]
        }
        if isTransposed { b = try node.transposed(b, [1, 0]) }
        var result = try product(node, a, b, name: node.ownName + (c == nil && alpha == 1 ? "" : ".product"))
        if alpha != 1 {
            result = try node.emit(
                "affine", ["scale": .number(Double(alpha)), "shift": .number(0)], [result], shape: result.shape,
                name: node.ownName + ".alpha")
        }
        return [try c.map { try added(node, result, $0, beta) } ?? result]
    }

    private static func added(
        _ node: ImportNode, _ result: Importer.Value, _ c: Importer.Value, _ beta: Float
    ) throws -> Importer.Value {
        if beta == 0 { return result }
        var term = c
        if beta != 1 {
            term = try node.emit(
                "affine", ["scale": .number(Double(beta)), "shift": .number(0)], [c], shape: c.shape,
                name: node.ownName + ".beta")
        }
        let (shape, aligned) = try broadcast(node, [result, term])
        guard shape.sample == result.shape.sample else {
            throw node.fault("\(c.shape) added to \(result.shape)", "no more axes")
        }
        return try node.emit("add", [:], aligned, shape: result.shape, name: node.ownName + ".sum")
    }
}
