import Descriptors

extension Encodings {
    /// How many cut weights lie before each kept one of its row, in steps of as few bits as make the layer smallest.
    ///
    /// ```
    /// name.bits    U8 [1]   the bits of a step, 2 to 8
    /// name.steps   U8       row after row, each from a byte on; the first step in the lowest bits
    /// ```
    ///
    /// A row is read from column 0 on. A step below the largest number: so many columns on there is a weight, and reading goes
    /// on behind it. The largest number: so many columns on, without a weight; where that reaches the end of the row, the row
    /// is over, and every row ends so. So there is neither a value for a long gap nor a count of weights, and a reader asks for the
    /// end only where a gap is long.
    package struct Gaps: Encoding {
        package let descriptor = Descriptor(
            name: "gaps", summary: "2 to 8 bits of cut weights before each kept one, no values over longer gaps")
        package let isExact = true

        /// Of a step; nil: those of the fewest bytes.
        private let bits: Int?

        /// - Precondition: 2 to 8 bits.
        package init(bits: Int? = nil) { self.bits = bits }

        private static let widths = 2...8

        package func size(_ kept: KeptWeights) -> PlacesSize {
            let bytes = bits.map { Self.bytes(kept, bits: $0) } ?? Self.best(kept).bytes
            return PlacesSize(bytes: 1 + bytes, entries: kept.nnz)
        }

        package func places(_ name: String, _ kept: KeptWeights) -> Places {
            let (bits, rows) = steps(kept)
            return Places(
                tensors: [
                    Tensor(name + ".bits", [UInt8(bits)]),
                    Tensor(name + ".steps", rows.flatMap { PackedBits.pack($0, bits: bits) }),
                ],
                entries: Array(kept.indices.indices))
        }

        /// The bits of a step, and the steps of each row.
        package func steps(_ kept: KeptWeights) -> (bits: Int, rows: [[UInt8]]) {
            let bits = bits ?? Self.best(kept).bits, longest = 1 << bits - 1
            var rows: [[UInt8]] = []
            kept.forEachRow { row, ordinals in
                var steps: [UInt8] = [], place = row * kept.columns
                for position in kept.indices[ordinals] {
                    let (long, rest) = (position - place).quotientAndRemainder(dividingBy: longest)
                    steps += [UInt8](repeating: UInt8(longest), count: long) + [UInt8(rest)]
                    place = position + 1
                }
                let last = Self.lastSteps((row + 1) * kept.columns - place, longest)
                rows.append(steps + [UInt8](repeating: UInt8(longest), count: last))
            }
            return (bits, rows)
        }

        package func positions(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int] {
            let bits = Int(try file.bytes(name + ".bits", shape: [1])[0])
            let bytes = try file.tensor(name + ".steps", .u8).bytes
            func problem(_ found: String, _ expected: String) -> FileProblem {
                FileProblem(
                    path: file.path, place: "tensor \(FileProblem.quote(name + ".steps"))", found: found,
                    expected: expected)
            }
            guard Self.widths.contains(bits) else { throw problem("steps of \(bits) bits", "2 to 8 bits") }
            var positions: [Int] = [], next = 0
            for row in 0..<rows {
                var column = 0, held = 0, count = 0
                while true {
                    if count < bits {
                        guard next < bytes.count else { throw problem("no end of row \(row)", "\(rows) rows") }
                        held |= Int(bytes[next]) << count
                        count += 8
                        next += 1
                    }
                    let step = held & (1 << bits - 1)
                    held >>= bits
                    count -= bits
                    column += step
                    if step < 1 << bits - 1 {
                        guard column < columns else {
                            throw problem("column \(column) in row \(row)", "one of its \(columns) columns")
                        }
                        positions.append(row * columns + column)
                        column += 1
                    } else if column >= columns {
                        break
                    }
                }
            }
            guard next == bytes.count else { throw problem("\(bytes.count - next) bytes past the last row", "none") }
            return positions
        }

        /// The width of fewest bytes, and the bytes of the steps.
        private static func best(_ kept: KeptWeights) -> (bits: Int, bytes: Int) {
            widths.map { bits in (bits, bytes(kept, bits: bits)) }.min { $0.1 < $1.1 }!
        }

        private static func bytes(_ kept: KeptWeights, bits: Int) -> Int {
            let longest = 1 << bits - 1
            var bytes = 0
            kept.forEachRow { row, ordinals in
                var steps = 0, place = row * kept.columns
                for position in kept.indices[ordinals] {
                    steps += (position - place) / longest + 1
                    place = position + 1
                }
                steps += lastSteps((row + 1) * kept.columns - place, longest)
                bytes += PackedBits.bytes(steps, bits: bits)
            }
            return bytes
        }

        /// Steps over the cut weights behind a row's last kept one: at least one, as a row ends with it.
        private static func lastSteps(_ gap: Int, _ longest: Int) -> Int { max(1, (gap + longest - 1) / longest) }
    }
}
