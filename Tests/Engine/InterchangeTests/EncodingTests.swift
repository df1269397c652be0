import Descriptors
import Foundation
import Interchange
import Testing

@Suite struct EncodingTests {
    /// SplitMix64, so that a mask can be made again elsewhere.
    private struct Draw {
        var state: UInt64

        mutating func uniform() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return Double((z ^ z >> 31) >> 11) * 0x1p-53
        }
    }

    private static func random(_ rows: Int, _ columns: Int, _ density: Double, seed: UInt64 = 1) -> KeptWeights {
        var draw = Draw(state: seed)
        return KeptWeights(
            rows: rows, columns: columns, keep: (0..<rows * columns).map { _ in draw.uniform() < density })
    }

    private static let layers: [(String, KeptWeights)] = [
        ("random", random(13, 37, 0.3)), ("wide", random(3, 1000, 0.02)), ("full", random(5, 9, 2)),
        ("empty", random(5, 9, 0)), ("one column", random(70, 1, 0.5)), ("one row", random(1, 700, 0.1)),
        ("one weight", random(1, 1, 2)), ("two of three", KeptWeights(rows: 1, columns: 3, indices: [0, 2])),
        ("254", random(4, 254, 2)), ("255", random(4, 255, 2)),
        ("256", random(4, 256, 2)), ("257", random(4, 257, 0.5)), ("65,535", random(2, 65_535, 0.001)),
        ("65,536", random(2, 65_536, 0.001)), ("65,537", random(2, 65_537, 0.001)),
        ("empty rows", KeptWeights(rows: 9, columns: 40, indices: [41, 79, 200])),
        ("ends", KeptWeights(rows: 3, columns: 300, indices: [0, 299, 300, 899])),
        // Distances of exactly the longest step, and one more.
        ("steps", KeptWeights(rows: 4, columns: 300, indices: [31, 63, 94, 349, 605, 1199])),
    ]

    @Test(arguments: layers.indices) func roundTripAndExactBytes(number: Int) throws {
        let (name, kept) = Self.layers[number]
        var draw = Draw(state: 7)
        let weights = kept.indices.map { _ in Float(draw.uniform() - 0.5) }
        for encoding in Encodings.all {
            for values in ValueEncodings.all {
                let form = EncodedLayer(encoding, values)
                guard let bytes = form.bytes(kept) else {
                    #expect(kept.columns > 65_536, "\(name) \(encoding.name)")
                    #expect(throws: ArgumentError.self) { try form.tensors("w", kept, weights) }
                    continue
                }
                let file = TensorFile(tensors: try form.tensors("w", kept, weights))
                #expect(file.tensors.reduce(0) { $0 + $1.bytes.count } == bytes, "\(name) \(encoding.name)")
                let back = try form.read("w", rows: kept.rows, columns: kept.columns, from: file)
                if values.name == "float32" {
                    #expect(back.kept == kept && back.weights == weights, "\(name) \(encoding.name)")
                }
                if encoding.isExact { #expect(back.kept == kept, "\(name) \(encoding.name) \(values.name)") }
                let given = Dictionary(uniqueKeysWithValues: zip(kept.indices, weights))
                // Half a step of each: 2⁻¹² below 1/2, 1/254 of the largest; 16 centres leave a 16th of the range.
                let most: Float = ["float32": 0, "half": 0x1p-12, "int8": 0.5 / 254 + 1e-6, "codebook4": 0.1][
                    values.name]!
                for (position, weight) in zip(back.kept.indices, back.weights) {
                    let given = try #require(given[position], "\(name) \(encoding.name)")
                    #expect(abs(weight - given) <= most, "\(name) \(encoding.name) \(values.name)")
                }
            }
        }
    }

    private static func tensors(_ encoding: String, _ kept: KeptWeights) throws -> [String: [UInt8]] {
        let form = EncodedLayer(try Encodings.make(encoding), try ValueEncodings.make("int8"))
        let weights = kept.indices.indices.map { Float($0 + 1) }
        return Dictionary(
            uniqueKeysWithValues: try form.tensors("w", kept, weights).map { ($0.name, $0.bytes) })
    }

    /// Each row's largest value becomes 127.
    @Test func layoutsAreAsDocumented() throws {
        // ·1··   2···   ····   ··3·
        let kept = KeptWeights(rows: 4, columns: 4, indices: [1, 4, 14])
        #expect(
            try Self.tensors("dense", kept)["w.values"] == [0, 127, 0, 0, 127] + [0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0])
        #expect(try Self.tensors("bitmask", kept)["w.bitmask"] == [0b0001_0010, 0b0100_0000])
        let csr = try Self.tensors("csr16", kept)
        #expect(csr["w.starts"] == [0, 1, 2, 2, 3].flatMap { [$0, 0, 0, 0] as [UInt8] })
        #expect(csr["w.columns"] == [1, 0, 0, 0, 2, 0])
        #expect(try Self.tensors("csr8", kept)["w.counts"] == [1, 1, 0, 1])
        #expect(try Self.tensors("csr8", kept)["w.columns"] == [1, 0, 2])
        #expect(try Self.tensors("delta8", kept)["w.steps"] == [1, 3, 10])
        #expect(try Self.tensors("delta8", kept)["w.counts"] == [1, 0, 1, 0, 0, 0, 1, 0])
        // 00001, 00011, 01010 from the lowest bit on.
        #expect(try Self.tensors("delta5", kept)["w.steps"] == [0b011_00001, 0b0_01010_00])
        // Cut weights before each kept one; 11: three more, or the end.
        #expect(try Self.tensors("gaps", kept)["w.bits"] == [2])
        #expect(try Self.tensors("gaps", kept)["w.steps"] == [0b11_01, 0b11_00, 0b11_11, 0b11_10])
        let blocks = try Self.tensors("blocks4x1", kept)
        #expect(blocks["w.columns"] == [0, 0, 1, 0, 2, 0])
        #expect(blocks["w.values"] == [0, 127, 0, 0, 127, 0, 0, 0, 0, 0, 0, 127])
        #expect(try Self.tensors("nm4", kept)["w.places"] == [0b10_00_00_01])
        #expect(try Self.tensors("nm4", kept)["w.most"] == [1])
    }

    @Test func fillersStepOverLongGaps() throws {
        let kept = KeptWeights(rows: 2, columns: 300, indices: [0, 255, 511, 599])
        #expect(try Self.tensors("delta8", kept)["w.steps"] == [0, 255, 255, 1, 88])
        #expect(try Self.tensors("delta8", kept)["w.counts"] == [2, 0, 3, 0])
        #expect(try Self.tensors("delta8", kept)["w.values"] == [64, 127, 0, 95, 127])
        #expect(try Self.tensors("gaps", kept)["w.steps"] == [0, 254, 255, 211, 87, 255])
    }

    /// The design's table: 300 × 784 in 8-bit values, KiB. It leaves the scales of the rows out.
    @Test(arguments: [
        (0.1, 51.7, 70.1, 46.5, 39.4, 36.4), (0.05, 40.2, 35.6, 23.6, 24.0, 19.7), (0.01, 31.0, 8.1, 5.6, 14.5, 4.6),
    ]) func theDesignsTable(
        density: Double, bitmask: Double, csr: Double, delta8: Double, delta5: Double, bound: Double
    ) throws {
        let total = 300 * 784, nnz = Int((density * Double(total)).rounded())
        // Exactly so many, and the gaps' quantiles in a shuffled order: no seed decides about the last digit.
        var gaps = (0..<nnz).map { 1 + Int(log(1 - (Double($0) + 0.5) / Double(nnz)) / log(1 - density)) }
        var draw = Draw(state: 3)
        for last in stride(from: nnz - 1, to: 0, by: -1) { gaps.swapAt(last, Int(draw.uniform() * Double(last + 1))) }
        var position = -1
        let indices = gaps.map { gap -> Int in
            position += gap
            return position
        }
        let kept = KeptWeights(rows: 300, columns: 784, indices: indices.filter { $0 < total })
        #expect(abs(kept.nnz - nnz) <= nnz / 500)
        func shown(_ bytes: Double) -> Double { (bytes / 1024 * 10).rounded() / 10 }
        func kib(_ name: String) throws -> Double {
            let form = EncodedLayer(try Encodings.make(name), try ValueEncodings.make("int8"))
            return shown(Double(form.bytes(kept)! - 4 * 300))
        }
        #expect(try kib("dense") == 229.7)
        #expect(try kib("bitmask") == bitmask)
        #expect(try kib("csr16") == csr)
        #expect(try kib("delta8") == delta8)
        #expect(try kib("delta5") == delta5)
        let skipped = try kib("gaps")
        #expect(skipped < min(delta8, delta5) && skipped < bound * 1.12, "\(skipped)")
        #expect(shown(kept.entropyBound(valueBits: 8)) == bound)
    }

    @Test func theSmallestIsChosen() throws {
        let values = try ValueEncodings.make("float32")
        #expect(EncodedLayer.smallest(Self.random(30, 100, 2), values).encoding.name == "dense")
        #expect(EncodedLayer.smallest(Self.random(30, 100, 0.5), values).encoding.name == "bitmask")
        #expect(EncodedLayer.smallest(Self.random(30, 2000, 0.03), values).encoding.name == "gaps")
        // Two of four.
        let pairs = KeptWeights(rows: 8, columns: 64, keep: (0..<512).map { $0 % 4 < 2 })
        let half = try ValueEncodings.make("half")
        let nm = EncodedLayer(try Encodings.make("nm4"), half)
        #expect(nm.bytes(pairs) == 512 / 2 * 2 + 512 / 2 / 4 + 1)
    }

    /// What a stranger changed is an error with the tensor's name, never a trap.
    @Test(arguments: Encodings.all.map(\.name)) func damagedBytesAreRefused(name: String) throws {
        let kept = Self.random(6, 40, 0.2)
        let form = EncodedLayer(try Encodings.make(name), try ValueEncodings.make("codebook4"))
        let tensors = try form.tensors("w", kept, kept.indices.map { Float($0) })
        var draw = Draw(state: 5)
        for tensor in tensors {
            #expect(throws: FileProblem.self) {
                let rest = TensorFile(tensors: tensors.filter { $0.name != tensor.name })
                _ = try form.read("w", rows: 6, columns: 40, from: rest)
            }
            guard !tensor.bytes.isEmpty else { continue }
            for _ in 0..<40 {
                var bytes = tensor.bytes
                bytes[Int(draw.uniform() * Double(bytes.count))] = UInt8(draw.uniform() * 256)
                let damaged = Tensor(tensor.name, tensor.type, shape: tensor.shape, bytes: bytes)
                let file = TensorFile(tensors: tensors.map { $0.name == damaged.name ? damaged : $0 })
                if let back = try? form.read("w", rows: 6, columns: 40, from: file) {
                    #expect(back.kept.indices.allSatisfy { $0 >= 0 && $0 < 240 })
                }
            }
        }
        if form.encoding.isExact {
            #expect(throws: FileProblem.self) {
                _ = try form.read("w", rows: 1, columns: 3, from: TensorFile(tensors: tensors))
            }
        }
    }

    @Test func whatDoesNotFitIsSaid() throws {
        let kept = KeptWeights(rows: 1, columns: 2, indices: [1])
        for (values, weight) in [("half", 70_000 as Float), ("int8", .infinity), ("codebook4", .nan)] {
            let form = EncodedLayer(try Encodings.make("bitmask"), try ValueEncodings.make(values))
            #expect(throws: ArgumentError.self) { try form.tensors("fc1", kept, [weight]) }
        }
        #expect(throws: ArgumentError.self) { try Encodings.make("csr7") }
        #expect(throws: ArgumentError.self) { try ValueEncodings.make("int7") }
    }

    @Test func namesAreUnique() {
        for names in [Encodings.all.map(\.name), ValueEncodings.all.map(\.name)] {
            #expect(Set(names).count == names.count)
        }
    }
}
