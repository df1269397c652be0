extension CWriter {
    /// Values that only move: of each input the part of the output that reads it is loops where its places go axis by axis, else a
    /// table.
    mutating func moveBody(_ node: DeviceNode, _ sources: [Int32], _ filling: Float, _ number: Int) -> [String] {
        let axes = program.tensors[node.output].axes
        var lines = ["        \(value) *y = \(pointer(node.output));"]
        if sources.contains(where: { $0 < 0 }) {
            let fill = program.isQuantized ? "\(Int32(filling))" : CText.float(filling)
            lines += ["        for (int i = 0; i < \(sources.count); i++)", "            y[i] = \(fill);"]
        }
        var first = 0
        for (place, input) in node.inputs.enumerated() {
            let count = program.tensors[input].count
            let range = Int32(first)..<Int32(first + count)
            first += count
            // The same input may come twice.
            let points = sources.indices.filter { range.contains(sources[$0]) }
            guard !points.isEmpty else { continue }
            lines.append("        {")
            lines.append("            const \(value) *x = \(pointer(input));")
            let from = points.map { Int(sources[$0] - range.lowerBound) }
            if let loops = separate(axes, points, from) {
                lines += loops.around(["\(loops.place("y", 1)) = \(loops.place("x", 0));"], indent: 12).map {
                    $0.replacing("y[", with: "y[\(points[0]) + ").replacing("x[", with: "x[\(from[0]) + ")
                }
            } else {
                let bits = max(from.max()!, points.max()!) < 65_536 ? 2 : 4
                table("to\(number)_\(place)", "uint\(8 * bits)_t", points, bytes: bits)
                table("from\(number)_\(place)", "uint\(8 * bits)_t", from, bytes: bits)
                lines.append("            for (int i = 0; i < \(points.count); i++)")
                lines.append("                y[to\(number)_\(place)[i]] = x[from\(number)_\(place)[i]];")
            }
            lines.append("        }")
        }
        return lines
    }

    /// Loops from the first point on, where the places of both sides go evenly along each axis; nil where they do not.
    private func separate(_ axes: [Int], _ points: [Int], _ from: [Int]) -> CLoops? {
        let strides = contiguous(axes)
        var numbers = [Set<Int>](repeating: [], count: axes.count)
        for point in points { for axis in axes.indices { numbers[axis].insert(point / strides[axis] % axes[axis]) } }
        guard numbers.reduce(1, { $0 * $1.count }) == points.count else { return nil }
        let sourceOf = Dictionary(uniqueKeysWithValues: zip(points, from))
        var loops: [(count: Int, strides: [Int])] = []
        for axis in axes.indices {
            let list = numbers[axis].sorted()
            guard list.count > 1 else { continue }
            let step = list[1] - list[0]
            guard let second = sourceOf[points[0] + step * strides[axis]] else { return nil }
            loops.append((list.count, [second - from[0], step * strides[axis]]))
        }
        // Every point, as the loops reach it.
        var all = [(from[0], points[0])]
        for loop in loops {
            all = all.flatMap { pair in
                (0..<loop.count).map { (pair.0 + $0 * loop.strides[0], pair.1 + $0 * loop.strides[1]) }
            }
        }
        guard all.allSatisfy({ sourceOf[$0.1] == $0.0 }) else { return nil }
        return CLoops(loops)
    }

    mutating func blendBody(
        _ node: DeviceNode, _ starts: [Int32], _ sources: [Int32], _ weights: BlendWeights, _ number: Int
    ) -> [String] {
        table("starts\(number)", "uint32_t", starts, bytes: 4)
        table("sources\(number)", "uint32_t", sources, bytes: 4)
        let (zx, zy) = (program.tensors[node.inputs[0]].zero, program.tensors[node.output].zero)
        let (start, term, stored): (String, String, String)
        switch weights {
        case .floats(let weights):
            table("shares\(number)", floats: weights)
            (start, term, stored) = ("float sum = 0.0f", "shares\(number)[k] * x[sources\(number)[k]]", "sum")
        case .steps(let weights):
            use("clamped", "shifted")
            table("shares\(number)", "int32_t", weights, bytes: 4)
            start = "int64_t sum = 8192"
            term = "(int64_t)shares\(number)[k] * (x[sources\(number)[k]] - (\(zx)))"
            stored = "clamped(\(zy) + shifted(sum, 14), \(node.low), \(node.high))"
        }
        return open(node) + [
            "        for (int i = 0; i < \(starts.count - 1); i++) {",
            "            \(start);",
            "            for (uint32_t k = starts\(number)[i]; k < starts\(number)[i + 1]; k++)",
            "                sum += \(term);",
            "            y[i] = \(stored);",
            "        }",
        ]
    }
}
