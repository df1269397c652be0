extension QuantizedNetwork {
    /// As `fault`, of a product of matrices.
    func fault(_ matrix: QuantizedMatrix, _ node: QuantizedNode) -> String? {
        let leading = matrix.leading, rank = leading.axes.count
        let sizes = leading.axes + [matrix.rows, matrix.columns, matrix.depth]
        guard node.inputs.count == 2, leading.aStrides.count == rank, leading.bStrides.count == rank,
            sizes.allSatisfy({ (1...1 << 24).contains($0) }), matrix.depth <= QuantizedMatrix.mostDepth,
            sizes.dropLast().reduce(1.0, { $0 * Double($1) }) == Double(tensors[node.output].count)
        else { return "matrices of \(sizes)" }
        let a = leading.aStrides + [matrix.a.row, matrix.a.column]
        let b = leading.bStrides + [matrix.b.row, matrix.b.column]
        return fault(node.inputs[0], leading.axes + [matrix.rows, matrix.depth], a)
            ?? fault(node.inputs[1], leading.axes + [matrix.depth, matrix.columns], b)
    }

    /// That no place is behind the last value.
    private func fault(_ tensor: Int, _ axes: [Int], _ strides: [Int]) -> String? {
        let count = tensors[tensor].count
        var last = 0.0
        for (size, stride) in zip(axes, strides) {
            guard (0...count).contains(stride) else { return "strides \(strides)" }
            last += Double(size - 1) * Double(stride)
        }
        return last < Double(count) ? nil : "strides \(strides)"
    }
}

extension QuantizedNorm {
    func fault(_ inputs: Int, _ outputs: Int) -> String? {
        let sizes = [outer, count, inner, stride]
        guard sizes.allSatisfy({ (1...1 << 30).contains($0) }), count <= 1 << 16, inputs == outputs,
            Double(outer) * Double(count) * Double(inner) == Double(inputs)
        else { return "lines of \(sizes) for \(inputs) values" }
        guard !weights.isEmpty, bias.count == weights.count, epsilon >= 0, epsilon <= 1 << 60,
            bias.allSatisfy({ abs(Int($0)) <= 1 << 30 })
        else { return "unsound parameters" }
        return nil
    }
}
