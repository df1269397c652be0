import Descriptors
import Interchange
import Testing

@Suite struct BitmaskTests {
    @Test func bitsAreLittleEndian() {
        let keep = [true, false, false, true, false, false, false, false, false, true]
        #expect(Bitmask.pack(keep) == [0b1001, 0b10])
        #expect(Bitmask.unpack([0b1001, 0b10], total: 10) == keep)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 64, 1001]) func roundTripInAFile(total: Int) throws {
        let keep = (0..<total).map { $0 % 3 == 0 }
        let dense = (0..<total).map { Float($0) + 0.5 }
        let mask = Bitmask(dense: dense, keep: keep)
        let file = TensorFile(tensors: mask.tensors("w"))
        #expect(
            file.tensors.reduce(0) { $0 + $1.bytes.count }
                == Bitmask.payloadBytes(total: total, nnz: keep.count { $0 }))
        let read = try Bitmask("w", total: total, from: file)
        #expect(read == mask && read.keep == keep)
        #expect(read.dense == zip(dense, keep).map { $1 ? $0 : 0 })
    }

    @Test func bitsAndValuesMustFit() {
        let values: [Float] = [1, 2]
        for bits in [[0b0000_0001], [0b0000_0111], [0b0010_0001], [0b11, 0]] as [[UInt8]] {
            let file = TensorFile(tensors: [Tensor("w.bitmask", bits), Tensor("w.values", values)])
            #expect(throws: FileProblem.self) { try Bitmask("w", total: 5, from: file) }
        }
    }

    @Test func formatsHaveDistinctNames() {
        #expect(Set(Formats.all.map(\.name)).count == Formats.all.count)
    }
}
