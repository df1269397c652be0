extension CWriter {
    /// Operators along axes: loops over lines, and over the values of each.
    mutating func columnsBody(_ node: DeviceNode, _ number: Int) -> [String] {
        switch node.rule {
        case .softmax(let columns, let isLogarithm): return softmaxBody(node, columns, isLogarithm)
        case .integerSoftmax(let softmax): return integerSoftmaxBody(node, softmax, number)
        case .reduce(let kind, let columns):
            return lines(node, columns) { writer, from in
                var parts = Self.reduction(kind.rawValue, length: columns.length)
                writer.noteMath(parts.joined(separator: " "))
                if kind.rawValue == "log-sum-exp" {
                    writer.use("exponential")
                    parts[0] = "float sum = 0.0f, largest = -INFINITE;"
                    return [parts[0]] + from(["largest = value > largest ? value : largest;"])
                        + from([parts[1]]) + ["*to = \(parts[2]);"]
                }
                return [parts[0]] + from([parts[1]]) + ["*to = \(parts[2]);"]
            }
        case .extreme(let columns, let isLargest, let takesLast):
            let wins = (isLargest ? ">" : "<") + (takesLast ? "=" : "")
            return lines(node, columns) { _, from in
                ["float best = *line, place = 0.0f, k = 0.0f;"]
                    + from(["if (value \(wins) best) {", "    best = value;", "    place = k;", "}", "k += 1.0f;"])
                    + ["*to = place;"]
            }
        case .norm(let norm): return normBody(node, norm, number)
        case .product(let product):
            var body = ["float sum = 0.0f;"]
            body += [
                "for (int k = 0; k < \(product.inner.count); k++)",
                "    sum += left[i * \(product.rows.a) + k * \(product.inner.a)] * right[j * \(product.columns.b) + k * \(product.inner.b)];",
                "to[i * \(product.rows.c) + j] = sum;",
            ]
            let loops = CLoops(product.leading.map { ($0.count, [$0.a, $0.b, $0.c]) })
            let inner =
                [
                    "const float *left = &\(loops.place("a", 0, letter: "n")), *right = &\(loops.place("b", 1, letter: "n"));",
                    "float *to = &\(loops.place("y", 2, letter: "n"));",
                    "for (int i = 0; i < \(product.rows.count); i++)",
                    "    for (int j = 0; j < \(product.columns.count); j++) {",
                ] + body.map { "        " + $0 } + ["    }"]
            return open(node, names: ["a", "b"]) + loops.around(inner, indent: 8, letter: "n")
        case .lookup(let values, let rows, let features):
            table("rows\(number)", floats: values)
            let count = program.tensors[node.inputs[0]].count
            return open(node) + [
                "        for (int i = 0; i < \(count); i++) {",
                // Negative numbers count from the end, those outside read the nearest row, NaN the first.
                "            const int place = !(x[i] > -\(rows).0f) ? 0 : x[i] < \(rows - 1).0f ? (int)x[i] : \(rows - 1);",
                "            const int row = place < 0 ? place + \(rows) : place;",
                "            memcpy(y + i * \(features), rows\(number) + row * \(features), \(features) * sizeof(float));",
                "        }",
            ]
        default: return []
        }
    }

    /// The beginning, what is done with each `value`, and the result.
    private static func reduction(_ kind: String, length: Int) -> [String] {
        let add = "sum += value;", zero = "float sum = 0.0f;"
        switch kind {
        case "mean": return [zero, add, "sum * (1.0f / \(length).0f)"]
        case "max": return ["float sum = -INFINITE;", "sum = value > sum ? value : sum;", "sum"]
        case "min": return ["float sum = INFINITE;", "sum = value < sum ? value : sum;", "sum"]
        case "prod": return ["float sum = 1.0f;", "sum *= value;", "sum"]
        case "l1": return [zero, "sum += value < 0.0f ? -value : value;", "sum"]
        case "l2": return [zero, "sum += value * value;", "square_root(sum)"]
        case "sum-square": return [zero, "sum += value * value;", "sum"]
        case "log-sum": return [zero, add, "logarithm(sum)"]
        case "log-sum-exp": return [zero, "sum += exponential(value - largest);", "largest + logarithm(sum)"]
        default: return [zero, add, "sum"]
        }
    }

    /// Lines of the input: `body` gets what writes a loop over the `value`s of `line`.
    private mutating func lines(
        _ node: DeviceNode, _ columns: DeviceColumns,
        _ body: (inout CWriter, ([String]) -> [String]) -> [String]
    ) -> [String] {
        let outer = CLoops(columns.outer.map { ($0.count, [$0.x, $0.y]) })
        let inner = CLoops(columns.inner.map { ($0.count, [$0.x]) })
        let lines = body(&self) { statements in
            inner.around(
                ["const float value = \(inner.place("line", 0, letter: "k"));"] + statements, indent: 0, letter: "k")
        }
        return open(node)
            + outer.around(
                [
                    "const float *line = &\(outer.place("x", 0));",
                    "float *to = &\(outer.place("y", 1));",
                ] + lines, indent: 8)
    }

    private mutating func softmaxBody(_ node: DeviceNode, _ columns: DeviceColumns, _ isLogarithm: Bool) -> [String] {
        use("exponential")
        if isLogarithm { use("logarithm") }
        let inner = CLoops(columns.inner.map { ($0.count, [$0.x, $0.y]) })
        let target = inner.place("to", 1, letter: "k")
        return lines(node, columns) { _, from in
            ["float largest = -INFINITE, sum = 0.0f;"] + from(["largest = value > largest ? value : largest;"])
                + (isLogarithm
                    ? from(["sum += exponential(value - largest);"]) + ["const float shift = largest + logarithm(sum);"]
                        + from(["\(target) = value - shift;"])
                    : from(["const float power = exponential(value - largest);", "sum += power;", "\(target) = power;"])
                        + inner.around(["\(target) /= sum;"], indent: 0, letter: "k"))
        }
    }

    private mutating func normBody(_ node: DeviceNode, _ norm: DeviceNorm, _ number: Int) -> [String] {
        use("square_root")
        if let scale = norm.scale { table("scales\(number)", floats: scale) }
        if let shift = norm.shift { table("shifts\(number)", floats: shift) }
        let columns = norm.columns
        let outer = CLoops(columns.outer.enumerated().map { ($1.count, [$1.x, $1.y, norm.outerStrides[$0]]) })
        let inner = CLoops(columns.inner.enumerated().map { ($1.count, [$1.x, $1.y, norm.innerStrides[$0]]) })
        func loop(_ statements: [String]) -> [String] {
            inner.around(
                ["const float value = \(inner.place("line", 0, letter: "k"));"] + statements, indent: 0, letter: "k")
        }
        let length = "\(columns.length).0f"
        var result = "(value - mean) * inverse"
        if norm.scale != nil { result += " * \(inner.place("scale", 2, letter: "k"))" }
        if norm.shift != nil { result += " + \(inner.place("shift", 2, letter: "k"))" }
        var lines = [
            "const float *line = &\(outer.place("x", 0));", "float *to = &\(outer.place("y", 1));",
        ]
        if norm.scale != nil { lines.append("const float *scale = &\(outer.place("scales\(number)", 2));") }
        if norm.shift != nil { lines.append("const float *shift = &\(outer.place("shifts\(number)", 2));") }
        lines.append("float mean = 0.0f, squares = 0.0f;")
        if norm.centers { lines += loop(["mean += value;"]) + ["mean /= \(length);"] }
        lines += loop(["squares += (value - mean) * (value - mean);"])
        lines.append("const float inverse = 1.0f / square_root(squares / \(length) + \(CText.float(norm.epsilon)));")
        lines += loop(["\(inner.place("to", 1, letter: "k")) = \(result);"])
        return open(node) + outer.around(lines, indent: 8)
    }

    private mutating func integerSoftmaxBody(_ node: DeviceNode, _ softmax: QuantizedSoftmax, _ number: Int) -> [String]
    {
        table("powers\(number)", "uint32_t", softmax.exponentials, bytes: 4)
        use("clamped")
        let line = softmax.count * softmax.inner
        return open(node) + [
            "        for (int i = 0; i < \(softmax.outer); i++)",
            "            for (int j = 0; j < \(softmax.inner); j++) {",
            "                const int8_t *line = x + i * \(line) + j;",
            "                int8_t *to = y + i * \(line) + j;",
            "                int largest = -128;",
            "                int64_t sum = 0;",
            "                for (int k = 0; k < \(softmax.count); k++)",
            "                    if (line[k * \(softmax.inner)] > largest)",
            "                        largest = line[k * \(softmax.inner)];",
            "                for (int k = 0; k < \(softmax.count); k++)",
            "                    sum += powers\(number)[largest - line[k * \(softmax.inner)]];",
            "                for (int k = 0; k < \(softmax.count); k++)",
            "                    to[k * \(softmax.inner)] = clamped(-128",
            "                        + (256 * (int64_t)powers\(number)[largest - line[k * \(softmax.inner)]] + sum / 2) / sum, \(node.low), \(node.high));",
            "            }",
        ]
    }
}
