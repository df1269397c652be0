import Interchange

/// Encodings of weights that were cut in groups.
extension CWalkers {
    /// Whole blocks of a few rows and columns. Of a row of a block its values are not beside those of the next block.
    struct Blocks: CWalker {
        let encoding: any Encoding
        let copiesValues = true
        let instructionsOfEntry: Double
        private let height: Int
        private let width: Int

        init(height: Int, width: Int) {
            (self.height, self.width) = (height, width)
            encoding = Encodings.Blocks(height: height, width: width)
            instructionsOfEntry = width == 1 ? 12 : 8
        }

        var name: String { "blocks\(height)x\(width)" }

        func longestRow(_ tables: DeviceTables) -> Int {
            let starts = tables.numbers("starts")
            return (zip(starts, starts.dropFirst()).map { $1 - $0 }.max() ?? 0) * width
        }

        private func arguments(_ number: Int) -> String {
            let blockRow = height == 1 ? "row" : "row / \(height)"
            let part = height == 1 ? "" : " + row % \(height) * \(width)"
            return "columns\(number) + starts\(number)[\(blockRow)], "
                + "(int)(starts\(number)[\(blockRow) + 1] - starts\(number)[\(blockRow)]), "
                + "values\(number) + starts\(number)[\(blockRow)] * \(height * width)\(part)"
        }
        func row(_ tables: DeviceTables, _ number: Int) -> String {
            "\(name)_row(\(arguments(number)), \(tables.columns), at, offsets, lined)"
        }
        func sum(_ tables: DeviceTables, _ number: Int, bias: String) -> String {
            "\(name)_sum(\(arguments(number)), \(tables.columns), x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum)
            return [
                CKernels.Kernel(
                    name: "\(name)_row",
                    text: """
                        /* Offsets and values of a row of blocks of \(height) rows and \(width) columns, by the blocks' columns. */
                        static int \(name)_row(const uint16_t *blocks, int count, const \(value) *values, int columns,
                                                const offset_t *at, offset_t *offsets, \(value) *lined)
                        {
                            const offset_t *before = offsets;
                            for (int block = 0; block < count; block++, values += \(height * width)) {
                                const int first = blocks[block] * \(width);
                                const int wide = columns - first < \(width) ? columns - first : \(width);
                                for (int k = 0; k < wide; k++) {
                                    *offsets++ = at[first + k];
                                    *lined++ = values[k];
                                }
                            }
                            return (int)(offsets - before);
                        }
                        """),
                CKernels.Kernel(
                    name: "\(name)_sum",
                    text: """
                        /* A row at one point, of blocks of \(height) rows and \(width) columns, by the blocks' columns. */
                        static \(sum) \(name)_sum(const uint16_t *blocks, int count, const \(value) *values, int columns,
                                                  const \(value) *x, \(sum) sum)
                        {
                            for (int block = 0; block < count; block++, values += \(height * width)) {
                                const int first = blocks[block] * \(width);
                                const int wide = columns - first < \(width) ? columns - first : \(width);
                                for (int k = 0; k < wide; k++)
                                    sum += values[k] * x[first + k];
                            }
                            return sum;
                        }
                        """),
            ]
        }
    }

    /// So many values in every few columns, the place of each within them in a few bits.
    struct NOfM: CWalker {
        let encoding: any Encoding
        let constants: Set<String> = ["most"]
        let instructionsOfEntry = 13.0
        private let m: Int

        init(m: Int) {
            self.m = m
            encoding = Encodings.NOfM(m: m)
        }

        private func groups(_ tables: DeviceTables) -> Int { (tables.columns + m - 1) / m }
        func longestRow(_ tables: DeviceTables) -> Int { groups(tables) * tables.constant("most") }
        func state(_: DeviceTables, _ number: Int) -> [String] { ["struct bits places = {places\(number), 0, 0};"] }
        func row(_ tables: DeviceTables, _: Int) -> String {
            "nm\(m)_row(&places, \(groups(tables)), \(tables.constant("most")), at, offsets)"
        }
        func sum(_ tables: DeviceTables, _: Int, bias: String) -> String {
            "nm\(m)_sum(&places, \(groups(tables)), \(tables.constant("most")), &weights, x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum), bits = m.trailingZeroBitCount
            return [
                CKernels.Kernel(
                    name: "nm\(m)_row", needs: ["taken"],
                    text: """
                        /* Offsets of the entries of a row, \(bits) bits of place in every \(m) columns. */
                        static int nm\(m)_row(struct bits *places, int groups, int most, const offset_t *at, offset_t *offsets)
                        {
                            struct bits bits = *places;
                            for (int group = 0; group < groups; group++)
                                for (int k = 0; k < most; k++)
                                    *offsets++ = at[group * \(m) + (int)taken(&bits, \(bits))];
                            *places = bits;
                            return groups * most;
                        }
                        """),
                CKernels.Kernel(
                    name: "nm\(m)_sum", needs: ["taken"],
                    text: """
                        /* A row at one point, \(bits) bits of place in every \(m) columns. */
                        static \(sum) nm\(m)_sum(struct bits *places, int groups, int most, const \(value) **row, const \(value) *x,
                                      \(sum) sum)
                        {
                            struct bits bits = *places;
                            const \(value) *weights = *row;
                            for (int group = 0; group < groups; group++, x += group < groups ? \(m) : 0)
                                for (int k = 0; k < most; k++)
                                    sum += *weights++ * x[taken(&bits, \(bits))];
                            *places = bits;
                            *row = weights;
                            return sum;
                        }
                        """),
            ]
        }
    }

    /// Small numbers out of bytes.
    static let taken = CKernels.Kernel(
        name: "taken",
        text: """
            struct bits {
                const uint8_t *codes;
                unsigned held;
                int count;
            };

            /* The next number of so many bits, at most 8. */
            static unsigned taken(struct bits *bits, int width)
            {
                if (bits->count < width) {
                    bits->held |= (unsigned)*bits->codes++ << bits->count;
                    bits->count += 8;
                }
                const unsigned number = bits->held & ((1u << width) - 1);
                bits->held >>= width;
                bits->count -= width;
                return number;
            }
            """)
}
