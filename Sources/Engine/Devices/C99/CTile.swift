/// Points of a plane whose sums are held at once while the weights of a row go by: `rows` runs of points, `columns` neighbours in
/// each, whose inputs lie `stride` apart.
struct CTile: Hashable, Comparable {
    var stride: Int
    var rows: Int
    var columns: Int

    /// Four neighbours, which any processor has registers for.
    static func four(stride: Int) -> CTile { CTile(stride: stride, rows: 1, columns: 4) }
    var isFour: Bool { columns == 4 }
    var name: String { isFour ? "points_\(stride)" : "tiles_\(rows)x\(columns)_\(stride)" }

    /// Those of four first, which the others call.
    static func < (a: CTile, b: CTile) -> Bool {
        (a.isFour ? 0 : 1, a.stride, a.rows, a.columns) < (b.isFour ? 0 : 1, b.stride, b.rows, b.columns)
    }

    /// The tile of fewest instructions for so many runs of points, or for all of them as one run of `whole`.
    static func chosen(
        stride: Int, runs: Int, points: Int, whole: Int?
    ) -> (tile: CTile, runs: Int, points: Int) {
        var best = (tile: four(stride: stride), runs: runs, points: points)
        var least = Double.infinity
        for (rows, columns) in [(1, 4), (1, 16), (2, 16), (2, 8), (4, 8)] where columns == 4 || stride == 1 {
            for (runs, points) in [(runs, points)] + (whole.map { [(1, $0)] } ?? []) {
                let tile = CTile(stride: stride, rows: rows, columns: columns)
                guard columns == 4 || (runs >= rows && points >= columns) else { continue }
                let count = (runs + rows - 1) / rows * ((points + columns - 1) / columns)
                let cost = Double(count) * tile.instructions
                if cost < least { (best, least) = ((tile, runs, points), cost) }
            }
        }
        return best
    }

    /// Of a weight, where there are vectors.
    private var instructions: Double {
        isFour ? 17 : 7 + Double(rows * columns) * (columns < 16 ? 1.2 : 0.95)
    }

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

    /// The loops over points have fixed ends, so that compilers make vectors of them. Two products of 8 bits fit into 16: they are added
    /// before they become 32.
    private func tiles(_ types: CTypes) -> CKernels.Kernel {
        let count = rows * columns
        func lines(_ statement: (String) -> String, indent: Int) -> String {
            (0..<rows).map { row in
                let shift = row == 0 ? "j" : row == 1 ? "from_run + j" : "\(row) * from_run + j"
                let space = String(repeating: " ", count: indent)
                return
                    "\(space)for (int j = 0; j < \(columns); j++)\n\(space)    sums[\(row == 0 ? "j" : "\(row * columns) + j")] += "
                    + statement(shift) + ";"
            }.joined(separator: "\n")
        }
        let weights: String
        if types.isQuantized {
            weights = """
                            int k = 0;
                            for (; k + 1 < count; k += 2) {
                                const int8_t *v = from + offsets[k], *u = from + offsets[k + 1];
                                const int16_t a = weights[k], b = weights[k + 1];
                \(lines({ "(int16_t)(a * v[\($0)] + b * u[\($0)])" }, indent: 16))
                            }
                            if (k < count) {
                                const int8_t *v = from + offsets[k];
                                const int16_t a = weights[k];
                \(lines({ "(int16_t)(a * v[\($0)])" }, indent: 16))
                            }
                """
        } else {
            weights = """
                            for (int k = 0; k < count; k++) {
                                const float *v = from + offsets[k];
                                const float weight = weights[k];
                \(lines({ "weight * v[\($0)]" }, indent: 16))
                            }
                """
        }
        let stores = (0..<rows).map { row in
            let shift = row == 0 ? "j" : row == 1 ? "to_run + j" : "\(row) * to_run + j"
            return "            for (int j = 0; j < \(columns); j++)\n"
                + "                to[\(shift)] = \(Self.stored("sums[\(row == 0 ? "j" : "\(row * columns) + j")]", types));"
        }.joined(separator: "\n")
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
                    }
                    for (int run = 0; run < runs; run += \(rows)) {
                        const int line = run + \(rows) > runs ? runs - \(rows) : run;
                        for (int p = 0; p < points; p += \(columns)) {
                            const int first = p + \(columns) > points ? points - \(columns) : p;
                            const \(types.value) *from = x + line * from_run + first;
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
}
