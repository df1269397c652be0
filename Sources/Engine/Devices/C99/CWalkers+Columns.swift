import Interchange

/// Encodings that say columns, or nothing.
extension CWalkers {
    /// All weights of a row: where their inputs lie is the same for every row.
    struct Dense: CWalker {
        let encoding: any Encoding = Encodings.Dense()
        let instructionsOfEntry = 3.0

        func longestRow(_: DeviceTables) -> Int { 0 }
        func row(_ tables: DeviceTables, _: Int) -> String { "\(tables.columns)" }
        func sum(_ tables: DeviceTables, _: Int, bias: String) -> String {
            "dense_sum(&weights, \(tables.columns), x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum)
            return [
                CKernels.Kernel(
                    name: "dense_sum",
                    text: """
                        /* A row of all weights at one point. */
                        static \(sum) dense_sum(const \(value) **row, int count, const \(value) *x, \(sum) sum)
                        {
                            const \(value) *weights = *row;
                            \(types.products("#", count: "count", moving: ["weights", "x"], indent: 4))
                            *row = weights;
                            return sum;
                        }
                        """)
            ]
        }
    }

    /// A bit for each weight.
    struct Masked: CWalker {
        let encoding: any Encoding = Encodings.Masked()
        let instructionsOfEntry = 3.0
        let instructionsOfColumn = 3.4

        func row(_ tables: DeviceTables, _ number: Int) -> String {
            "bitmask_row(bitmask\(number), (long)row * \(tables.columns), \(tables.columns), at, offsets)"
        }
        func sum(_ tables: DeviceTables, _ number: Int, bias: String) -> String {
            "bitmask_sum(bitmask\(number), (long)row * \(tables.columns), \(tables.columns), &weights, x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum)
            return [
                CKernels.Kernel(
                    name: "bitmask_row",
                    text: """
                        /* Offsets of the weights of a row, a bit for each column from `bit` on. */
                        static int bitmask_row(const uint8_t *bits, long bit, int columns, const offset_t *at, offset_t *offsets)
                        {
                            const offset_t *first = offsets;
                            \(Self.loop("at", "*offsets++ = at[#];"))
                            return (int)(offsets - first);
                        }
                        """),
                CKernels.Kernel(
                    name: "bitmask_sum",
                    text: """
                        /* A row at one point, a bit for each column from `bit` on. */
                        static \(sum) bitmask_sum(const uint8_t *bits, long bit, int columns, const \(value) **row,
                                           const \(value) *x, \(sum) sum)
                        {
                            const \(value) *weights = *row;
                            \(Self.loop("x", "sum += *weights++ * x[#];"))
                            *row = weights;
                            return sum;
                        }
                        """),
            ]
        }

        /// The bits of eight columns lie in two bytes, or in one that is read twice, so that nothing behind the table is.
        private static func loop(_ moved: String, _ found: String) -> String {
            var lines = [
                "const int shift = (int)(bit & 7), next = shift ? 1 : 0;", "bits += bit >> 3;",
                "for (; columns >= 8; columns -= 8, bits++, \(moved) += 8) {",
                "    const unsigned mask = (bits[0] | (unsigned)bits[next] << 8) >> shift;",
            ]
            for bit in 0..<8 {
                lines += ["    if (mask & \(1 << bit))", "        " + found.replacing("#", with: "\(bit)")]
            }
            lines += [
                "}", "for (int k = 0; k < columns; k++)", "    if (bits[(k + shift) >> 3] >> ((k + shift) & 7) & 1)",
                "        " + found.replacing("#", with: "k"),
            ]
            return lines.joined(separator: "\n    ")
        }
    }

    /// Columns of 16 bits, and where each row begins.
    struct CSR16: CWalker {
        let encoding: any Encoding = Encodings.CSR(.bits16)
        let instructionsOfEntry = 4.0

        func row(_: DeviceTables, _ number: Int) -> String {
            "csr16_row(columns\(number) + starts\(number)[row], (int)(starts\(number)[row + 1] - starts\(number)[row]), "
                + "at, offsets)"
        }
        func sum(_: DeviceTables, _ number: Int, bias: String) -> String {
            "csr16_sum(columns\(number) + starts\(number)[row], (int)(starts\(number)[row + 1] - starts\(number)[row]), "
                + "&weights, x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum)
            return [
                CKernels.Kernel(
                    name: "csr16_row",
                    text: """
                        /* Offsets of the weights of a row by their columns. */
                        static int csr16_row(const uint16_t *columns, int count, const offset_t *at, offset_t *offsets)
                        {
                            for (int k = 0; k < count; k++)
                                offsets[k] = at[columns[k]];
                            return count;
                        }
                        """),
                CKernels.Kernel(
                    name: "csr16_sum",
                    text: """
                        /* A row at one point by the columns of its weights. */
                        static \(sum) csr16_sum(const uint16_t *columns, int count, const \(value) **row, const \(value) *x,
                                         \(sum) sum)
                        {
                            const \(value) *weights = *row;
                            \(types.products("columns[#]", count: "count", moving: ["columns", "weights"], indent: 4))
                            *row = weights;
                            return sum;
                        }
                        """),
            ]
        }
    }

    /// Columns of a byte within pieces of 255, and the weights of each piece.
    struct CSR8: CWalker {
        let encoding: any Encoding = Encodings.CSR8()
        let instructionsOfEntry = 4.0
        // Some ten for a piece.
        let instructionsOfColumn = 0.04

        func state(_: DeviceTables, _ number: Int) -> [String] {
            ["const uint8_t *counts = counts\(number), *columns = columns\(number);"]
        }
        func row(_ tables: DeviceTables, _ number: Int) -> String {
            "csr8_row(&counts, &columns, \(tables.columns), at, offsets)"
        }
        func sum(_ tables: DeviceTables, _ number: Int, bias: String) -> String {
            "csr8_sum(&counts, &columns, \(tables.columns), &weights, x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum)
            return [
                CKernels.Kernel(
                    name: "csr8_row",
                    text: """
                        /* Offsets of the weights of a row by their columns in pieces of 255. */
                        static int csr8_row(const uint8_t **counts, const uint8_t **columns, int width, const offset_t *at,
                                            offset_t *offsets)
                        {
                            const uint8_t *column = *columns;
                            const offset_t *first = offsets;
                            for (; width > 0; width -= 255, at += width > 0 ? 255 : 0)
                                for (int count = *(*counts)++; count > 0; count--)
                                    *offsets++ = at[*column++];
                            *columns = column;
                            return (int)(offsets - first);
                        }
                        """),
                CKernels.Kernel(
                    name: "csr8_sum",
                    text: """
                        /* A row at one point by the columns of its weights in pieces of 255. */
                        static \(sum) csr8_sum(const uint8_t **counts, const uint8_t **places, int width, const \(value) **row,
                                        const \(value) *x, \(sum) sum)
                        {
                            const uint8_t *columns = *places;
                            const \(value) *weights = *row;
                            for (; width > 0; width -= 255, x += width > 0 ? 255 : 0) {
                                int count = *(*counts)++;
                                \(types.products("columns[#]", count: "count", moving: ["columns", "weights"], indent: 8))
                            }
                            *places = columns;
                            *row = weights;
                            return sum;
                        }
                        """),
            ]
        }
    }
}
