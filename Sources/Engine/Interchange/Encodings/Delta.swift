import Descriptors

extension Encodings {
    /// Distances from one entry to the next, over the whole layer as one row.
    ///
    /// ```
    /// name.counts   U16 [rows], U32 above 65,535 columns   entries in each row
    /// name.steps    U8 [⌈bits · entries / 8⌉]              the distance from the entry before (from position 0 at first)
    /// ```
    ///
    /// A distance that the bits do not hold is gone in steps of the largest: each lands on a cut weight, a filler, whose value is
    /// zero. So a reader adds the step and multiplies, without a question whether it was a weight. Steps of 5 bits lie one
    /// after another, the first in the lowest bits.
    package struct Delta: Encoding {
        package let descriptor: Descriptor
        private let bits: Int

        /// - Parameter bits: 1 to 8.
        package init(bits: Int) {
            self.bits = bits
            descriptor = Descriptor(
                name: "delta\(bits)",
                summary: "\(bits) bits of distance from the weight before, fillers over longer gaps",
                citation: bits == 5 ? "Han et al. 2015, arXiv:1510.00149" : nil)
        }

        private var longest: Int { 1 << bits - 1 }

        package func size(_ kept: KeptWeights) -> PlacesSize {
            var entries = kept.nnz
            var last = 0
            for position in kept.indices {
                if position > last { entries += (position - last - 1) / longest }
                last = position
            }
            return PlacesSize(
                bytes: Self.countBytes(kept.columns) * kept.rows + PackedBits.bytes(entries, bits: bits),
                entries: entries)
        }

        package func places(_ name: String, _ kept: KeptWeights) -> Places {
            var counts = [Int](repeating: 0, count: kept.rows)
            var steps: [UInt8] = []
            var entries: [Int] = []
            var last = 0
            for (ordinal, position) in kept.indices.enumerated() {
                while position - last > longest {
                    last += longest
                    counts[last / kept.columns] += 1
                    steps.append(UInt8(longest))
                    entries.append(-1)
                }
                counts[position / kept.columns] += 1
                steps.append(UInt8(position - last))
                entries.append(ordinal)
                last = position
            }
            return Places(
                tensors: [
                    Self.countBytes(kept.columns) == 2
                        ? Tensor(name + ".counts", counts.map { UInt16($0) })
                        : Tensor(name + ".counts", counts.map { UInt32($0) }),
                    Tensor(name + ".steps", PackedBits.pack(steps, bits: bits)),
                ], entries: entries)
        }

        package func positions(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int] {
            let counts = try file.whole(
                name + ".counts", Self.countBytes(columns) == 2 ? .u16 : .u32, shape: [rows])
            // Each at most 32 bits and fewer than 2³¹ of them: no sum of these overflows.
            let entries = counts.reduce(0, +)
            guard entries <= rows * columns else {
                throw FileProblem(
                    path: file.path, place: "tensor \(FileProblem.quote(name + ".counts"))",
                    found: "\(entries) entries", expected: "at most \(rows * columns)")
            }
            let steps = PackedBits.unpack(
                try file.bytes(name + ".steps", shape: [PackedBits.bytes(entries, bits: bits)]), count: entries,
                bits: bits)
            var positions: [Int] = []
            positions.reserveCapacity(entries)
            var position = 0
            for (row, count) in counts.enumerated() {
                for _ in 0..<count {
                    position += Int(steps[positions.count])
                    guard position >= row * columns, position < (row + 1) * columns else {
                        throw FileProblem(
                            path: file.path, place: "tensor \(FileProblem.quote(name + ".steps"))",
                            found: "position \(position) in row \(row)", expected: "one of its \(columns) columns")
                    }
                    positions.append(position)
                }
            }
            return positions
        }

        private static func countBytes(_ columns: Int) -> Int { columns <= 65_535 ? 2 : 4 }
    }
}
