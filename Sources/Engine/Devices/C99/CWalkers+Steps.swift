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
}
