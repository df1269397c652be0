import Descriptors

extension Encodings {
    /// N values in every M columns of a row, where N is the most that the layer keeps in any M: 2:4 where it was cut so.
    ///
    /// ```
    /// name.most     U8 [1]                                         N
    /// name.places   U8 [⌈log₂M⌉ bits an entry, the first lowest]   the column within its M
    /// values        [rows, ⌈columns / M⌉, N], zeros with place 0 after the weights of a group that keeps fewer
    /// ```
    package struct NOfM: Encoding {
        package let descriptor: Descriptor
        private let m: Int

        /// - Parameter m: a power of two from 2 to 128.
        package init(m: Int) {
            self.m = m
            descriptor = Descriptor(
                name: "nm\(m)",
                summary:
                    "N values in every \(m) columns with \(m.trailingZeroBitCount) bits of place; N from the layer",
                citation: "Zhou et al. 2021, arXiv:2102.04010")
        }

        private var bits: Int { m.trailingZeroBitCount }

        /// The most weights in a group: the N of N:M.
        package func n(_ kept: KeptWeights) -> Int {
            var most = 0
            forEachGroup(kept) { most = max(most, $0.count) }
            return most
        }

        package func size(_ kept: KeptWeights) -> PlacesSize {
            let entries = kept.rows * groups(kept.columns) * n(kept)
            return PlacesSize(bytes: 1 + PackedBits.bytes(entries, bits: bits), entries: entries)
        }

        package func places(_ name: String, _ kept: KeptWeights) -> Places {
            let n = n(kept)
            let count = kept.rows * groups(kept.columns) * n
            var places = [UInt8](repeating: 0, count: count)
            var entries = [Int](repeating: -1, count: count)
            forEachGroup(kept) { ordinals in
                let (row, column) = kept.indices[ordinals.lowerBound].quotientAndRemainder(dividingBy: kept.columns)
                let first = (row * groups(kept.columns) + column / m) * n
                for (entry, ordinal) in ordinals.enumerated() {
                    entries[first + entry] = ordinal
                    places[first + entry] = UInt8(kept.indices[ordinal] % kept.columns % m)
                }
            }
            return Places(
                tensors: [
                    Tensor(name + ".most", [UInt8(n)]), Tensor(name + ".places", PackedBits.pack(places, bits: bits)),
                ], entries: entries)
        }

        package func positions(_ name: String, rows: Int, columns: Int, from file: TensorFile) throws -> [Int] {
            let n = Int(try file.bytes(name + ".most", shape: [1])[0])
            try file.require(n, below: m + 1, name + ".most")
            let all = rows * groups(columns)
            let bytes = try file.bytes(name + ".places", shape: [PackedBits.bytes(all * n, bits: bits)])
            var positions: [Int] = []
            for (entry, place) in PackedBits.unpack(bytes, count: all * n, bits: bits).enumerated() {
                let group = entry / n
                let column = group % groups(columns) * m + Int(place)
                try file.require(column, below: columns, name + ".places")
                positions.append(group / groups(columns) * columns + column)
            }
            return positions
        }

        private func groups(_ columns: Int) -> Int { (columns + m - 1) / m }

        /// Calls with the kept weights of each group that has one, by their ordinals.
        private func forEachGroup(_ kept: KeptWeights, _ visit: (Range<Int>) -> Void) {
            var start = 0
            func group(_ ordinal: Int) -> Int {
                let (row, column) = kept.indices[ordinal].quotientAndRemainder(dividingBy: kept.columns)
                return row * groups(kept.columns) + column / m
            }
            while start < kept.nnz {
                let own = group(start)
                var end = start + 1
                while end < kept.nnz, group(end) == own { end += 1 }
                visit(start..<end)
                start = end
            }
        }
    }
}
