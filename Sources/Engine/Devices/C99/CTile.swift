/// Points of a plane whose sums are held at once while the weights of a row go by: `rows` runs of points, `columns` neighbours in
/// each, whose inputs lie `stride` apart.
struct CTile: Hashable, Comparable {
    var stride: Int
    var rows: Int
    var columns: Int

    /// Four neighbours, which any processor has registers for.
    static func four(stride: Int) -> CTile { CTile(stride: stride, rows: 1, columns: 4) }
    var isFour: Bool { rows * columns == 4 }
    var name: String { isFour ? "points_\(stride)" : "tiles_\(rows)x\(columns)_\(stride)" }

    /// Those of four first, which the others call.
    static func < (a: CTile, b: CTile) -> Bool {
        (a.isFour ? 0 : 1, a.stride, a.rows, a.columns) < (b.isFour ? 0 : 1, b.stride, b.rows, b.columns)
    }

    /// The tile of fewest instructions for so many runs of points, or for all of them as one run of `whole`. Those of 16 points and
    /// more are for processors with vectors.
    static func chosen(
        stride: Int, runs: Int, points: Int, whole: Int?, isQuantized: Bool
    ) -> (tile: CTile, runs: Int, points: Int) {
        var best = (tile: four(stride: stride), runs: runs, points: points)
        var least = Double.infinity
        for (rows, columns) in [(1, 4), (1, 16), (2, 8), (4, 4), (1, 32), (2, 16), (4, 8)]
        where rows * columns == 4 || stride == 1 && (isQuantized || rows * columns == 16)
            || stride == 2 && isQuantized && rows * columns == 16
        {
            for (runs, points) in [(runs, points)] + (whole.map { [(1, $0)] } ?? []) {
                let tile = CTile(stride: stride, rows: rows, columns: columns)
                guard tile.isFour || (runs >= rows && points >= columns) else { continue }
                let count = (runs + rows - 1) / rows * ((points + columns - 1) / columns)
                let cost = Double(count) * tile.instructions
                if cost < least { (best, least) = ((tile, runs, points), cost) }
            }
        }
        return best
    }

    /// Of a weight, where there are vectors.
    private var instructions: Double {
        if isFour { return 17 }
        return rows * columns == 16 ? 23 + Double(2 * rows + 10 * (stride - 1)) : 44 + Double(rows)
    }

    func kernel(_ types: CTypes) -> CKernels.Kernel {
        isFour ? fourPoints(types) : types.isQuantized ? integerTiles(types) : floatTiles(types)
    }

    private static func rest(_ types: CTypes) -> String {
        types.isQuantized
            ? "int32_t bias, int32_t multiplier, int shift, int zero, \(types.step) low, \(types.step) high"
            : "float bias, float low, float high"
    }
    static func stored(_ sum: String, _ types: CTypes) -> String {
        types.isQuantized
            ? "level(\(sum), factor, rounding, shift, less, low, high)" : "limited(\(sum), low, high)"
    }
    static func needs(_ types: CTypes) -> [String] { types.isQuantized ? ["level"] : ["limited"] }
    static let given = "x, y, offsets, weights, count, runs, points, from_run, to_run"

    /// What `level` takes, of a row.
    static func scale(_ types: CTypes) -> [String] {
        guard types.isQuantized else { return [] }
        let less = types.isNarrow ? "(int32_t)((uint64_t)1 << (62 - shift))" : "((int64_t)1 << (62 - shift))"
        return [
            "const uint32_t begin = (uint32_t)bias + ((uint32_t)1 << 31), factor = (uint32_t)multiplier;",
            "const uint64_t rounding = ((uint64_t)1 << 62) + ((uint64_t)1 << (shift - 1)) - ((uint64_t)factor << 31);",
            "const \(types.isNarrow ? "int32_t" : "int64_t") less = \(less) - zero;",
        ]
    }

    func heading(_ types: CTypes) -> String {
        let space = String(repeating: " ", count: name.count + 13)
        return
            "static void \(name)(const \(types.value) *x, \(types.value) *y, const offset_t *offsets, const \(types.value) *weights,\n"
            + "\(space)int count, int runs, int points, int from_run, int to_run, \(Self.rest(types)))"
    }

    private func fourPoints(_ types: CTypes) -> CKernels.Kernel {
        let places = (0..<4).map { "v[\($0 * stride)]" }, times = stride == 1 ? "" : " * \(stride)"
        let sum = types.isQuantized ? "uint32_t" : "float", begin = types.isQuantized ? "begin" : "bias"
        func product(_ one: String, _ other: String) -> String {
            types.isQuantized ? "(uint32_t)(\(one) * \(other))" : "\(one) * \(other)"
        }
        let scale = Self.scale(types).map { $0 + "\n    " }.joined()
        return CKernels.Kernel(
            name: name, needs: Self.needs(types),
            text: """
                /* A row of weights at runs of points whose inputs lie \(stride) apart, four at a time; the last four of a run may be
                   some of those before. */
                \(heading(types))
                {
                    \(scale)for (int run = 0; run < runs; run++, x += from_run, y += to_run) {
                        int p = 0;
                        while (p < points) {
                            if (points >= 4) {
                                const int first = p + 4 > points ? points - 4 : p;
                                const \(types.value) *from = x + first\(times);
                                \(sum) a = \(begin), b = \(begin), c = \(begin), d = \(begin);
                                for (int k = 0; k < count; k++) {
                                    const \(types.value) *v = from + offsets[k];
                                    const \(types.sum) weight = weights[k];
                                    a += \(product("weight", places[0]));
                                    b += \(product("weight", places[1]));
                                    c += \(product("weight", places[2]));
                                    d += \(product("weight", places[3]));
                                }
                                y[first] = \(Self.stored("a", types));
                                y[first + 1] = \(Self.stored("b", types));
                                y[first + 2] = \(Self.stored("c", types));
                                y[first + 3] = \(Self.stored("d", types));
                                p = first + 4;
                            } else {
                                const \(types.value) *from = x + p\(times);
                                \(sum) sum = \(begin);
                                for (int k = 0; k < count; k++)
                                    sum += \(product("weights[k]", "from[offsets[k]]"));
                                y[p++] = \(Self.stored("sum", types));
                            }
                        }
                    }
                }
                """)
    }

    /// The loops over points have fixed ends, so that compilers make vectors of them.
    private func floatTiles(_ types: CTypes) -> CKernels.Kernel {
        let stores = (0..<rows).map { row in
            let shift = row == 0 ? "j" : row == 1 ? "to_run + j" : "\(row) * to_run + j"
            return "            for (int j = 0; j < \(columns); j++)\n"
                + "                to[\(shift)] = \(Self.stored("sums[\(row == 0 ? "j" : "\(row * columns) + j")]", types));"
        }.joined(separator: "\n")
        return tile(
            types, scale: "",
            """
                        float sums[\(rows * columns)];
                        for (int j = 0; j < \(rows * columns); j++)
                            sums[j] = bias;
            \(floatTerms)
            \(stores)
            """)
    }

    /// A kernel of tiles around the lines of one.
    func tile(_ types: CTypes, scale: String, _ lines: String) -> CKernels.Kernel {
        CKernels.Kernel(
            name: name, needs: Self.needs(types) + [CTile.four(stride: stride).name],
            text: """
                /* A row of weights at tiles of \(rows) x \(columns) points, the last of which may be some of those before; without
                   vectors, four points at a time. */
                \(heading(types))
                {
                    if (LANES < 16) {
                        points_\(stride)(\(Self.given), \(types.isQuantized ? "bias, multiplier, shift, zero, low, high" : "bias, low, high"));
                        return;
                    }
                    \(scale)for (int run = 0; run < runs; run += \(rows)) {
                        const int line = run + \(rows) > runs ? runs - \(rows) : run;
                        for (int p = 0; p < points; p += \(columns)) {
                            const int first = p + \(columns) > points ? points - \(columns) : p;
                            const \(types.value) *from = x + line * from_run + first\(stride == 1 ? "" : " * \(stride)");
                            \(types.value) *to = y + line * to_run + first;
                \(lines)
                        }
                    }
                }
                """)
    }

    private var floatTerms: String {
        let lines = (0..<rows).map { row in
            let (to, from) =
                row == 0 ? ("j", "j") : ("\(row * columns) + j", row == 1 ? "from_run + j" : "\(row) * from_run + j")
            return """
                            for (int j = 0; j < \(columns); j++)
                                sums[\(to)] += weight * v[\(from)];
                """
        }
        return """
                        for (int k = 0; k < count; k++) {
                            const float *v = from + offsets[k];
                            const float weight = weights[k];
            \(lines.joined(separator: "\n"))
                        }
            """
    }
}
