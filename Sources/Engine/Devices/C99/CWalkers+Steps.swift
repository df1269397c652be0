import Interchange

/// Encodings that say how far it is to the next weight.
extension CWalkers {
    /// Distances over the whole layer, with zeros as values on the way over long gaps.
    struct Delta: CWalker {
        let encoding: any Encoding
        let instructionsOfEntry: Double
        private let bits: Int

        init(bits: Int) {
            self.bits = bits
            encoding = Encodings.Delta(bits: bits)
            instructionsOfEntry = bits == 8 ? 5 : 14
        }

        func longestRow(_ tables: DeviceTables) -> Int { tables.most("counts") }
        func state(_: DeviceTables, _ number: Int) -> [String] {
            [
                "long place = 0;",
                bits == 8
                    ? "const uint8_t *steps = steps\(number);" : "struct bits steps = {steps\(number), 0, 0};",
            ]
        }
        func row(_ tables: DeviceTables, _ number: Int) -> String {
            "delta\(bits)_row(&steps, &place, counts\(number)[row], \(tables.columns), at, offsets)"
        }
        func sum(_ tables: DeviceTables, _ number: Int, bias: String) -> String {
            "delta\(bits)_sum(&steps, &place, counts\(number)[row], \(tables.columns), &weights, x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum)
            let isByte = bits == 8
            let given = isByte ? "const uint8_t **steps" : "struct bits *steps"
            let opening = isByte ? "const uint8_t *step = *steps;" : "struct bits bits = *steps;"
            let step = isByte ? "*step++" : "taken(&bits, \(bits))"
            let closing = isByte ? "*steps = step;" : "*steps = bits;"
            func product(_ k: Int) -> String {
                "place += \(isByte ? "step[\(k)]" : step); sum += weights[\(k)] * x[place];"
                    .replacing("; ", with: ";\n        ")
            }
            let four = (0..<4).map { product($0) }.joined(separator: "\n        ")
            let moving = isByte ? ", step += 4" : "", movingOne = isByte ? ", step++" : ""
            return [
                CKernels.Kernel(
                    name: "delta\(bits)_row", needs: isByte ? [] : ["taken"],
                    text: """
                        /* Offsets of the entries of a row by steps of \(bits) bits. */
                        static int delta\(bits)_row(\(given), long *last, int count, int columns, const offset_t *at, offset_t *offsets)
                        {
                            \(opening)
                            long place = *last;
                            for (int k = 0; k < count; k++) {
                                place += \(step);
                                offsets[k] = at[place];
                            }
                            \(closing)
                            *last = place - columns;
                            return count;
                        }
                        """),
                CKernels.Kernel(
                    name: "delta\(bits)_sum", needs: isByte ? [] : ["taken"],
                    text: """
                        /* A row at one point by steps of \(bits) bits. */
                        static \(sum) delta\(bits)_sum(\(given), long *last, int count, int columns, const \(value) **row,
                                          const \(value) *x, \(sum) sum)
                        {
                            \(opening)
                            const \(value) *weights = *row;
                            long place = *last;
                            for (; count >= 4; count -= 4, weights += 4\(moving)) {
                                \(four)
                            }
                            for (; count > 0; count--, weights++\(movingOne)) {
                                \(product(0))
                            }
                            \(closing)
                            *row = weights;
                            *last = place - columns;
                            return sum;
                        }
                        """),
            ]
        }
    }

    /// Cut weights before each kept one.
    struct Gaps: CWalker {
        let encoding: any Encoding = Encodings.Gaps()
        let constants: Set<String> = ["bits"]
        let instructionsOfEntry = 9.0

        func state(_: DeviceTables, _ number: Int) -> [String] { ["const uint8_t *steps = steps\(number);"] }
        func row(_ tables: DeviceTables, _: Int) -> String {
            "gaps\(tables.constant("bits"))_row(&steps, \(tables.columns), at, offsets)"
        }
        func sum(_ tables: DeviceTables, _: Int, bias: String) -> String {
            "gaps\(tables.constant("bits"))_sum(&steps, \(tables.columns), &weights, x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum)
            return (2...8).flatMap { bits in
                [
                    CKernels.Kernel(
                        name: "gaps\(bits)_row",
                        text: """
                            /* Offsets of the weights of a row by the columns between them, \(bits) bits each. */
                            static int gaps\(bits)_row(const uint8_t **steps, int columns, const offset_t *at, offset_t *offsets)
                            {
                                const uint8_t *code = *steps;
                                const offset_t *from = at, *const end = at + columns;
                                ptrdiff_t count = 0;
                                \(Self.loop(bits, "offsets[count] = from[count];"))
                                *steps = code;
                                return (int)count;
                            }
                            """),
                    CKernels.Kernel(
                        name: "gaps\(bits)_sum",
                        text: """
                            /* A row at one point by the columns between its weights, \(bits) bits each. */
                            static \(sum) gaps\(bits)_sum(const uint8_t **steps, int columns, const \(value) **row, const \(value) *x,
                                            \(sum) sum)
                            {
                                const uint8_t *code = *steps;
                                const \(value) *const weights = *row, *from = x, *const end = x + columns;
                                ptrdiff_t count = 0;
                                \(Self.loop(bits, "sum += weights[count] * from[count];"))
                                *steps = code;
                                *row = weights + count;
                                return sum;
                            }
                            """),
                ]
            }
        }

        /// Steps until a long one reaches the end of the row; `from` goes over cut weights, `count` over kept ones. Where a byte has
        /// whole steps, all of them in one turn.
        private static func loop(_ bits: Int, _ found: String) -> String {
            let longest = 1 << bits - 1
            func taken(_ step: String) -> [String] {
                [
                    "    step = \(step);", "    if (step != \(longest)) {", "        from += step;",
                    "        \(found)", "        count++;", "    } else {",
                    "        if (end - (from + count) <= \(longest))", "            break;",
                    "        from += \(longest);", "    }",
                ]
            }
            var lines = ["size_t step;"]
            if 8 % bits == 0 {
                lines += ["for (;;) {", "    const size_t codes = *code++;"]
                for first in stride(from: 0, to: 8, by: bits) {
                    let shifted = first == 0 ? "codes" : "codes >> \(first)"
                    lines += taken(first + bits == 8 ? shifted : "\(shifted) & \(longest)")
                }
            } else {
                lines += ["unsigned held = 0;", "int left = 0;", "for (;;) {"]
                lines += [
                    "    if (left < \(bits)) {", "        held |= (unsigned)*code++ << left;", "        left += 8;",
                ]
                lines += ["    }"] + taken("held & \(longest)").prefix(1)
                lines += ["    held >>= \(bits);", "    left -= \(bits);"] + taken("").dropFirst()
            }
            return (lines + ["}"]).joined(separator: "\n    ")
        }
    }
}
