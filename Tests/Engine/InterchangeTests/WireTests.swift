import Interchange
import Kernels
import Testing

/// Fields of protocol buffers, by literal bytes of the format's documentation and by what must be refused.
@Suite struct WireTests {
    private func fields(_ bytes: [UInt8]) throws -> [(Int, WireReader.Value)] {
        var reader = WireReader(MappedFile(bytes, path: "wire")), fields: [(Int, WireReader.Value)] = []
        while let field = try reader.next() { fields.append((field.number, field.value)) }
        return fields
    }

    @Test func literalFields() throws {
        // Of the encoding's documentation: field 1 is 150; field 2 is "testing".
        let read = try fields([0x08, 0x96, 0x01, 0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
        #expect(read.map(\.0) == [1, 2])
        guard case .varint(150) = read[0].1, case .bytes(5..<12) = read[1].1 else {
            Issue.record("\(read)")
            return
        }
    }

    @Test func writtenIsRead() throws {
        var writer = WireWriter()
        writer.integer(1, -3)
        writer.float(2, 1.5)
        writer.text(3, "ü")
        writer.integers(4, [1, 300, .min])
        writer.floats(5, [0.25, -.infinity])
        writer.message(6) { $0.integer(7, 8) }
        var reader = WireReader(MappedFile(writer.bytes, path: "wire"))
        var integers: [Int] = [], floats: [Float] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: #expect(try reader.integer(field) == -3)
            case 2: #expect(try reader.float(field) == 1.5)
            case 3: #expect(try reader.text(field) == "ü")
            case 4: try reader.integers(field, into: &integers, most: 3)
            case 5: try reader.floats(field, into: &floats, most: 2)
            default:
                var inner = reader.inner(try reader.range(field))
                let field = try #require(try inner.next())
                #expect(try inner.integer(field) == 8)
            }
        }
        #expect(integers == [1, 300, .min] && floats == [0.25, -.infinity])
    }

    @Test(
        arguments: [
            [0x08], [0x08, 0x80], [0x0A, 5, 1], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
            [0x0D, 1, 2],
            [0x09, 1], [0x0B], [0x0C], [0x0E], [0x00, 1],
            [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2],
        ] as [[UInt8]])
    func damagedFieldsAreRefused(bytes: [UInt8]) {
        #expect(throws: FileProblem.self) { try fields(bytes) }
    }

    @Test func listsAreBounded() throws {
        var writer = WireWriter()
        writer.integers(1, Array(repeating: 1, count: 9))
        writer.floats(2, Array(repeating: 1, count: 9))
        var reader = WireReader(MappedFile(writer.bytes, path: "wire"))
        var integers: [Int] = [], floats: [Float] = []
        let first = try #require(try reader.next()), second = try #require(try reader.next())
        #expect(throws: FileProblem.self) { try reader.integers(first, into: &integers, most: 8) }
        #expect(throws: FileProblem.self) { try reader.floats(second, into: &floats, most: 8) }
    }
}
