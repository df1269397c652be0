/// Tiles of 8-bit integers: blocks of 16 points, which fill a vector of values; sums of a block stay in registers.
extension CTile {
    /// A part of a block: its run of points and the first of them within the tile, how many, and where in the block.
    private typealias Part = (run: Int, first: Int, count: Int, place: Int)

    private var blocks: [[Part]] {
        if columns > 16 {
            return (0..<rows).flatMap { row in
                Swift.stride(from: 0, to: columns, by: 16).map { [(run: row, first: $0, count: 16, place: 0)] }
            }
        }
        let runs = 16 / columns
        return Swift.stride(from: 0, to: rows, by: runs).map { first in
            (0..<runs).map { (run: first + $0, first: 0, count: columns, place: $0 * columns) }
        }
    }

    func integerTiles(_ types: CTypes) -> CKernels.Kernel {
        let blocks = blocks
        var lines: [String] = []
        for number in blocks.indices {
            lines += [
                "uint32_t sums\(number)[16];", "int8_t steps\(number)[16];", "for (int j = 0; j < 16; j++)",
                "    sums\(number)[j] = begin;",
            ]
        }
        lines += terms
        for number in blocks.indices {
            lines += [
                "for (int j = 0; j < 16; j++)",
                "    steps\(number)[j] = \(Self.stored("sums\(number)[j]", types));",
            ]
        }
        for (number, parts) in blocks.enumerated() {
            for part in parts {
                lines.append(
                    "memcpy(to\(Self.sum(part.run, "to_run"))\(Self.sum(part.first)), steps\(number)\(Self.sum(part.place)), "
                        + "\(part.count));")
            }
        }
        let scale =
            Self.scale(types) + [
                "/* 0; no compiler knows, and each multiplies numbers of 16 bits. */", "const int none = shift >> 6;",
            ]
        return tile(
            types, scale: scale.map { $0 + "\n    " }.joined(),
            lines.map { "            " + $0 }.joined(separator: "\n"))
    }

    /// Two products of 8 bits fit into 16: they are added before they become 32.
    private var terms: [String] {
        let all = blocks.indices
        func loops(_ value: (Int) -> String) -> [String] {
            all.flatMap {
                ["    for (int j = 0; j < 16; j++)", "        sums\($0)[j] += (uint32_t)(int16_t)(\(value($0)));"]
            }
        }
        var lines = ["int k = 0;", "for (; k + 1 < count; k += 2) {"]
        lines += (points("v", "k") + points("u", "k + 1")).map { "    " + $0 }
        lines.append(
            "    const int16_t a = (int16_t)(weights[k] + none), b = (int16_t)(weights[k + 1] + none);")
        lines += loops { "a * v\($0)[j] + b * u\($0)[j]" } + ["}", "if (k < count) {"]
        lines += points("v", "k").map { "    " + $0 } + ["    const int16_t a = (int16_t)(weights[k] + none);"]
        return lines + loops { "a * v\($0)[j]" } + ["}"]
    }

    /// The inputs of a weight, block by block: those of several runs are put together, and every second one taken.
    private func points(_ name: String, _ k: String) -> [String] {
        blocks.enumerated().flatMap { number, parts -> [String] in
            let block = "\(name)\(number)", all = stride == 1 ? block : block + "_all"
            var lines = ["int8_t \(all)[\(16 * stride)];"]
            for part in parts {
                lines.append(
                    "memcpy(\(all)\(Self.sum(part.place * stride)), from + offsets[\(k)]\(Self.sum(part.run, "from_run"))"
                        + "\(Self.sum(part.first * stride)), \((part.count - 1) * stride + 1));")
            }
            if stride > 1 {
                lines += [
                    "int8_t \(block)[16];", "for (int j = 0; j < 16; j++)", "    \(block)[j] = \(all)[\(stride) * j];",
                ]
            }
            return lines
        }
    }

    /// What is added to a place: nothing, a number, or so many times a name.
    private static func sum(_ count: Int, _ name: String? = nil) -> String {
        guard count > 0 else { return "" }
        guard let name else { return " + \(count)" }
        return count == 1 ? " + \(name)" : " + \(count) * \(name)"
    }
}
