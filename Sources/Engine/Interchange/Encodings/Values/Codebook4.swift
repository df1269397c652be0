import Descriptors

extension ValueEncodings {
    /// ```
    /// name.values    U8 [⌈entries / 2⌉]   four bits an entry, the first lowest: which centre
    /// name.centres   F32 [16]             ascending; where the encoding needs zeros the first is 0, the rest ascend
    /// ```
    ///
    /// Centres by Lloyd's steps on the sorted weights, from evenly spaced ones and from evenly filled ones; the result with the
    /// smaller squared error stays. No random numbers: equal weights give equal bytes.
    package struct Codebook4: ValueEncoding {
        package let descriptor = Descriptor(
            name: "codebook4", summary: "4 bits: one of 16 float centres of the layer, by k-means",
            citation: "Han et al. 2015, arXiv:1510.00149")
        package let bits = 4

        package init() {}

        package func bytes(entries: Int, rows _: Int) -> Int { (entries + 1) / 2 + 64 }

        package func tensors(_ name: String, _ values: [Float?], rowOf _: [Int], rows _: Int) throws -> [Tensor] {
            let kept = values.compactMap { $0 }
            if let value = kept.first(where: { !$0.isFinite }) {
                throw ValueEncodings.unfit(name, value, "finite numbers")
            }
            let zeros = kept.count < values.count ? 1 : 0
            let centres = Self.centres(of: kept.sorted(), count: 16 - zeros)
            let codes = values.map { value -> UInt8 in
                guard let value else { return 0 }
                return UInt8(zeros + Self.nearest(value, centres))
            }
            return [
                Tensor(name + ".values", PackedBits.pack(codes, bits: 4)),
                Tensor(name + ".centres", [Float](repeating: 0, count: zeros) + centres),
            ]
        }

        package func values(_ name: String, rowOf: [Int], rows _: Int, from file: TensorFile) throws -> [Float] {
            let centres = try file.floats(name + ".centres", shape: [16])
            let packed = try file.bytes(name + ".values", shape: [PackedBits.bytes(rowOf.count, bits: 4)])
            return PackedBits.unpack(packed, count: rowOf.count, bits: 4).map { centres[Int($0)] }
        }

        /// - Parameter sorted: ascending.
        static func centres(of sorted: [Float], count: Int) -> [Float] {
            guard let low = sorted.first, let high = sorted.last else { return [Float](repeating: 0, count: count) }
            var sums: [Double] = [0], squares: [Double] = [0]
            for value in sorted {
                sums.append(sums[sums.count - 1] + Double(value))
                squares.append(squares[squares.count - 1] + Double(value) * Double(value))
            }
            let even = (0..<count).map { Double(low) + (Double(high) - Double(low)) * Double($0) / Double(count - 1) }
            let filled = (0..<count).map { Double(sorted[(2 * $0 + 1) * sorted.count / (2 * count)]) }
            var best = (centres: even, error: Double.infinity)
            for start in [even, filled] {
                var centres = start
                var error = Double.infinity
                for _ in 0..<100 {
                    var next = centres
                    var now = 0.0
                    var begin = 0
                    for index in 0..<count {
                        let end =
                            index == count - 1
                            ? sorted.count : firstAbove((centres[index] + centres[index + 1]) / 2, sorted, from: begin)
                        if end > begin {
                            let sum = sums[end] - sums[begin], n = Double(end - begin)
                            next[index] = sum / n
                            now += squares[end] - squares[begin] - sum * sum / n
                        }
                        begin = end
                    }
                    let isDone = next == centres || now >= error
                    (centres, error) = (next, min(error, now))
                    if isDone { break }
                }
                if error < best.error { best = (centres, error) }
            }
            return best.centres.map { Float($0) }
        }

        /// The first index whose value is above, not below `from`.
        private static func firstAbove(_ bound: Double, _ sorted: [Float], from: Int) -> Int {
            var low = from, high = sorted.count
            while low < high {
                let middle = (low + high) / 2
                if Double(sorted[middle]) <= bound { low = middle + 1 } else { high = middle }
            }
            return low
        }

        private static func nearest(_ value: Float, _ centres: [Float]) -> Int {
            var best = 0
            for index in centres.indices where abs(centres[index] - value) < abs(centres[best] - value) { best = index }
            return best
        }
    }
}
