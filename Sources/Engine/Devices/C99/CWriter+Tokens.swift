extension CWriter {
    /// The rules of 8 bits that networks of tokens have, as `QuantizedReference` computes them.
    mutating func tokensBody(_ node: DeviceNode, _ number: Int) -> [String] {
        switch node.rule {
        case .integerNorm(let norm): return normBody(node, norm, number)
        case .integerMatrix(let matrix): return matrixBody(node, matrix)
        case .integerLookup(let lookup):
            table("rows\(number)", "int8_t", lookup.table, bytes: 1)
            let last = lookup.rows - 1, features = lookup.features
            return open(node) + [
                "        for (int i = 0; i < \(program.tensors[node.inputs[0]].count); i++) {",
                "            const int row = x[i]\(less(node.inputs[0]));",
                "            memcpy(y + i * \(features), rows\(number) + (row < \(last) ? row : \(last)) * \(features), \(features));",
                "        }",
            ]
        default: return []
        }
    }

    /// What takes the tensor's zero off a value.
    private func less(_ tensor: Int) -> String {
        let zero = program.tensors[tensor].zero
        return zero == 0 ? "" : " - (\(zero))"
    }

    private mutating func matrixBody(_ node: DeviceNode, _ matrix: QuantizedMatrix) -> [String] {
        use("clamped", "requantized")
        let pairs = matrix.leading, scale = matrix.requantization, columns = matrix.columns
        let products = contiguous(pairs.axes + [matrix.rows * columns])
        let loops = CLoops(
            pairs.axes.indices.map { (pairs.axes[$0], [pairs.aStrides[$0], pairs.bStrides[$0], products[$0]]) })
        func place(_ name: String, _ tensor: Int) -> String { "&\(loops.place(name, tensor, letter: "n"))" }
        let first = "left[i * \(matrix.a.row) + k * \(matrix.a.column)]\(less(node.inputs[0]))"
        let second = "right[k * \(matrix.b.row) + j * \(matrix.b.column)]\(less(node.inputs[1]))"
        let zero = program.tensors[node.output].zero
        let rest = "\(scale.multiplier), \(scale.shift)), \(node.low), \(node.high));"
        return open(node, names: ["a", "b"])
            + loops.around(
                [
                    "const int8_t *left = \(place("a", 0)), *right = \(place("b", 1));",
                    "int8_t *to = \(place("y", 2));",
                    "for (int i = 0; i < \(matrix.rows); i++)",
                    "    for (int j = 0; j < \(columns); j++) {",
                    "        int32_t sum = 0;",
                    "        for (int k = 0; k < \(matrix.depth); k++)",
                    "            sum += (\(first)) * (\(second));",
                    "        to[i * \(columns) + j] = clamped(\(zero) + requantized(sum, \(rest)",
                    "    }",
                ], indent: 8, letter: "n")
    }

    private mutating func normBody(_ node: DeviceNode, _ norm: QuantizedNorm, _ number: Int) -> [String] {
        use("clamped", "requantized", "shifted", "whole_root")
        table("slopes\(number)", "int8_t", norm.weights, bytes: 1)
        table("bias\(number)", "int32_t", norm.bias, bytes: 4)
        let count = norm.count, inner = norm.inner, scale = norm.requantization
        let value = "x[first + k * \(inner)]\(less(node.inputs[0]))"
        let parameter = "place / \(norm.stride) % \(norm.weights.count)"
        let centred = norm.centers ? " - sum * sum" : ""
        let rest = "\(scale.multiplier), \(scale.shift)), \(node.low), \(node.high));"
        let zero = program.tensors[node.output].zero
        var lines = [
            "for (int line = 0; line < \(norm.outer * inner); line++) {",
            "    const int first = line / \(inner) * \(inner * count) + line % \(inner);",
            "    int64_t sum = 0, squares = 0, factor = 0;",
            "    for (int k = 0; k < \(count); k++) {",
            "        const int value = \(value);",
            "        sum += value;",
            "        squares += value * value;",
            "    }",
            "    int64_t spread = \(count) * squares\(centred) + INT64_C(\(norm.epsilon));",
            "    int shift = 49;",
            "    if (spread > 0) {",
            "        for (; spread < ((int64_t)1 << 60); spread *= 4)",
            "            shift--;",
            "        factor = ((int64_t)1 << 61) / whole_root(spread);",
            "    }",
        ]
        if !norm.centers { lines.append("    sum = 0;") }
        lines += [
            "    for (int k = 0; k < \(count); k++) {",
            "        const int place = first + k * \(inner), parameter = \(parameter);",
            "        const int64_t apart = \(count) * (int64_t)(\(value)) - sum;",
            "        const int64_t normal = shifted(apart * factor + ((int64_t)1 << (shift - 1)), shift);",
            "        const int64_t scaled = normal * slopes\(number)[parameter] + bias\(number)[parameter];",
            "        y[place] = clamped(\(zero) + requantized(scaled, \(rest)",
            "    }",
            "}",
        ]
        return open(node) + lines.map { "        " + $0 }
    }
}
