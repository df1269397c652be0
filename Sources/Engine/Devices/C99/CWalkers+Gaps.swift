import Interchange

extension CWalkers {
    /// Cut weights before each kept one, in steps of so many bits. In C each step is one more, and the longest is 0: what is tested
    /// at each step is found without a comparison.
    struct Gaps: CWalker {
        let encoding: any Encoding
        var name: String { "\(encoding.name)\(bits)" }
        let constants: Set<String> = ["bits"]
        let instructionsOfEntry = 3.0
        private let gaps: Encodings.Gaps
        private let bits: Int
        private var longest: Int { 1 << bits - 1 }

        init(bits: Int) {
            self.bits = bits
            gaps = Encodings.Gaps(bits: bits)
            encoding = gaps
        }

        func places(_ kept: KeptWeights) -> Places {
            let written = gaps.places("", kept)
            let bytes = gaps.steps(kept).rows.flatMap { row in
                PackedBits.pack(row.map { $0 == longest ? 0 : $0 + 1 }, bits: bits)
            }
            return Places(
                tensors: written.tensors.map { $0.name == ".steps" ? Tensor($0.name, bytes) : $0 },
                entries: written.entries)
        }

        /// A step takes more where it lies in two bytes; one over a long gap goes aside.
        func instructions(_ kept: KeptWeights) -> Double {
            let steps = Double(8 * (gaps.size(kept).bytes - 1)) / Double(bits), weights = Double(kept.nnz)
            let ofStep = bits == 8 ? 3.0 : 8 % bits == 0 ? 4.0 : 5.0
            return steps * ofStep + max(0, steps - weights) * 5 + weights * instructionsOfEntry
        }

        func state(_: DeviceTables, _ number: Int) -> [String] { ["const uint8_t *steps = steps\(number);"] }
        func row(_ tables: DeviceTables, _: Int) -> String { "gaps\(bits)_row(&steps, \(tables.columns), at, offsets)" }
        func sum(_ tables: DeviceTables, _: Int, bias: String) -> String {
            "gaps\(bits)_sum(&steps, \(tables.columns), &weights, x, \(bias))"
        }
        func kernels(_ types: CTypes) -> [CKernels.Kernel] {
            let (value, sum) = (types.value, types.sum)
            return [
                CKernels.Kernel(
                    name: "gaps\(bits)_row",
                    text: """
                        /* Offsets of the weights of a row by the columns between them, \(bits) bits each. */
                        static int gaps\(bits)_row(const uint8_t **steps, int columns, const offset_t *at, offset_t *offsets)
                        {
                            const uint8_t *code = *steps;
                            const offset_t *from = at, *const last = columns > \(longest) ? at + (columns - \(longest)) : at;
                            ptrdiff_t count = 0;
                            \(loop("offsets[#] = from[-1];"))
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
                            const \(value) *const weights = *row, *from = x, *const last = columns > \(longest) ? x + (columns - \(longest)) : x;
                            ptrdiff_t count = 0;
                            \(loop("sum += weights[#] * from[-1];"))
                            *steps = code;
                            *row = weights + count;
                            return sum;
                        }
                        """),
            ]
        }

        /// A byte a turn, or eight steps where they do not fill one; until a long one reaches the end of the row. `from` is behind the
        /// last column that was read. `count` is that of the weights before this turn, less the long steps of this turn.
        ///
        /// - Parameter found: what is done with a weight, where `#` stands for its number.
        private func loop(_ found: String) -> String {
            let steps = 8 % bits == 0 ? 8 / bits : 8
            var lines = ["size_t held = 0, step;", "for (;; code += \(bits * steps / 8), count += \(steps)) {"]
            var read = 0
            for number in 0..<steps {
                let have = 8 * read - bits * number
                if have < bits {
                    lines.append(
                        have == 0 ? "    held = code[\(read)];" : "    held += (size_t)code[\(read)] << \(have);")
                    read += 1
                }
                let isLast = 8 * read == bits * (number + 1)
                lines.append(isLast ? "    step = held;" : "    step = held & \(longest);")
                if !isLast { lines.append("    held >>= \(bits);") }
                let place = number == 0 ? "count" : "count + \(number)"
                lines += [
                    "    if (step) {", "        from += step;", "        " + found.replacing("#", with: place),
                    "    } else {",
                    "        if (from >= last) {", "            code += \(read);",
                ]
                if number > 0 { lines.append("            count += \(number);") }
                lines += [
                    "            break;", "        }", "        from += \(longest);", "        count--;", "    }",
                ]
            }
            return (lines + ["}"]).joined(separator: "\n    ")
        }
    }
}
