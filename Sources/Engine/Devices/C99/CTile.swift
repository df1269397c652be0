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

    /// The tile of fewest instructions for so many runs of points, or for all of them as one run of `whole`. Those of 16 points are
    /// for processors with vectors.
    static func chosen(
        stride: Int, runs: Int, points: Int, whole: Int?, isQuantized: Bool
    ) -> (tile: CTile, runs: Int, points: Int) {
        var best = (tile: four(stride: stride), runs: runs, points: points)
        var least = Double.infinity
        for (rows, columns) in [(1, 4), (1, 16), (2, 8), (4, 4)]
        where rows * columns == 4 || stride <= (isQuantized ? 2 : 1) {
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
    private var instructions: Double { isFour ? 17 : 23 + Double(2 * rows + 10 * (stride - 1)) }

    func kernel(_ types: CTypes) -> CKernels.Kernel { isFour ? fourPoints(types) : tiles(types) }

    private static func rest(_ types: CTypes) -> String {
        types.isQuantized
            ? "int32_t bias, int32_t multiplier, int shift, int zero, int low, int high"
            : "float bias, float low, float high"
    }
    private static func stored(_ sum: String, _ types: CTypes) -> String {
        types.isQuantized
            ? "clamped(zero + requantized(\(sum), multiplier, shift), low, high)" : "limited(\(sum), low, high)"
    }
    private static func needs(_ types: CTypes) -> [String] {
        types.isQuantized ? ["clamped", "requantized"] : ["limited"]
    }
    private static let given = "x, y, offsets, weights, count, runs, points, from_run, to_run"

    private func heading(_ types: CTypes) -> String {
        let space = String(repeating: " ", count: name.count + 13)
        return
            "static void \(name)(const \(types.value) *x, \(types.value) *y, const offset_t *offsets, const \(types.value) *weights,\n"
            + "\(space)int count, int runs, int points, int from_run, int to_run, \(Self.rest(types)))"
    }

    private func fourPoints(_ types: CTypes) -> CKernels.Kernel {
        let places = (0..<4).map { "v[\($0 * stride)]" }, times = stride == 1 ? "" : " * \(stride)"
        return CKernels.Kernel(
            name: name, needs: Self.needs(types),
            text: """
                /* A row of weights at runs of points whose inputs lie \(stride) apart, four at a time; the last four of a run may be
                   some of those before. */
                \(heading(types))
                {
                    for (int run = 0; run < runs; run++, x += from_run, y += to_run) {
                        int p = 0;
                        while (p < points) {
                            if (points >= 4) {
                                const int first = p + 4 > points ? points - 4 : p;
                                const \(types.value) *from = x + first\(times);
                                \(types.sum) a = bias, b = bias, c = bias, d = bias;
                                for (int k = 0; k < count; k++) {
                                    const \(types.value) *v = from + offsets[k];
                                    const \(types.sum) weight = weights[k];
                                    a += weight * \(places[0]);
                                    b += weight * \(places[1]);
                                    c += weight * \(places[2]);
                                    d += weight * \(places[3]);
                                }
                                y[first] = \(Self.stored("a", types));
                                y[first + 1] = \(Self.stored("b", types));
                                y[first + 2] = \(Self.stored("c", types));
                                y[first + 3] = \(Self.stored("d", types));
                                p = first + 4;
                            } else {
                                const \(types.value) *from = x + p\(times);
                                \(types.sum) sum = bias;
                                for (int k = 0; k < count; k++)
                                    sum += (\(types.sum))weights[k] * from[offsets[k]];
                                y[p++] = \(Self.stored("sum", types));
                            }
                        }
                    }
                }
                """)
    }

    /// The loops over points have fixed ends, so that compilers make vectors of them.
    private func tiles(_ types: CTypes) -> CKernels.Kernel {
        let count = rows * columns
        let weights = types.isQuantized ? integerTerms : floatTerms
        let stores = (0..<rows).map { row in
            let shift = row == 0 ? "j" : row == 1 ? "to_run + j" : "\(row) * to_run + j"
            return "            for (int j = 0; j < \(columns); j++)\n"
                + "                to[\(shift)] = \(Self.stored("sums[\(row == 0 ? "j" : "\(row * columns) + j")]", types));"
        }.joined(separator: "\n")
        let none =
            types.isQuantized
            ? """

                /* 0; no compiler knows, and each multiplies numbers of 16 bits. */
                const int none = shift >> 6;
            """ : ""
        return CKernels.Kernel(
            name: name, needs: Self.needs(types) + [CTile.four(stride: stride).name],
            text: """
                /* A row of weights at tiles of \(rows) x \(columns) points, the last of which may be some of those before; without
                   vectors, four points at a time. */
                \(heading(types))
                {
                    if (LANES < 16) {
                        points_\(stride)(\(Self.given), \(types.isQuantized ? "bias, multiplier, shift, zero, low, high" : "bias, low, high"));
                        return;
                    }\(none)
                    for (int run = 0; run < runs; run += \(rows)) {
                        const int line = run + \(rows) > runs ? runs - \(rows) : run;
                        for (int p = 0; p < points; p += \(columns)) {
                            const int first = p + \(columns) > points ? points - \(columns) : p;
                            const \(types.value) *from = x + line * from_run + first\(stride == 1 ? "" : " * \(stride)");
                            \(types.value) *to = y + line * to_run + first;
                            \(types.sum) sums[\(count)];
                            for (int j = 0; j < \(count); j++)
                                sums[j] = bias;
                \(weights)
                \(stores)
                        }
                    }
                }
                """)
    }

    /// Two products of 8 bits fit into 16: they are added before they become 32.
    private var integerTerms: String {
        /// The points of a weight: those of several runs are put together first, and every second one taken.
        func points(_ name: String, _ k: String) -> String {
            guard rows * stride > 1 else { return "const int8_t *\(name) = from + offsets[\(k)];" }
            let all = stride == 1 ? name : name + "_all"
            var lines = ["int8_t \(all)[\(rows * columns * stride)];"]
            for row in 0..<rows {
                let line = row == 0 ? "" : row == 1 ? " + from_run" : " + \(row) * from_run"
                let to = row == 0 ? all : "\(all) + \(row * columns * stride)"
                lines.append("memcpy(\(to), from + offsets[\(k)]\(line), \((columns - 1) * stride + 1));")
            }
            if stride > 1 {
                lines.append("int8_t \(name)[\(rows * columns)];")
                lines.append("for (int j = 0; j < \(rows * columns); j++)")
                lines.append("    \(name)[j] = \(all)[\(stride) * j];")
            }
            return lines.joined(separator: "\n                    ")
        }
        return """
                        int k = 0;
                        for (; k + 1 < count; k += 2) {
                            \(points("v", "k"))
                            \(points("u", "k + 1"))
                            const int16_t a = (int16_t)(weights[k] + none), b = (int16_t)(weights[k + 1] + none);
                            for (int j = 0; j < \(rows * columns); j++)
                                sums[j] += (int16_t)(a * v[j] + b * u[j]);
                        }
                        if (k < count) {
                            \(points("v", "k"))
                            const int16_t a = (int16_t)(weights[k] + none);
                            for (int j = 0; j < \(rows * columns); j++)
                                sums[j] += (int16_t)(a * v[j]);
                        }
            """
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
