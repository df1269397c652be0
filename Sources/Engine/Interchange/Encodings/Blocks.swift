import Descriptors

extension Encodings {
    /// Blocks of weights of which one at least is kept, whole; the order of SciPy's `bsr_matrix`.
    ///
    /// ```
    /// name.starts    U32 [block rows + 1]   the blocks of block row r are starts[r] ..< starts[r + 1]
    /// name.columns   U16 [blocks]           block column, ascending in a block row
    /// values         [blocks, height, width], zero where a weight is cut and past the layer's edge
    /// ```
    package struct Blocks: Encoding {
        package let descriptor: Descriptor
        private let height: Int
        private let width: Int

        package init(height: Int, width: Int) {
            (self.height, self.width) = (height, width)
            descriptor = Descriptor(
                name: "blocks\(height)x\(width)",
                summary: "Blocks of \(height) × \(width) with a weight in them, whole; 16 bits of column a block",
                citation: "Narang et al. 2017, arXiv:1711.02782")
        }

        package func refusal(_ kept: KeptWeights) -> String? {
            let across = Self.covering(kept.columns, width)
            return across > 65_536 ? "\(across) blocks in a row, 16 bits count 65,536" : nil
        }

        package func size(_ kept: KeptWeights) -> PlacesSize {
            var blocks = 0
            forEachBlockRow(kept) { _, columns in blocks += columns.count }
            return PlacesSize(
                bytes: 4 * (Self.covering(kept.rows, height) + 1) + 2 * blocks, entries: blocks * height * width)
        }

        package func places(_ name: String, _ kept: KeptWeights) -> Places {
            var starts: [UInt32] = [0]
            var columns: [UInt16] = []
            var entries: [Int] = []
            var next = 0
            forEachBlockRow(kept) { row, found in
                let first = entries.count
                entries += [Int](repeating: -1, count: found.count * height * width)
                var place: [Int: Int] = [:]
                for (block, column) in found.enumerated() { place[column] = block }
                while next < kept.nnz, kept.indices[next] < (row + 1) * height * kept.columns {
                    let (y, x) = kept.indices[next].quotientAndRemainder(dividingBy: kept.columns)
                    let block = first + place[x / width]! * height * width
                    entries[block + (y - row * height) * width + x % width] = next
                    next += 1
                }
                columns += found.map { UInt16($0) }
                starts.append(UInt32(columns.count))
            }
            return Places(
                tensors: [Tensor(name + ".starts", starts), Tensor(name + ".columns", columns)], entries: entries)
        }

        package func positions(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int] {
            let columnOf = try file.whole(name + ".columns", .u16)
            let blockRows = Self.covering(rows, height)
            let starts = try file.starts(name + ".starts", count: blockRows, entries: columnOf.count)
            var positions: [Int] = []
            for row in 0..<blockRows {
                for block in starts[row]..<starts[row + 1] {
                    try file.require(columnOf[block], below: Self.covering(columns, width), name + ".columns")
                    for y in row * height..<(row + 1) * height {
                        for x in columnOf[block] * width..<(columnOf[block] + 1) * width {
                            positions.append(y < rows && x < columns ? y * columns + x : -1)
                        }
                    }
                }
            }
            return positions
        }

        /// Calls with the ascending columns of the blocks that hold a weight, of each row of blocks.
        private func forEachBlockRow(_ kept: KeptWeights, _ visit: (_ row: Int, _ columns: [Int]) -> Void) {
            var seen = [Int](repeating: -1, count: Self.covering(kept.columns, width))
            var next = 0
            for row in 0..<Self.covering(kept.rows, height) {
                var found: [Int] = []
                while next < kept.nnz, kept.indices[next] < (row + 1) * height * kept.columns {
                    let column = kept.indices[next] % kept.columns / width
                    if seen[column] != row { found.append(column) }
                    seen[column] = row
                    next += 1
                }
                visit(row, found.sorted())
            }
        }

        private static func covering(_ length: Int, _ part: Int) -> Int { (length + part - 1) / part }
    }
}
